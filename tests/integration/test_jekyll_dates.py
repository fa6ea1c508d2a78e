"""Dates of every make that we could think of are read as the real Ruby reads them."""

import random
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest

from feeds.sources.jekyll.dates import read_date
from tests.support.jekyll import ask_ruby

# What depends on the current time is no question: Ruby fills in the year.
_READ_DATES = """
require 'time'; require 'date'; require 'psych'
answers = JSON.parse(STDIN.read).map do |zone, text, plain|
  ENV['TZ'] = zone
  begin
    value = plain ? Psych.safe_load("a: " + text, permitted_classes: [Date, Time])['a'] : text
    Date._parse(value.to_s)[:year] && Time.parse(value.to_s).to_i
  rescue ArgumentError, Psych::Exception
    nil
  end
end
puts JSON.dump(answers)
"""
MONTHS = ("jan", "feb", "mar", "April", "may", "June", "jul", "AUGUST", "Sept", "sep", "October", "nov", "Dec")
YEARS = ("2021", "1999", "21", "2024", "'21", "70", "68", "2022", "2023")
MARKS = (
    "",
    "",
    " +0800",
    "+08:00",
    " -0500",
    " Z",
    "Z",
    " UTC",
    " GMT",
    " EST",
    " CET",
    " CEST",
    " +8",
    " JST",
    " +0530",
)
ODD_MARKS = (" Asia/Shanghai", " UTC+8", " EDT", " +08", " -03:30", " A", " PST PDT", " CET DST", " +99:99", " (CET)")
WRITTEN = (
    *("{y}-{m}-{d}", "{y}/{m}/{d}", "{y}.{m}.{d}", "{d}.{m}.{y}", "{m}/{d}/{y}", "{d} {M} {y}", "{M} {d}, {y}"),
    *("{M} {d} {y}", "{d}-{M}-{y}", "{M} {y}", "{y} {M} {d}", "{y}-{M}-{d}", "{M}-{d}-{y}", "{y}{m:02}{d:02}"),
    *("{y}-{n:03}", "{y}{n:03}", "{y}-{m}", "{d}th of {M} {y}", "the {d}th {M}, {y}", "{y}年{m}月{d}日", "{m}/{d}"),
    *("{y}-W{m:02}-3", "{d}. {M} {y}", "{d}.{m}.", "{M} {d}nd, {y}", "{d}{M}{y}", "h{y}.{m}.{d}", "{y}-{m}-{d}-"),
    *("{y} - {m} - {d}", "{y}/{m}/{d} (Mon)", "--{m}-{d}", "{y}_{m}_{d}", "{M}. {d}, {y}", "{y}"),
)
CLOCKS = (
    "{h}:{s}",
    "{h}:{s}:{s}",
    "{h}:{s}:{s}.{n}",
    "{h}h{s}",
    "{h}pm",
    "{h}:{s} am",
    "{h}h",
    "{h}:{s}:{s},5",
    "{h} a.m.",
)
BETWEEN = (" ", " ", "T", ", ", " at ", "  ", "-", " - ", "@")
AFTER = (" 2023", " 5", " x", " 2023 -0800", " BC", " AD", " (EST)", "!", " 1", " edited", " 12")


def made_up(seed: int, count: int) -> Iterator[str]:
    source = random.Random(seed)
    for _ in range(count):
        parts = {
            "y": source.choice(YEARS),
            "m": source.randint(1, 12),
            "d": source.choice((source.randint(1, 31), source.randint(0, 60))),
            "M": source.choice(MONTHS),
            "n": source.randint(1, 366),
            "h": source.randint(0, 30),
            "s": source.choice((source.randint(0, 61), source.randint(10, 59))),
        }
        text = source.choice(("", "", "", "Mon, ", "Friday ", "Sat. ")) + source.choice(WRITTEN).format(**parts)
        clock = source.choice(CLOCKS).format(**parts) + source.choice(MARKS + ODD_MARKS)
        draw = source.random()
        if draw < 0.6:
            text += source.choice(BETWEEN) + clock
        elif draw > 0.9:
            text = f"{clock} {text}"
        yield text + (source.choice(AFTER) if source.random() < 0.1 else "")


def is_plain(text: str) -> bool:
    return ": " not in text and " #" not in text and text[0] not in "'@-"


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "America/New_York", "Europe/Berlin"])
def test_made_up_dates_are_read_as_ruby_reads_them(zone: str) -> None:
    texts = dict.fromkeys(made_up(len(zone), 3000))
    questions = [(zone, text, plain) for text in texts for plain in (True, False) if not plain or is_plain(text)]
    answers = ask_ruby(_READ_DATES, questions)
    assert sum(answer is not None for answer in answers) > 2000
    read = [read_date(text, plain=plain, zone=ZoneInfo(zone)) for _, text, plain in questions]
    ours = [None if moment is None else moment.instant.timestamp() for moment in read]
    # A date outside the years 2 to 9998 is none to us.
    theirs = [answer if answer is not None and -62e9 < answer < 253_370_000_000 else None for answer in answers]
    assert dict(zip(questions, ours, strict=True)) == dict(zip(questions, theirs, strict=True))


@pytest.mark.parametrize("text", ["9" * 100, "-" * 128, "1:" * 64, "'" * 128, "a.m." * 32, "1/" * 64, "[" * 120 + "1"])
def test_no_text_takes_long_or_raises(text: str) -> None:
    for plain in (True, False):
        read_date(text, plain=plain, zone=ZoneInfo("UTC"))
