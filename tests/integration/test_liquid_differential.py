"""What we make of Liquid in a post is what the real Jekyll makes of it."""

import os
import random
import re
import string
import subprocess
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from feeds.sources.jekyll.liquid.engine import LiquidEngine
from feeds.sources.jekyll.liquid.model import LiquidSite, Rendered
from feeds.sources.jekyll.liquid.psych import page_values
from feeds.sources.jekyll.liquid.ruby import inspect, to_s
from feeds.sources.jekyll.liquid.strftime import strftime
from feeds.yaml_text import Node, read_yaml
from tests.support.jekyll import ask_ruby, write_site
from tests.support.liquid_cases import CASES, FRONT, SITE

ZONE = ZoneInfo("Asia/Shanghai")
PERMALINK = "/:year/:title.html"


def yaml_map(text: str) -> Mapping[str, Node]:
    node = read_yaml(text)
    assert isinstance(node, dict)
    return node


class Posts:
    """The posts of the site of cases, as the program that uses the engine tells of them."""

    def __init__(self, known: Sequence[Mapping[str, object]]) -> None:
        self._known = known

    def url_of_post(self, name: str) -> str | None:
        return {"2021-01-01-first": "/2021/first.html", "sub/2021-01-02-second": "/2021/second.html"}.get(name)

    def url_of_file(self, path: str) -> str | None:
        known = {"about.html": "/about", "assets/a.css": "/assets/a.css"}
        return known.get(path) or {"_posts/2021-01-01-first.html": "/2021/first.html"}.get(path)

    def posts(self) -> Sequence[Mapping[str, object]]:
        return self._known


def post_values(name: str, number: str, date: str, front: str) -> dict[str, object]:
    moment = datetime.fromisoformat(date).replace(tzinfo=ZONE)
    return {
        "categories": [],
        "tags": [],
        **page_values(yaml_map(front), ZONE),
        "date": moment,
        "path": f"_posts/{name}",
        "url": f"/{moment.year}/{number}.html",
        "id": f"/{moment.year}/{number}",
        "slug": number,
    }


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every case built by one run of Jekyll."""
    folder = tmp_path_factory.mktemp("liquid")
    files = dict(SITE)
    for number, case in enumerate(CASES):
        files[f"_posts/2021-12-08-case-{number}.html"] = f"---\n{FRONT}---\n{case}"
    write_site(folder / "site", files)
    command = ["jekyll", "build", "-q", "-s", str(folder / "site"), "-d", str(folder / "out")]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, env=_environment())
    assert ended.returncode == 0, ended.stderr[-3000:]
    return folder


def _environment() -> dict[str, str]:
    return {**os.environ, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "JEKYLL_ENV": "production"}


def engine_of(folder: Path) -> LiquidEngine:
    others = (("sub/2021-01-02-second.html", "second", "2021-01-02"), ("2021-01-01-first.html", "first", "2021-01-01"))
    known = [post_values(path, slug, date, SITE[f"_posts/{path}"].split("---\n")[1]) for path, slug, date in others]
    site = LiquidSite(
        root=str(folder / "site"),
        config=yaml_map(SITE["_config.yml"]),
        url="https://example.org",
        baseurl="/base",
        zone=ZONE,
        lookup=Posts(known),
        markdownify=lambda text: str(ask_ruby(_MARKDOWN, text)),
    )
    return LiquidEngine(site)


_MARKDOWN = "require 'kramdown'; puts JSON.dump(Kramdown::Document.new(JSON.parse(STDIN.read)).to_html)"


def ours(engine: LiquidEngine, number: int) -> Rendered:
    page = post_values(f"2021-12-08-case-{number}.html", f"case-{number}", "2021-12-08 10:46:18", FRONT)
    return engine.render(CASES[number], page=page, first_line=FRONT.count("\n") + 3, is_markdown=False)


def without_colours(text: str) -> str:
    """Rouge's spans are the only thing of `highlight` that feeds do without."""
    return re.sub(r"</?span[^>]*>", "", text)


def test_cases_are_rendered_as_jekyll_renders_them(built: Path) -> None:
    engine = engine_of(built)
    rendered = [ours(engine, number) for number in range(len(CASES))]
    made = {case: result.text for case, result in zip(CASES, rendered, strict=True)}
    theirs = {
        case: without_colours((built / "out" / "2021" / f"case-{number}.html").read_text())
        for number, case in enumerate(CASES)
    }
    assert made == theirs
    assert len(set(theirs.values())) > len(CASES) * 2 // 3
    assert [case for case, result in zip(CASES, rendered, strict=True) if result.notices] == []


SCALARS = [
    *(
        "1",
        "-1",
        "+1",
        "0",
        "007",
        "08",
        "0777",
        "0o17",
        "0x1F",
        "0b101",
        "1_000",
        "1,000",
        "1,00,0",
        "_1",
        "1__0",
        "-0",
    ),
    *(
        "1.0",
        "1.",
        ".5",
        "-.5",
        ".",
        "1e3",
        "1.5e+3",
        "1.5e3",
        "1.5E-3",
        ".inf",
        "-.INF",
        "+.inf",
        ".nan",
        ".NaN",
        "Inf",
    ),
    *("yes", "Yes", "NO", "on", "off", "true", "TRUE", "False", "y", "n", "null", "NULL", "~", "nil", "none", "trues"),
    *(
        "2021-12-08",
        "2021-1-8",
        "2021-13-08",
        "2021-02-30",
        "12:30",
        "1:30:15",
        "-1:30",
        "1:30.5",
        "24:61",
        "190:20:30",
    ),
    *("2021-12-08 10:46:18", "2021-12-08T10:46:18Z", "2021-12-08 10:46:18 +0800", "2021-12-08 10:46:18 -3:30"),
    *("2021-12-08 1:02:03 +8", "2021-12-08 10:46", "1.2.3", "v1", "1.10", "1.100", "12abc", "a: b", "10%", "1 2", "-"),
    *("3.14159265358979", "123456789012345678901234567890", "1e20", "0.1e+20", "100000000000000000.0", "1.0e-10"),
]
_TYPED = """
ENV['TZ'] = 'Asia/Shanghai'
require 'psych'; require 'date'; require 'time'
puts JSON.dump(JSON.parse(STDIN.read).map { |text|
  begin
    value = Psych.safe_load("a: " + text, permitted_classes: [Date, Time])['a']
    [value.class.to_s, value.to_s, value.inspect]
  rescue Psych::Exception
    nil
  end })
"""


def test_front_matter_is_typed_as_psych_types_it() -> None:
    classes = {str: "String", int: "Integer", float: "Float", datetime: "Time", date: "Date", type(None): "NilClass"}

    def typed(text: str) -> list[str] | None:
        node = read_yaml(f"a: {text}")
        if not isinstance(node, dict):
            return None
        value = page_values(node, ZONE)["a"]
        name = f"{value!s}Class" if isinstance(value, bool) else classes[type(value)]
        return [name, to_s(value, Unmetered()), inspect(value, Unmetered())]

    assert {text: typed(text) for text in SCALARS} == dict(zip(SCALARS, ask_ruby(_TYPED, SCALARS), strict=True))


class Unmetered:
    """A meter that lets everything pass."""

    def spend(self, steps: int = 1) -> None: ...

    def check_text(self, length: int) -> None: ...

    def check_items(self, length: int) -> None: ...


FORMATS = [
    f"%{flag}{width}{name}"
    for name in string.ascii_letters + "%+"
    for flag in ("", "-", "0", "_", "^", "#")
    for width in ("", "5")
]
MOMENTS = [
    "2021-12-08 10:46:18 +0800",
    "2020-02-29 00:00:00 -0330",
    "2021-01-03 23:59:59 +0000",
    "1999-12-31 12:05:09 +0545",
]
_FORMATTED = """
require 'time'
moments, formats = JSON.parse(STDIN.read)
times = moments.map { |text| Time.strptime(text, '%Y-%m-%d %H:%M:%S %z') }
puts JSON.dump(times.map { |time| formats.map { |template| time.strftime(template) } })
"""


def test_times_are_written_as_ruby_writes_them() -> None:
    # A zone given as an offset has no name in Ruby; Python makes one up.
    formats = [template for template in FORMATS if template[-1] not in "Zz"]
    ours = [[strftime(datetime.fromisoformat(text), template) for template in formats] for text in MOMENTS]
    assert ours == ask_ruby(_FORMATTED, [MOMENTS, formats])


_LIQUID = """
require 'liquid'
Liquid::Template.error_mode = :warn
page, texts = JSON.parse(STDIN.read)
puts JSON.dump(texts.map { |text|
  begin
    ["same", Liquid::Template.parse(text).render!({ "page" => page }, strict_filters: false)]
  rescue Liquid::SyntaxError
    ["stops", nil]
  rescue StandardError
    nil
  end })
"""
_VALUES = {"a": 1, "s": "str", "l": [3, 1, 2], "m": {"k": "v", "n": [1]}, "t": True, "f": False, "d": 2.5, "e": ""}
_WORDS = (
    *(
        "page.a",
        "page.s",
        "page.l",
        "page.m",
        "page.t",
        "page.f",
        "page.d",
        "page.e",
        "page.none",
        "x",
        "1",
        "2.5",
        "-3",
    ),
    *("'q'", '"w"', "nil", "true", "false", "empty", "blank", "(1..3)", "page.l[0]", "page.m['k']", "page.l.size"),
)
_MARKS = (
    *(
        "|",
        ":",
        ",",
        "==",
        "!=",
        "<",
        ">",
        "<=",
        ">=",
        "and",
        "or",
        "contains",
        "=",
        "(",
        ")",
        "[",
        "]",
        "..",
        "-",
        "'",
    ),
    *('"', "&&", "!", "?", " ", "in", "reversed", "limit:", "$", "#", "not", "upcase", "append", "size", "first"),
)
_FRAMES = (
    *(
        "{{ @ }}",
        "{{ @ | append: 'z' }}",
        "{% if @ %}A{% else %}B{% endif %}",
        "{% unless @ %}A{% elsif @ %}B{% endunless %}",
    ),
    *("{% for i in @ %}[{{ i }}]{% else %}none{% endfor %}", "{% assign v = @ %}{{ v }}"),
    "{% case page.a %}{% when @ %}W{% else %}E{% endcase %}",
)


def test_what_is_badly_written_is_read_as_rubys_liquid_reads_it() -> None:
    chance = random.Random(20211208)
    written = [" ".join(chance.choice(_WORDS + _MARKS) for _ in range(chance.randint(1, 6))) for _ in range(3_000)]
    texts = [chance.choice(_FRAMES).replace("@", markup) for markup in written]
    engine = engine_of(Path("/nonexistent"))

    def made(text: str) -> list[str | None]:
        rendered = engine.render(text, page=_VALUES, first_line=1)
        stops = any(notice.code == "liquid-syntax" for notice in rendered.notices)
        return ["stops", None] if stops else ["same", rendered.text]

    # What stops Ruby while it renders (a text compared with a number) has no counterpart: we go on.
    theirs = {text: answer for text, answer in zip(texts, ask_ruby(_LIQUID, [_VALUES, texts]), strict=True) if answer}
    assert len(theirs) > 2_000
    assert {text: made(text) for text in theirs} == theirs
