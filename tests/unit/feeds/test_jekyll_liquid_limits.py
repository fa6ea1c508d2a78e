"""Liquid that would cost too much is published by the plain rule, with a notice; it always ends."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.sources.jekyll.liquid.engine import LiquidEngine
from feeds.sources.jekyll.liquid.model import Limits, LiquidSite, Rendered
from tests.support.jekyll import write_site
from tests.unit.feeds.test_jekyll_liquid import PAGE, NoPosts

FIFTY = "{% for i in (1..50) %}"


def render(root: Path, text: str, limits: Limits | None = None) -> Rendered:
    site = LiquidSite(
        root=str(root),
        config={},
        url="",
        baseurl="",
        zone=ZoneInfo("UTC"),
        lookup=NoPosts(),
        markdownify=str,
        limits=limits or Limits(),
    )
    return LiquidEngine(site).render(text, page=PAGE, first_line=1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{% for i in (1..100000000) %}x{% endfor %}", "steps"),
        ("{% for i in (1..100000000) reversed %}{% endfor %}", "steps"),
        ("{% for i in (1..999999999999999999999) %}{% for j in (1..9) %}{% endfor %}{% endfor %}", "steps"),
        ("{% tablerow i in (1..100000000) %}{% endtablerow %}", "characters"),
        ("{{ (1..100000000) | join }}", "items"),
        ("{{ (1..100000000) | reverse | size }}", "items"),
        (f"{{% assign s = 'xxxxxxxx' %}}{FIFTY}{{% assign s = s | append: s %}}{{% endfor %}}", "characters"),
        (f"{{% assign s = 'xxxxxxxx' %}}{FIFTY}{{% assign s = s | replace: 'x', s %}}{{% endfor %}}", "characters"),
        (f"{{% assign s = 'xxxxxxxx' %}}{FIFTY}{{% assign s = s | replace: '', s %}}{{% endfor %}}", "characters"),
        (
            f"{{% assign s = 'x' %}}{FIFTY}{{% capture s %}}{{{{ s }}}}{{{{ s }}}}{{% endcapture %}}{{% endfor %}}",
            "characters",
        ),
        (f"{{% assign n = 9999999 %}}{FIFTY}{{% assign n = n | times: n %}}{{% endfor %}}", "300 digits"),
        (f"{{% assign a = 'x,y' | split: ',' %}}{FIFTY}{{% assign a = a | concat: a %}}{{% endfor %}}", "items"),
        (
            f"{{% assign a = 'x,y' | split: ',' %}}{FIFTY}{{% assign a = a | push: a %}}{{% endfor %}}{{{{ a }}}}",
            "steps",
        ),
        (
            f"{{% assign a = 'x,y' | split: ',' %}}{FIFTY}{{% assign a = a | group_by: 'x' | push: a %}}{{% endfor %}}",
            "",
        ),
        ("{{ '" + "x" * 200_000 + "' | split: '' | size }}", "items"),
        (f"{{% assign s = '{'x' * 4000}' %}}{{% for i in (1..1000) %}}{{{{ s }}}}{{% endfor %}}", "characters"),
        ("{{ site }}{% if x %}" * 12_000, "tags"),
    ],
)
def test_what_grows_is_stopped(tmp_path: Path, text: str, said: str) -> None:
    [notice] = render(tmp_path, text).notices[:1]
    assert notice.code in ("liquid-limit", "liquid-error")
    assert said in notice.reason


def test_variables_together_are_bounded(tmp_path: Path) -> None:
    assigns = "".join(f"{{% assign v{number} = s | append: {number} %}}" for number in range(100))
    text = "{% capture s %}{% for i in (1..10000) %}0123456789{% endfor %}{% endcapture %}" + assigns
    [notice] = render(tmp_path, text).notices
    assert "variables" in notice.reason


def test_includes_that_include_each_other_end(tmp_path: Path) -> None:
    write_site(tmp_path, {"_includes/a.html": "{% include b.html %}", "_includes/b.html": "{% include a.html %}"})
    rendered = render(tmp_path, "text {% include a.html %}")
    assert rendered.text == "text "
    assert [notice.code for notice in rendered.notices] == ["liquid-limit"]


def test_includes_that_multiply_end(tmp_path: Path) -> None:
    names = [f"l{number}" for number in range(30)]
    files = {
        f"_includes/{name}.html": f"{{% include {following}.html %}}" * 4
        for name, following in zip(names, [*names[1:], "end"], strict=True)
    }
    write_site(tmp_path, {**files, "_includes/end.html": "x"})
    [notice] = render(tmp_path, "{% include l0.html %}").notices
    assert "steps" in notice.reason


def test_a_large_include_is_not_read(tmp_path: Path) -> None:
    write_site(tmp_path, {"_includes/a.html": "x" * 300_001, "_includes/b.html": "y" * 300_000})
    rendered = render(tmp_path, "{% include a.html %}{% include b.html %}")
    assert rendered.text == "y" * 300_000
    assert [notice.code for notice in rendered.notices] == ["missing-include"]


def test_time_is_the_last_resort(tmp_path: Path) -> None:
    limits = Limits(seconds=0.0)
    [notice] = render(tmp_path, "{% for i in (1..100000) %}{% endfor %}", limits).notices
    assert "seconds" in notice.reason


def test_notices_are_few(tmp_path: Path) -> None:
    assert len(render(tmp_path, "\n{% gist %}" * 1000).notices) == 20


@pytest.mark.parametrize(
    "text",
    [
        *(f"{{% {name} x %}}" * 20_000 for name in ("if", "for i in", "capture", "case", "unless", "highlight")),
        *(
            piece * 20_000
            for piece in ("{%", "{{", "{% raw %}", "{% comment %}", "{% endraw %}", "{% raw", "{{ '", "%}")
        ),
        "{% if a " + "and a " * 20_000 + "%}x{% endif %}",
        "{% if a " + "&& a " * 20_000 + "%}x{% endif %}",
        "{{ a" + "[a" * 20_000 + "]" * 20_000 + " }}",
        "{{ " + "(" * 20_000 + " }}",
        "{{ a" + ".b" * 20_000 + " }}",
        "{{ a" + " | upcase" * 20_000 + " }}",
        "{{ a | f: " + "'x', " * 20_000 + " }}",
        "{{ " + "'\"" * 20_000 + " }}",
        "{{ " + "9" * 20_000 + " | plus: 1 }}",
        "{{ '" + "9" * 20_000 + "' | plus: 1 | round: 99999999 }}",
        "{{ '" + "<script" * 20_000 + "' | strip_html }}",
        "{{ '" + "<" * 20_000 + "' | strip_html }}",
        "{% include x " + "a=b " * 20_000 + "%}",
        "{% include " + "{{ a }}" * 500 + "%}",
        "{% cycle " + "a, " * 20_000 + "%}",
        "{% case a %}{% when " + "a or " * 20_000 + "%}{% endcase %}",
        "{% assign " + "a" * 20_000 + " %}",
        "{{ 'x' | date: '" + "%999999d" * 1_000 + "' }}",
        "{{ 0 | date: '" + "%9999d" * 120 + "' }}",
    ],
    ids=range(33),
)
def test_hostile_texts_end(tmp_path: Path, text: str) -> None:
    assert "{%" not in render(tmp_path, text).text


PIECES = (
    *(
        "{%",
        "%}",
        "{{",
        "}}",
        "-",
        " ",
        "if",
        "endif",
        "for i in x",
        "endfor",
        "x",
        "|",
        "'",
        "raw",
        "endraw",
        "comment",
    ),
    *(
        "endcomment",
        "capture y",
        "endcapture",
        "case x",
        "when 1",
        "else",
        "endcase",
        "=",
        "\n",
        "[",
        "include",
        "cycle",
    ),
)


@given(st.lists(st.sampled_from(PIECES), max_size=40))
def test_any_order_of_pieces_ends(pieces: list[str]) -> None:
    render(Path("/nonexistent"), "".join(pieces))
