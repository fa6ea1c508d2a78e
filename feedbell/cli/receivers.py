"""Who takes requests with bodies while `feedbell run` serves, by the prefixes of their paths."""

from feedbell.web.receiver import Intake, Intakes
from feedbell.websub.addresses import HUB_PATH
from feedbell.websub.receiving import hub_intake
from feedbell.websub.subscribing import PREFIX, Subscribing
from feedbell.wiring import App


def receivers_of(app: App) -> Intakes:
    """Return the receivers that the settings of an app ask for."""
    found: dict[str, Intake] = {}
    if (hub := app.websub.hub) is not None:
        found[HUB_PATH] = hub_intake(hub)
    if (subscribing := app.upstreams.subscribing) is not None:
        found[PREFIX] = _callback(app, subscribing)
    return found


def _callback(app: App, subscribing: Subscribing) -> Intake:
    """Return who answers hubs and takes what they send."""
    # Few sites listen to hubs.
    from feedbell.websub.callback import Callback, Notices

    # Made here and now, not by two threads at once.
    _ = app.upstreams.poller
    return Intake(
        receive=Callback(
            engine=subscribing.engine,
            clock=subscribing.clock,
            deliver=subscribing.pushes.put,
            notices=Notices(leases=subscribing.subscriber.wake, polls=subscribing.poll),
        ),
        methods=("GET", "POST"),
        max_bytes=app.settings.polling.max_bytes,
        seconds=app.settings.polling.deadline_seconds,
    )
