"""What Ruby's Date._parse finds in a text, which is how Jekyll reads a date that YAML does not know.

Ruby looks for one form after the other anywhere in the text, takes out what it found, and passes over the rest. So does
this: first a weekday and a time of day, then the first of a dozen forms of dates that is there. Every text is short, so
the order of Ruby's attempts counts more than their speed.
"""

import re
from dataclasses import dataclass

_LONGEST = 128  # Ruby refuses more
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ERAS = {"m": 1867, "t": 1911, "s": 1925, "h": 1988, "r": 2018}


def _compiled(form: str) -> re.Pattern[str]:
    return re.compile(form.replace("MONTH", f"({'|'.join(_MONTHS)})").replace(r"\d", "[0-9]"), re.IGNORECASE)


_OTHERS = re.compile(r"[^\w\-+',./:@\[\]]+|_+")
_WEEKDAY = _compiled(r"\b(?:sun|mon|tue|wed|thu|fri|sat)[^-/0-9 ]*")
_HALF = r"[ap](?:m\b|\.m\.)"
_ZONE = (
    r"(?:gmt|utc?)?[-+]\d+(?:[,.:]\d+(?::\d+)?)?"
    r"|(?:[^\W0-9_]|[. ])+(?:standard|daylight) time\b|[^\W0-9_]+(?: dst)?\b"
)
_TIME = _compiled(
    rf"(\d+ *(?:(?:: *\d+(?: *: *\d+(?:[,.]\d*)?)?|h(?: *\d+m?(?: *\d+s?)?)?)(?: *{_HALF})?|{_HALF}))(?: *({_ZONE}))?"
)
_CLOCK = _compiled(r"(\d+)h?(?: *:? *(\d+)m?(?: *:? *(\d+)(?:[,.]\d*)?s?)?)?(?: *([ap])(?:m\b|\.m\.))?")
_ERA = r"(c(?:e|\.e\.)|b(?:ce|\.c\.e\.)|a(?:d|\.d\.)|b(?:c|\.c\.))?"
_EUROPEAN = _compiled(rf"('?\d+)[^-0-9 ]* *MONTH[^-0-9 ']*(?: *{_ERA} *('?-?\d+(?:(?:st|nd|rd|th)\b)?))?")
_AMERICAN = _compiled(rf"\bMONTH[^-0-9 ']* *('?\d+)[^-0-9 ']*(?: *,? *{_ERA} *('?-?\d+))?")
_ISO = _compiled(r"('?[-+]?\d+)-(\d+)-('?-?\d+)")
_JAPANESE = _compiled(r"\b([mtshr])(\d+)\.(\d+)\.(\d+)")
_VMS = _compiled(r"('?-?\d+)-MONTH[^-/.]*-('?-?\d+)")
_VMS_MONTH_FIRST = _compiled(r"\bMONTH[^-/.]*-('?-?\d+)(?:-('?-?\d+))?")
_SLASHES = _compiled(r"('?-?\d+)/ *('?\d+)(?:[^0-9] *('?-?\d+))?")
_DOTS = _compiled(r"('?-?\d+)\. *('?\d+)\. *('?-?\d+)")
_WEEK = _compiled(r"\b(?:\d\d|\d{4})?-?w\d\d(?:-?\d)?\b|-w-\d\b")
_NO_YEAR = _compiled(r"--\d\d|---\d\d")
_YEAR_AND_DAY = _compiled(r"\b(\d\d|\d{4})-(\d{3})\b")
_NO_YEAR_AND_DAY = _compiled(r"[,.](?:\d\d|\d{4})-\d{3}\b")
_YEAR = _compiled(r"'(\d+)\b")
_MONTH_ALONE = _compiled(r"\bMONTH[^ ]*")
_DAY_ALONE = _compiled(r"(\d+)(?:st|nd|rd|th)\b")
_DIGITS = _compiled(r"([-+]?)(\d{2,14})(?: *t? *(\d{2,6})?(?:[,.](\d*))?)?(?: *(z\b|[-+]\d{1,4}\b|\[[-+]?\d[^\]]*\]))?")
_BEFORE_CHRIST = _compiled(r"\b(?:bc\b|bce\b|b\.c\.|b\.c\.e\.)")
_FRAGMENT = _compiled(r" *(\d{1,2}) *")
_NUMBER = re.compile(r"[0-9]+")
_SIGNED = re.compile(r"([-+])?([0-9]+)")
_LEADING = re.compile(r"([0-9]+)(.+)?", re.DOTALL)
# How many digits stand for what, from the left.
_CUTS = {
    2: (("day", 2),),
    3: (("yday", 3),),
    4: (("month", 2), ("day", 2)),
    5: (("year", 2), ("yday", 3)),
    6: (("year", 2), ("month", 2), ("day", 2)),
    7: (("year", 4), ("yday", 3)),
    8: (("year", 4), ("month", 2), ("day", 2)),
    10: (("year", 4), ("month", 2), ("day", 2), ("hour", 2)),
    12: (("year", 4), ("month", 2), ("day", 2), ("hour", 2), ("minute", 2)),
    14: (("year", 4), ("month", 2), ("day", 2), ("hour", 2), ("minute", 2), ("second", 2)),
}


@dataclass(slots=True)
class FoundDate:
    """The parts that were found; None for those that were not."""

    year: int | None = None
    yday: int | None = None
    month: int | None = None
    day: int | None = None
    hour: int | None = None
    minute: int | None = None
    second: int | None = None
    zone: str | None = None


def find_date(text: str) -> FoundDate | None:
    """Return what Ruby finds in the text; None if it refuses it or finds no year."""
    if len(text) > _LONGEST:
        return None
    search = _Search(text)
    search.run()
    return search.found if search.found.year is not None else None


class _Search:
    """One search. What was found is replaced by a space."""

    def __init__(self, text: str) -> None:
        self._text = _OTHERS.sub(" ", text)
        self.found = FoundDate()
        self._short_year = True  # 21 means 2021

    def run(self) -> None:
        self._take(_WEEKDAY)
        self._time()
        forms = (self._with_month, self._iso, self._japanese, self._vms, self._numbers, self._ordinal, self._single)
        any(form() for form in forms)
        if self._take(_BEFORE_CHRIST) and self.found.year is not None:
            self.found.year = 1 - self.found.year
        self._fragment()
        if self.found.year is not None and self._short_year and 0 <= self.found.year <= 99:
            self.found.year += 1900 if self.found.year >= 69 else 2000

    def _take(self, form: re.Pattern[str]) -> re.Match[str] | None:
        match = form.search(self._text)
        if match is not None:
            self._text = f"{self._text[: match.start()]} {self._text[match.end() :]}"
        return match

    def _time(self) -> None:
        match = self._take(_TIME)
        clock = _CLOCK.match(match[1]) if match else None
        if match is None or clock is None:
            return
        hour, minute, second, half = clock.groups()
        found = self.found
        found.hour = int(hour)
        if half:
            found.hour = found.hour % 12 + (12 if half in "pP" else 0)
        found.minute = int(minute) if minute else None
        found.second = int(second) if second else None
        found.zone = match[2]

    def _with_month(self) -> bool:
        if match := self._take(_EUROPEAN):
            self._three(match[4], str(_month(match[2])), match[1], era=match[3])
        elif match := self._take(_AMERICAN):
            self._three(match[4], str(_month(match[1])), match[2], era=match[3])
        return match is not None

    def _iso(self) -> bool:
        match = self._take(_ISO)
        if match:
            self._three(match[1], match[2], match[3])
        return match is not None

    def _japanese(self) -> bool:
        match = self._take(_JAPANESE)
        if match:
            self.found.year = int(match[2]) + _ERAS[match[1].lower()]
            self.found.month, self.found.day = int(match[3]), int(match[4])
        return match is not None

    def _vms(self) -> bool:
        if match := self._take(_VMS):
            self._three(match[3], str(_month(match[2])), match[1])
        elif match := self._take(_VMS_MONTH_FIRST):
            self._three(match[3], str(_month(match[1])), match[2])
        return match is not None

    def _numbers(self) -> bool:
        match = self._take(_SLASHES) or self._take(_DOTS)
        if match:
            self._three(match[1], match[2], match[3])
        return match is not None

    def _ordinal(self) -> bool:
        # A week, and a month or day without its year, say no year: Ruby would take the current one.
        if self._take(_WEEK) or self._take(_NO_YEAR):
            return True
        if _NO_YEAR_AND_DAY.search(self._text) or not (match := self._take(_YEAR_AND_DAY)):
            return False
        self.found.year, self.found.yday = int(match[1]), int(match[2])
        return True

    def _single(self) -> bool:
        if match := self._take(_YEAR):
            self.found.year = int(match[1])
        elif match := self._take(_MONTH_ALONE):
            self.found.month = _month(match[1])
        elif match := self._take(_DAY_ALONE):
            self.found.day = int(match[1])
        elif match := self._take(_DIGITS):
            self._digits(match)
        return match is not None

    def _digits(self, match: re.Match[str]) -> None:
        sign, digits, clock, fraction, zone = match.groups()
        if clock is None and fraction is not None:
            return  # the digits are read from their end, as a time
        for name, value in _cut(digits, _CUTS.get(len(digits), ())):
            if name == "year":
                value = -value if sign == "-" else value
                self._short_year = self._short_year and len(digits) < 7
            setattr(self.found, name, value)
        if clock is not None and fraction is None:
            names = (("hour", 2), ("minute", 2), ("second", 2))[: (len(clock) + 1) // 2]
            for name, value in _cut(clock, names):
                setattr(self.found, name, value)
        elif clock is not None:
            parts = [int(clock[max(end - 2, 0) : end]) for end in range(len(clock), 0, -2)]
            for name, value in zip(("second", "minute", "hour"), parts, strict=False):
                setattr(self.found, name, value)
        if zone is not None:
            self.found.zone = zone

    def _fragment(self) -> None:
        match = _FRAGMENT.fullmatch(self._text)
        number = int(match[1]) if match else 0
        if match and self.found.hour is not None and self.found.day is None and 1 <= number <= 31:
            self.found.day = number
        if match and self.found.day is not None and self.found.hour is None and number <= 24:
            self.found.hour = number

    def _three(self, year: str | None, month: str | None, day: str | None, era: str | None = None) -> None:
        """Take three texts for year, month and day, or in the order that their look suggests."""
        if year and month and not day:
            year, month, day = None, year, month
        if not year and day and (len(day) > 2 or day[0] == "'"):
            year, day = day, None
        if year and (leading := _LEADING.search(year)) and leading[2]:
            year, day = day, leading[1]
        if month and (month[0] == "'" or len(month) > 2):
            year, month, day = month, day, year
        if day and (day[0] == "'" or len(day) > 2):
            year, day = day, year
        if year and (signed := _SIGNED.search(year)):
            if signed[1] or len(signed[2]) > 2:
                self._short_year = False
            number = int(signed[0])
            self.found.year = 1 - number if era and era[0] in "bB" else number
        self.found.month = _number(month)
        self.found.day = _number(day)


def _month(name: str) -> int:
    return _MONTHS.index(name.lower()) + 1


def _number(text: str | None) -> int | None:
    match = _NUMBER.search(text) if text else None
    return int(match[0]) if match else None


def _cut(digits: str, parts: tuple[tuple[str, int], ...]) -> list[tuple[str, int]]:
    cut: list[tuple[str, int]] = []
    start = 0
    for name, length in parts:
        cut.append((name, int(digits[start : start + length])))
        start += length
    return cut
