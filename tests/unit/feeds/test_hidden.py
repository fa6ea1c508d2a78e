"""Hidden parts and pictures that track readers: gone from content and summary."""

import pytest

from feeds.body import BodyRenderer
from feeds.clean import Sanitizer
from feeds.model import Body

BASE = "https://site.example/a/b.html"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('a<p style="display:none;height:1px;overflow:hidden;"><br /></p>b', "ab"),
        ("a<div hidden><div>b<p hidden>c</p></div>d</div>e", "ae"),
        ('a<p hidden="until-found">b</p>', "a<p>b</p>"),
        ('a<span style="VISIBILITY : Hidden">b<b>c</b></span>d', "ad"),
        ('a<span style="font-size:0">b</span><i style="font-size: 0px;color:red">c</i>d', "ad"),
        ('<p style="font-size:0"><img src="https://a.example/b.png"></p><p style="font-size:0.8em">c</p>',
         '<p><img src="https://a.example/b.png"></p><p>c</p>'),
        ('a<img style="display:none" src="https://a.example/b.png">b', "ab"),
        ('a<div style="display: none">never closed <p>b', "a"),
        ('<td style="display:none">a</td>b', "ab"),
        ('<pre>style="display:none" hidden</pre><a title=\' hidden="" style="display:none"\'>b</a>',
         '<pre>style="display:none" hidden</pre><a title=" hidden=&quot;&quot; style=&quot;display:none&quot;">b</a>'),
        ('<p style="text-align:center;display:block">a</p>', '<p style="text-align:center">a</p>'),
    ],
)  # fmt: skip
def test_what_is_hidden_is_gone(html: str, expected: str) -> None:
    assert Sanitizer().clean(html, BASE) == expected


BEACONS = [
    '<img src="/t.gif" width="1" height="1">',
    "<img src=/t.gif width=0 height=0 alt=x>",
    '<img src="/t.gif" style="width:1px;height:1px;border:0">',
    '<img src="https://feeds.feedburner.com/~r/a/~4/b">',
    '<img src="//pixel.wp.com/b.gif?x=1">',
    '<img src="https://www.facebook.com/tr?id=1">',
    '<img src="https://stats.site.example/matomo.php?idsite=1">',
    '<img src="https://hm.baidu.com/hm.gif?si=1">',
]


@pytest.mark.parametrize("html", BEACONS)
def test_pictures_that_track_readers_are_dropped_unless_wanted(html: str) -> None:
    assert Sanitizer().clean(f"a{html}b", BASE) == "ab"


@pytest.mark.parametrize("html", BEACONS)
def test_pictures_that_track_readers_are_kept_where_wanted(html: str) -> None:
    assert "<img src=" in Sanitizer(keep_trackers=True).clean(f"a{html}b", BASE)


@pytest.mark.parametrize(
    "html",
    [
        '<img src="https://site.example/rule.png" width="600" height="1">',
        '<img src="https://site.example/doubleclick.net/a.png">',
        '<img src="https://notdoubleclick.net/a.png">',
        '<img src="https://a.example/%E5%9B%BE.png" width="100" height="10">',
        '<a href="https://www.facebook.com/tr/page">x</a>',
    ],
)
def test_other_pictures_stay(html: str) -> None:
    assert Sanitizer().clean(html, BASE) == html


def test_hidden_text_is_in_no_summary() -> None:
    body = Body(html='<p>甲</p><p style="display:none">乙</p><!-- 丙 --><p hidden>丁</p><p>戊</p>', text="")
    rendering = BodyRenderer().render_body(body, base_url=BASE, image=None, summary=None)
    assert rendering.summary == "甲 戊"


def test_a_box_of_a_task_list_is_seen() -> None:
    assert Sanitizer().clean(
        '<li><input type="checkbox" checked disabled>a</li><li><input type=checkbox>b</li>', BASE
    ) == ("<li>☑ a</li><li>☐ b</li>")
