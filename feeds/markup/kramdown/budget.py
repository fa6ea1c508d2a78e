"""How much work one text may cost; markup can be written that makes any kramdown parser try for years."""


class TooCostlyError(Exception):
    """The text needs more work or depth than we give it; the caller has a simpler way."""


class Budget:
    """Counts work and depth, and ends both."""

    __slots__ = ("_depth", "_left")

    # Old posts hold dozens of placeholders that look like open elements. A level takes up to eight frames of Python,
    # which has a thousand of them.
    DEEPEST = 80
    # One unit is about what a search through a hundred characters costs, a few tenths of a microsecond.
    _UNITS = 300_000

    def __init__(self) -> None:
        self._left = self._UNITS
        self._depth = 0

    def spend(self, characters: int) -> None:
        """Count one step that looked at so many characters."""
        self._left -= 3 + (characters >> 6)
        if self._left < 0:
            raise TooCostlyError

    def enter(self) -> None:
        """Go one level deeper."""
        self._depth += 1
        if self._depth > self.DEEPEST:
            raise TooCostlyError

    def leave(self) -> None:
        """Come back from a level."""
        self._depth -= 1
