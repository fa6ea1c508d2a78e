"""The whole notifier at work on a database in which deliveries wait."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bench.notify.place import open_app
from bench.notify.spent import Meter, Spent


@dataclass(frozen=True, slots=True, kw_only=True)
class Drained:
    """What sending took, and when it began."""

    spent: Spent
    began: datetime


def drain(folder: Path, database: str, seconds: float) -> Drained:
    """Send all that is due with what the settings build; claim nothing more after `seconds`."""
    app = open_app(folder, database)
    sending = app.notifying.make_engine()
    began, meter = app.clock(), Meter()
    tally = sending.engine.run_until_idle(seconds)
    spent = meter.spent(tally.delivered)
    sending.stop(0)
    app.close()
    return Drained(spent=spent, began=began)
