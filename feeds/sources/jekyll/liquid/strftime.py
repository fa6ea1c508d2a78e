"""Ruby's strftime: its directives, flags and widths, in English on every machine."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DIRECTIVE = re.compile(r"%([-0^#_:]*)(\d{0,4})([EO]?)(.)", re.DOTALL)
_WIDEST = 1024
_COMPOSED = {
    "c": "%a %b %e %H:%M:%S %Y",
    "D": "%m/%d/%y",
    "F": "%Y-%m-%d",
    "v": "%e-%^b-%Y",
    "x": "%m/%d/%y",
    "X": "%H:%M:%S",
    "r": "%I:%M:%S %p",
    "R": "%H:%M",
    "T": "%H:%M:%S",
}
# Directive: its number, its width, and what it is filled with.
_NUMBERS: Mapping[str, tuple[Callable[[datetime], int], int, str]] = {
    "Y": (lambda t: t.year, 4, "0"),
    "C": (lambda t: t.year // 100, 2, "0"),
    "y": (lambda t: t.year % 100, 2, "0"),
    "m": (lambda t: t.month, 2, "0"),
    "d": (lambda t: t.day, 2, "0"),
    "e": (lambda t: t.day, 2, " "),
    "j": (lambda t: t.timetuple().tm_yday, 3, "0"),
    "H": (lambda t: t.hour, 2, "0"),
    "k": (lambda t: t.hour, 2, " "),
    "I": (lambda t: t.hour % 12 or 12, 2, "0"),
    "l": (lambda t: t.hour % 12 or 12, 2, " "),
    "M": (lambda t: t.minute, 2, "0"),
    "S": (lambda t: t.second, 2, "0"),
    "u": (lambda t: t.isoweekday(), 1, "0"),
    "w": (lambda t: t.isoweekday() % 7, 1, "0"),
    "G": (lambda t: t.isocalendar().year, 4, "0"),
    "g": (lambda t: t.isocalendar().year % 100, 2, "0"),
    "V": (lambda t: t.isocalendar().week, 2, "0"),
    "U": (lambda t: (t.timetuple().tm_yday + 6 - t.isoweekday() % 7) // 7, 2, "0"),
    "W": (lambda t: (t.timetuple().tm_yday + 6 - t.weekday()) // 7, 2, "0"),
    "s": (lambda t: int(t.timestamp()), 1, "0"),
}
_WORDS: Mapping[str, Callable[[datetime], str]] = {
    "B": lambda t: MONTHS[t.month - 1],
    "b": lambda t: MONTHS[t.month - 1][:3],
    "h": lambda t: MONTHS[t.month - 1][:3],
    "A": lambda t: DAYS[t.weekday()],
    "a": lambda t: DAYS[t.weekday()][:3],
    "p": lambda t: "PM" if t.hour >= 12 else "AM",
    "P": lambda t: "pm" if t.hour >= 12 else "am",
    "Z": lambda t: t.tzname() or "",
    "n": lambda t: "\n",
    "t": lambda t: "\t",
    "%": lambda t: "%",
}


def strftime(moment: datetime, template: str) -> str:
    """Write a moment as Ruby's Time#strftime does. What is no directive stays as it is."""
    return _DIRECTIVE.sub(lambda match: _written(moment, match), template)


def offset_of(moment: datetime, colons: int = 0) -> str:
    """Return `+0800`, with one colon `+08:00`, with two `+08:00:00`."""
    seconds = int((moment.utcoffset() or timedelta()).total_seconds())
    minutes, second = divmod(abs(seconds), 60)
    parts = (minutes // 60, minutes % 60, second)[: 3 if colons > 1 else 2]
    return ("-" if seconds < 0 else "+") + (":" if colons else "").join(f"{part:02d}" for part in parts)


def _written(moment: datetime, match: re.Match[str]) -> str:
    flags, width, _modifier, name = match.groups()
    wide = 0 if "-" in flags else min(int(width or 0), _WIDEST)
    if name in _NUMBERS:
        number, usual, fill = _NUMBERS[name]
        if "-" in flags:
            return str(number(moment))
        fill = "0" if "0" in flags else " " if "_" in flags else fill
        return str(number(moment)).rjust(wide or usual, fill)
    if name in ("L", "N"):
        digits = min(int(width or 0), _WIDEST) or (3 if name == "L" else 9)
        return f"{moment.microsecond:06d}".ljust(digits, "0")[:digits]
    if name == "z":
        return offset_of(moment, flags.count(":"))
    if name in _COMPOSED:
        return _cased(strftime(moment, _COMPOSED[name]), flags, name).rjust(wide)
    word = _WORDS.get(name)
    return match[0] if word is None else _cased(word(moment), flags, name).rjust(wide, "0" if "0" in flags else " ")


def _cased(text: str, flags: str, name: str) -> str:
    if "^" in flags:
        return text.upper()
    if "#" in flags:
        return text.lower() if name in "pZ" else text if name == "c" else text.upper()
    return text
