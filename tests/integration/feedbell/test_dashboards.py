"""The dashboard, the alerts and the documentation against what is exported; the judges are Grafana's own types and
a parser of PromQL."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from feedbell.metrics.counts import Counts
from feedbell.metrics.textfile import MetricsFile
from feedbell.monitor import Monitor, read_once
from tests.support.scraping import Scrape, watched
from tests.support.site import Flow, endpoint, post

PROJECT = Path(__file__).parents[3]
DASHBOARD: dict[str, Any] = json.loads((PROJECT / "config/grafana.json").read_text(encoding="utf-8"))
ALERTS: dict[str, Any] = yaml.safe_load((PROJECT / "config/prometheus-alerts.yml").read_text(encoding="utf-8"))
# Of Prometheus itself, and of its clients for every process.
OTHERS = {"up", "process_cpu_seconds_total", "process_resident_memory_bytes"}


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scrape]:
    """What `feedbell run` shows of a site with posts, an endpoint, a broken file and a feed; and `feedbell once`."""
    folder = tmp_path_factory.mktemp("exported")
    monitor = Monitor()
    nobody = "http://127.0.0.1:9/"
    settings = f'{endpoint(nobody)}[[sources]]\ntype = "feed"\nurl = "{nobody}"\n'
    flow = Flow(folder, f"sqlite:///{folder}/exported.db", settings, metrics=monitor.counts)
    flow.write(a=post("A"), bad="---\ntitle: [\n---\n")
    flow.run()
    flow.app.pipeline.poll_upstreams()
    flow.app.notifying.make_engine().stop(0)
    monitor.counts.responses[200] += 1
    monitor.follow(flow.app)
    file = folder / "x.prom"
    MetricsFile(file, Counts()).write(read_once(flow.app), datetime.now(UTC))
    of_once = "\n".join(line for line in file.read_text().splitlines() if "feedbell_last_run" in line)
    watched(monitor)
    yield Scrape(f"{monitor.metrics('')[0].decode()}{of_once}\n")
    flow.close()


def panels() -> list[dict[str, Any]]:
    return list(DASHBOARD["panels"])


def expressions_of_dashboard() -> list[str]:
    return [target["expr"] for panel in panels() for target in panel.get("targets", ())]


def rules() -> list[dict[str, Any]]:
    return [rule for group in ALERTS["groups"] for rule in group["rules"]]


def asked(expression: str) -> tuple[set[str], set[str]]:
    """Return the metrics that an expression asks for and the labels that it chooses them by."""
    # Grafana fills these in before Prometheus sees the expression.
    filled = expression.replace("$__rate_interval", "5m")
    names: set[str] = set()
    labels: set[str] = set()

    def look(node: Any) -> None:
        if isinstance(node, promql_parser.VectorSelector):
            names.add(str(node.name))
            labels.update(matcher.name for matcher in node.matchers.matchers)
        modifier = getattr(node, "modifier", None)
        labels.update(getattr(getattr(modifier, "matching", None) or modifier, "labels", ()))
        for attribute in ("lhs", "rhs", "expr", "args", "vector_selector", "param"):
            below = getattr(node, attribute, None)
            for one in below if isinstance(below, list) else [below]:
                if one is not None:
                    look(one)

    look(promql_parser.parse(filled))
    return names, labels


def known_labels(exported: Scrape) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name, labels in exported.samples:
        found.setdefault(name, {"job", "instance"}).update(label for label, _ in labels)
    return found


@pytest.mark.parametrize("place", ["dashboard", "alerts"])
def test_everything_that_is_asked_for_is_exported(exported: Scrape, place: str) -> None:
    expressions = expressions_of_dashboard() if place == "dashboard" else [rule["expr"] for rule in rules()]
    assert len(expressions) > 10
    known = known_labels(exported)
    for expression in expressions:
        names, labels = asked(expression)
        assert names or expression == "vector(0)", expression
        for name in names:
            assert name in known or name in OTHERS, f"{name} in {expression}"
        allowed = {label for name in names for label in known.get(name, {"job", "instance"})}
        assert labels <= allowed, expression


def test_the_dashboard_leaves_nothing_out(exported: Scrape) -> None:
    shown = {name for expression in expressions_of_dashboard() for name in asked(expression)[0]}
    ours = {re.sub("_(bucket|sum|count)$", "", name) for name in exported.names if name.startswith("feedbell_")}
    assert ours - {re.sub("_bucket$", "", name) for name in shown} == {"feedbell_last_run_timestamp_seconds"}


def test_grafana_knows_every_key_of_the_dashboard() -> None:
    register_default_plugins()
    known = json.loads(json.dumps(Dashboard.from_json(DASHBOARD), cls=JSONEncoder))
    assert list(_lost(DASHBOARD, known)) == []
    ids = [panel["id"] for panel in panels()]
    assert len(set(ids)) == len(ids)
    taken: set[tuple[int, int]] = set()
    for panel in panels():
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not cells & taken, panel["title"]
        taken |= cells
    names = {variable["name"] for variable in DASHBOARD["templating"]["list"]}
    used = set(re.findall(r"\$\{?(\w+)", json.dumps(DASHBOARD))) - {"__rate_interval", "__all"}
    assert used == names


def _lost(ours: Any, known: Any, place: str = "") -> Iterator[str]:
    """Give what Grafana's own types did not take up or give back otherwise."""
    if isinstance(ours, Mapping):
        for key, value in ours.items():
            if not isinstance(known, Mapping) or key not in known:
                # Nothing, an empty list and a zero need no place of their own.
                if value not in (None, [], 0, False):
                    yield f"{place}.{key}"
            else:
                yield from _lost(value, known[key], f"{place}.{key}")
    elif isinstance(ours, list):
        for number, value in enumerate(ours):
            yield from _lost(value, known[number], f"{place}[{number}]")
    elif ours != known:
        yield f"{place}: {ours!r} became {known!r}"


def test_alerts_have_all_that_people_need() -> None:
    names = [rule["alert"] for rule in rules()]
    assert len(set(names)) == len(names)
    for rule in rules():
        # https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}, rule["alert"]
        assert rule["labels"]["severity"] in ("warning", "critical")
        assert set(rule["annotations"]) == {"summary", "description"}
        assert re.fullmatch(r"\d+m", rule.get("for", "0m"))


def test_the_documentation_has_every_metric(exported: Scrape) -> None:
    text = (PROJECT / "docs/operating.md").read_text(encoding="utf-8")
    documented = {
        found[1]: (set(re.findall(r"`(\w+)`", found[2])), found[3])
        for found in re.finditer(r"^\| `(feedbell_\w+)` \| (.*?) ?\| (.*) \|$", text, re.MULTILINE)
    }
    labels = known_labels(exported)
    ours = {}
    for family in exported.families:
        if family.name.startswith("feedbell_"):
            name = family.name + "_total" * (family.type == "counter")
            sample = name + "_count" * (family.type == "histogram")
            ours[name] = (labels[sample] - {"job", "instance"}, family.documentation)
    assert documented == ours
