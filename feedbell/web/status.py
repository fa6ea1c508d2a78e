"""The pages for those who watch: `/healthz`, `/readyz`, `/metrics`."""

import json
from collections.abc import Callable, Mapping

from starlette.datastructures import Headers

from feedbell.readiness import Check, problems
from feedbell.web.answer import Answer, Page

HEALTH, READINESS, METRICS = "/healthz", "/readyz", "/metrics"
_NEVER_KEPT = {"cache-control": "no-store"}

ReadMetrics = Callable[[str], tuple[bytes, str]]  # from an Accept field to text and media type


def status_pages(checks: Callable[[], Mapping[str, Check]], metrics: ReadMetrics | None) -> dict[str, Page]:
    """Return the pages by their paths; there are no metrics without `metrics`."""

    def health(headers: Headers) -> Answer:
        return _json(200, {"alive": True})

    def readiness(headers: Headers) -> Answer:
        found = problems(checks())
        ready = not any(found.values())
        return _json(
            200 if ready else 503, {"ready": ready, "checks": {key: why or "ok" for key, why in found.items()}}
        )

    pages: dict[str, Page] = {HEALTH: health, READINESS: readiness}
    if metrics is not None:
        pages[METRICS] = _metrics_page(metrics)
    return pages


def _metrics_page(metrics: ReadMetrics) -> Page:
    def page(headers: Headers) -> Answer:
        body, media_type = metrics(headers.get("accept", ""))
        return Answer(200, {"content-type": media_type, "vary": "Accept", **_NEVER_KEPT}, body)

    return page


def _json(status: int, value: object) -> Answer:
    body = json.dumps(value).encode() + b"\n"
    return Answer(status, {"content-type": "application/json", **_NEVER_KEPT}, body)
