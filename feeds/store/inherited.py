"""Which feed has which path of the site's former feeds: the first one that claimed it, until it lets go."""

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, delete, select

from core.db import insert_ignoring_conflicts, one_of
from feeds.tables import inherited_paths


def claim(connection: Connection, wanted: Mapping[str, int]) -> set[int]:
    """Claim each path key for a term, and return the terms that have the one they want."""
    if not wanted:
        return set()
    rows = [{"path_key": key, "term_id": term_id} for key, term_id in wanted.items()]
    connection.execute(insert_ignoring_conflicts(connection, inherited_paths), rows)
    found = connection.execute(_OWNERS, {"keys": list(wanted)})
    return {term_id for key, term_id in found if wanted[key] == term_id}


def let_go(connection: Connection, term_ids: Collection[int]) -> None:
    """Let go of what these terms have."""
    if term_ids:
        connection.execute(_LET_GO, {"terms": list(term_ids)})


def let_go_of_all(connection: Connection) -> None:
    """Let go of every path: the settings gave others."""
    connection.execute(delete(inherited_paths))


_OWNERS = select(inherited_paths).where(one_of(inherited_paths.c.path_key, "keys"))
_LET_GO = delete(inherited_paths).where(one_of(inherited_paths.c.term_id, "terms"))
