"""Dates in addresses, by the signs of strftime, in English on every machine."""

import re
from datetime import datetime

_SIGN = re.compile(r"%(-?)([A-Za-z%])")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def formatted(local: datetime, form: str) -> str:
    """Return a time as `form` has it; a sign that is not known stays as it is. `%-d` is without its leading zero."""
    signs = {
        "Y": f"{local.year:04d}",
        "y": f"{local.year % 100:02d}",
        "m": f"{local.month:02d}",
        "d": f"{local.day:02d}",
        "e": f"{local.day:2d}",
        "H": f"{local.hour:02d}",
        "I": f"{local.hour % 12 or 12:02d}",
        "M": f"{local.minute:02d}",
        "S": f"{local.second:02d}",
        "j": f"{local.timetuple().tm_yday:03d}",
        "B": _MONTHS[local.month - 1],
        "b": _MONTHS[local.month - 1][:3],
        "A": _DAYS[local.weekday()],
        "a": _DAYS[local.weekday()][:3],
        "V": f"{local.isocalendar().week:02d}",
        "G": f"{local.isocalendar().year:04d}",
        "u": str(local.isoweekday()),
        "F": f"{local.year:04d}-{local.month:02d}-{local.day:02d}",
        "s": str(int(local.timestamp())),
        "%": "%",
    }

    def one(match: re.Match[str]) -> str:
        value = signs.get(match[2])
        if value is None:
            return match[0]
        return value.lstrip("0 ") or "0" if match[1] else value

    return _SIGN.sub(one, form)
