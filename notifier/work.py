"""The seam to who sends: it is told, in the transaction that makes work, from when on endpoints have some."""

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import Connection

# In the caller's transaction; the endpoints by name.
Defer = Callable[[Connection, Mapping[str, datetime]], None]


def no_defer(connection: Connection, due: Mapping[str, datetime]) -> None:
    """Tell nobody: who sends looks at the rows themselves."""
