"""Which media files belong to a post, and how long they are."""

from pathlib import Path

import pytest

from feeds.body import BodyRenderer
from feeds.enclosures import LocalFiles, media_type_of
from feeds.frontmatter import read_fields, split
from feeds.model import Body, Enclosure, RuleTexts
from feeds.rules import Rules
from feeds.sources.attachments import attached
from feeds.urls import absolute_url

BASE = "https://site.example/blog/a/b.html"


def seen(html: str, *given: Enclosure) -> list[tuple[str, str, int | None]]:
    body = Body(html=html, text="", enclosures=given)
    rendering = BodyRenderer().render_body(body, base_url=BASE, image=None, summary=None)
    return [(one.url, one.media_type, one.length) for one in rendering.enclosures]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<audio src="/a.mp3" controls></audio>', [("https://site.example/a.mp3", "audio/mpeg", None)]),
        ('<video poster="/p.jpg"><source src="v" type="video/webm; codecs=&quot;vp9&quot;"><source src="v.MP4?x=1">'
         "</video>",
         [("https://site.example/blog/a/v", "video/webm", None),
          ("https://site.example/blog/a/v.MP4?x=1", "video/mp4", None)]),
        ('<p><a href="https://cdn.example/e.m4a?a=1&amp;b=2">listen</a> <a href="/page">read</a></p>',
         [("https://cdn.example/e.m4a?a=1&b=2", "audio/mp4", None)]),
        ('<picture><source srcset="/a.webp" type="image/webp"><img src="/a.png"></picture>', []),
        ('<a href="/音 乐.mp3?a=[1]&amp;b=%20#甲">x</a><a href="https://例子.example:81/a.mp3">y</a>',
         [("https://site.example/%E9%9F%B3%20%E4%B9%90.mp3?a=%5B1%5D&b=%20#%E7%94%B2", "audio/mpeg", None),
          ("https://xn--fsqu00a.example:81/a.mp3", "audio/mpeg", None)]),
        ('<audio src="/stream?id=1"></audio>', []),
        ("<p>my.mp3 is at /a.mp3? Yes, \"a.mp3\"</p>", []),
        ('<a href="/a.mp3">a</a><a href="/a.mp3">b</a>', [("https://site.example/a.mp3", "audio/mpeg", None)]),
        ('<a href="ftp://a.example/a.mp3">a</a>', []),
    ],
)  # fmt: skip
def test_what_the_content_plays_or_links(html: str, expected: list[tuple[str, str, int | None]]) -> None:
    assert seen(html) == expected


def test_the_authors_own_come_first_and_once() -> None:
    own = Enclosure(url="../e.mp3", media_type="audio/mpeg", length=5)
    assert seen('<audio src="/blog/e.mp3"></audio><audio src="/f.mp3"></audio>', own) == [
        ("https://site.example/blog/e.mp3", "audio/mpeg", 5),
        ("https://site.example/f.mp3", "audio/mpeg", None),
    ]


def test_a_post_of_a_thousand_files_is_bounded() -> None:
    assert len(seen("".join(f'<a href="/{n}.mp3">x</a>' for n in range(1000)))) == 50


@pytest.mark.parametrize(
    ("front", "expected"),
    [
        ("enclosure: /e/1.mp3", [("/e/1.mp3", "audio/mpeg", None)]),
        ("enclosure:\n  url: /e/1.mp3\n  length: 12,345\n  type: audio/x-mpeg", [("/e/1.mp3", "audio/x-mpeg", 12345)]),
        ("audio:\n  mp3: /1.mp3\n  ogg: /1.ogg", [("/1.mp3", "audio/mpeg", None), ("/1.ogg", "audio/ogg", None)]),
        ("videos: [/1.mp4, /2.webm]", [("/1.mp4", "video/mp4", None), ("/2.webm", "video/webm", None)]),
        ("podcast_file: /1.mp3\npodcast_bytes: 77", [("/1.mp3", "audio/mpeg", 77)]),
        ("enclosures:\n- url: /1.mp3\n  size: many\n- {file: /1.mp3}", [("/1.mp3", "audio/mpeg", None)]),
        ("podcast:\n  mp3: 1.mp3\n  duration: 1:02", [("1.mp3", "audio/mpeg", None)]),
        ("video: dQw4w9WgXcQ", []),
        ("audio: true\nvideo:\nenclosure: []", []),
        ("enclosure: 'javascript:x.mp3'", []),
        ("title: audio", []),
    ],
)
def test_what_front_matter_names(front: str, expected: list[tuple[str, str, int | None]]) -> None:
    fields = read_fields(split(f"---\n{front}\n---\n").block or "")
    found = attached(fields.values, lambda written: written if absolute_url(BASE, written, fetched=True) else None)
    assert [(one.url, one.media_type, one.length) for one in found] == expected


def test_the_length_of_the_sites_own_files(tmp_path: Path) -> None:
    (tmp_path / "static" / "音").mkdir(parents=True)
    (tmp_path / "static" / "音" / "a b.mp3").write_bytes(b"x" * 7)
    (tmp_path / "c.mp3").write_bytes(b"x" * 3)
    (tmp_path.parent / "secret.mp3").write_bytes(b"x")
    (tmp_path / "link.mp3").symlink_to(tmp_path.parent / "secret.mp3")
    files = LocalFiles("https://site.example/blog", str(tmp_path))
    lengths = {
        "https://site.example/blog/%E9%9F%B3/a%20b.mp3?x=1#t": 7,
        "https://site.example/blog/c.mp3": 3,
        "https://site.example/c.mp3": None,
        "https://site.example/blog/d.mp3": None,
        "https://site.example/blog/static": None,
        "https://site.example/blog/../secret.mp3": None,
        "https://site.example/blog/%2e%2e/secret.mp3": None,
        "https://site.example/blog//secret.mp3": None,
        "https://site.example/blog/link.mp3": None,
        "https://site.example/blog///[x/a.mp3": None,
        "https://site.example/blog/%00.mp3": None,
        "https://site.example/blog/" + "a" * 5000: None,
        "https://cdn.example/c.mp3": None,
    }
    assert {url: files.length_of(url) for url in lengths} == lengths


def test_the_type_is_that_of_the_names_ending() -> None:
    assert media_type_of("https://a.example/b.tar.OGG?c=d.mp3#e") == "audio/ogg"
    assert media_type_of("https://a.mp3/b") is None


def test_the_picture_and_the_source_are_uris() -> None:
    """RFC 3986: what feeds name outside of HTML has no letters beyond ASCII."""
    renderer = BodyRenderer(rules=Rules(RuleTexts(via=("a",))).apply)
    body = Body(html='<a href="/源?a=b c">x</a><img src="/图.png">', text="")
    rendering = renderer.render_body(body, base_url=BASE, image=None, summary=None)
    assert rendering.via == "https://site.example/%E6%BA%90?a=b%20c"
    assert rendering.image == "https://site.example/%E5%9B%BE.png"
