"""Regular expressions that a site's configuration holds: which of them cannot take long."""

import re

_LONGEST = 500
_MOST_WORK = 20_000
_WORK_OF_UNBOUNDED = 20
_ESCAPED = re.compile(r"\\.", re.DOTALL)
_UNBOUNDED = re.compile(r"[*+]|\{\d*,\d*\}")
_MAYBE = re.compile(r"\?(?![P:=!<])")
# A comment, or white space that means nothing, may part a group from what repeats it.
_GROUP_REPEATED = re.compile(r"\)[*+{]|\(\?(?:#|[a-zA-Z]*x)")


def is_harmless(pattern: str, *, unbounded: int = 3) -> bool:
    """Whether a pattern is valid and cannot take long: a site's settings may come from anyone.

    `unbounded` is how many repetitions without an end it may have: as many as fit the length of what is searched.
    """
    if len(pattern) > _LONGEST:
        return False
    bare = _ESCAPED.sub("x", pattern)
    repetitions, maybes = len(_UNBOUNDED.findall(bare)), len(_MAYBE.findall(bare))
    if _GROUP_REPEATED.search(bare) or repetitions > unbounded or maybes > 6:
        return False
    if _choices(bare) * 2**maybes * _WORK_OF_UNBOUNDED**repetitions > _MOST_WORK:
        return False
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        return False
    return True


def _choices(bare: str) -> int:
    """In how many ways the groups of a pattern can be gone through, at most."""
    bars = bare.count("|")
    groups = min(bare.count("("), bars)
    return (bars // groups + 1) ** groups if groups else 1
