"""One folder with everything that the world puts into posts, and one good neighbour that gets out all the same."""

import json
import os
import re
import unicodedata
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import feedparser
import pytest
from lxml import etree

from tests.support.program import Program
from tests.support.site import CONFIG, parse_all, post, snapshot, write

_RLO, _ZWSP, _BELL = "\u202e", "\u200b", "\x07"
_BOMB = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 40))

# Name to the file's content; the date 2024-05-01 stands before the names, .md behind them.
FRONT: dict[str, str | bytes] = {
    "yaml-bomb": f"---\ntitle: Bomb\nl0: &l0 [a, b]\n{_BOMB}categories: *l39\n---\nx",
    "yaml-cycle": "---\ntitle: Cycle\na: &a [*a]\ntags: *a\n---\nx",
    "yaml-python": "---\ntitle: !!python/object/apply:os.system ['touch /tmp/feedbell-was-here']\n---\nx",
    "yaml-unknown-tag": "---\ntitle: !thing Tagged\n---\nx",
    "yaml-tab": "---\ntitle: Tab\n\tcategories: x\n---\nx",
    "yaml-twice": "---\ntitle: First\ntitle: Second\n---\nx",
    "yaml-quotes": '---\ntitle: "He said "no" to it"\n---\nx',
    "yaml-two-documents": "---\ntitle: One\n---\ntext\n---\ntitle: Two\n---\nx",
    "yaml-list": "---\n- a\n- b\n---\nx",
    "yaml-scalar": "---\njust text\n---\nx",
    "yaml-brackets": f"---\ntitle: {'[' * 5000}\n---\nx",
    "yaml-closed-brackets": f"---\ntitle: {'[' * 5000}{']' * 5000}\n---\nx",
    "yaml-braces": f"---\ntitle: x\ntags: {'{a: ' * 5000}\n---\nx",
    "terms-odd": "---\ntitle: Odd terms\ncategories: [no, 1.10, 0777, 2024-01-01, null, 7, true]\ntags: 1.10\n---\nx",
    "title-map": "---\ntitle: {a: b}\n---\nx",
    "title-empty": '---\ntitle: ""\n---\nThe first words.\n',
    "title-long": post("L" * 100_000),
    "title-newline": '---\ntitle: "One\\nSet-Cookie: two"\n---\nx',
    "title-marks": post("z" + "\u0301" * 2000),
    "title-bidi": post(f"{_RLO}evil{_ZWSP}"),
    "title-markup": post("]]> <![CDATA[x]]> <script>alert(1)</script> &nbsp; &amp;lt; <b>bold</b>"),
    "front-none": "No front matter at all.\n",
    "front-empty": b"",
    "front-only": "---\n---\n",
    "front-unclosed": "---\ntitle: Never closed\n\ntext\n",
    "front-dots": "---\ntitle: Dots\n...\ntext\n",
    "front-bom": b"\xef\xbb\xbf---\ntitle: BOM\n---\ntext\n",
    "front-crlf": b"---\r\ntitle: CRLF\r\n---\r\ntext\r\n",
    "bytes-utf-16": "---\ntitle: UTF-16\n---\ntext\n".encode("utf-16"),
    "bytes-gbk": "---\ntitle: 金融消息\n---\n金融\n".encode("gbk"),
    "bytes-bad": b"---\ntitle: Bad\n---\n\xff\xfe\xc3\x28\n",
    "bytes-nul": b'---\ntitle: "N\\0UL \\x08"\n---\nA\x00B\x08C\x1bD \xef\xbf\xbe\n',
    "bytes-control-in-yaml": b"---\ntitle: a\x08b\n---\ntext\n",
    "surrogates": '---\ntitle: "\\ud800 lone"\n---\n&#xD800; &#8; &#xFFFE;\n',
    "body-hostile": post(
        body="<script>alert(1)</script><p onclick='x()'>a</p><a href='javascript:alert(1)'>b</a>"
        "<iframe src='//evil'></iframe><style>*{}</style><form action='/x'><input></form>"
        f"<a href='{_BELL}java\nscript:x'>c</a><svg/onload=alert(1)><img src=x onerror=alert(1)> ]]>"
    ),
    "body-liquid": post("Liquid", body="{% include ../../etc/passwd %} {{ site.secret }} {% raw %}{{ x }}{% endraw %}"),
    "body-liquid-open": post("Liquid", body="{% for i in (1..100000000) %}{{ i }}{% endfor %}{% if"),
    "body-quotes": post("Quotes", body=">" * 20_000 + " deep"),
    "body-brackets": post("Brackets", body="[" * 20_000 + "x" + "](y)" * 20_000),
    "body-divs": post("Divs", body="<div>" * 20_000 + "deep" + "</div>" * 20_000),
    "body-stars": post("Stars", body="*a **b " * 20_000),
    "body-image": post("Image", body="![](/a.png)"),
    "many-categories": "---\ntitle: Many\ncategories:\n" + "".join(f"- many{n}\n" for n in range(5000)) + "---\nx",
    "permalink-dots": post(permalink="/%2e%2e/%2e%2e/x.html"),
    "permalink-host": post(permalink="//evil.example/x"),
    "permalink-script": post(permalink="'javascript:alert(1)'"),
    "permalink-up": post(permalink="/../../../etc/passwd"),
    "image-script": post("Script", image="'javascript:alert(1)'"),
    "twin-1": post("Twin 1", slug="twin"),
    "twin-2": post("Twin 2", slug="twin"),
    "hidden": post("Hidden one", published="false"),
    "future": post("Future one", date="2199-01-01"),
    "layout": post("Layout", layout="../../x", author="{name: [a]}", lang="'<x>'"),
}
CATEGORIES = [
    "../../x",
    "/etc/passwd",
    "..",
    ".",
    "''",
    "a/b",
    '"N\\0UL"',
    "CON",
    "con.txt",
    "-rf",
    "x" * 300,
    "财" * 200,
    "feed",
    "index",
    "all",
    "opml",
    "News",
    "news",
    "NEWS",
    "Ｎｅｗｓ",
    unicodedata.normalize("NFC", "Café"),
    unicodedata.normalize("NFD", "Café"),
    "a%2fb",
    "a?b#c",
    '"a\\nb"',
    "<b>bold</b>",
    "🎉",
    "   spaced   out   ",
]
DATES = [
    "0000-01-01",
    "10000-01-01",
    "2021-04-31",
    "2021-01-01 10:00:60",
    "2021-01-01 24:00",
    "2021-01-01 10:00 +99:99",
    "1066-10-14",
    "1969-07-20 20:17:40 +0000",
    "9999-12-31T23:59:59-12:00",
    "0001-01-01T00:00:00+14:00",
    "2021-03-28 02:30:00",
    "2021-01-01 1:02:03",
    "Wed, 02 Oct 2002 13:00:00 GMT",
    "2021-01-01T00:00:00.123456789Z",
    "Fri Sep  3 11:21:31 CEST 2021",
    "now",
    "[1, 2]",
    "''",
    "2021",
    "1e9",
    "'2021-01-01' # comment",
]
NAMES = [
    "2024-05-01-with space.md",
    "2024-05-01-quote\"'.md",
    "2024-05-01-%#?&.md",
    "2024-05-01-%2e%2e%2f.md",
    "2024-05-01-中文.md",
    "2024-05-01-new\nline.md",
    "2024-05-01-" + "n" * 230 + ".md",
    "2024-05-01-.md",
    "0000-00-00-zero.md",
    "99-1-1-short.md",
    "2024-13-45-no-such-day.md",
    "2024-05-01-trailing-.md",
    "2024-05-01-back\\slash.md",
    "2024-05-01-<script>.md",
]
IGNORED = [".2024-05-01-a.md.swp", "2024-05-01-a.md~", "#2024-05-01-a.md#", ".#2024-05-01-a.md"]
GOOD = "The good neighbour"


def _write_site(site: Path) -> None:
    posts: dict[str, str | bytes] = {f"2024-05-01-{name}.md": content for name, content in FRONT.items()}
    for number, category in enumerate(CATEGORIES):
        posts[f"2024-05-01-category-{number}.md"] = f"---\ntitle: C{number}\ncategories: [{category}, kept]\n---\nx\n"
    for number, date in enumerate(DATES):
        posts[f"2024-05-01-date-{number}.md"] = post(f"D{number}", date=date)
    for number, name in enumerate(NAMES):
        posts[name] = post(f"N{number}")
    posts.update(dict.fromkeys(IGNORED, post("An editor's file")))
    posts["/".join(["deep"] * 200) + "/2024-05-01-deep.md"] = post("Deep")
    # The newest, in every feed that the site can have for it.
    now = datetime.now() - timedelta(hours=1)  # noqa: DTZ005 - the zone is the site's
    posts["2024-05-02-good.md"] = post(GOOD, date=f"{now:%Y-%m-%d} 00:00:00 +0800", categories="kept", tags="kept")
    write(site, {"_config.yml": CONFIG + "author: Someone\n"})
    write(site / "_posts", posts)
    _write_odd_files(site, site / "_posts")


def _write_odd_files(site: Path, posts: Path) -> None:
    (posts / "2024-05-01-folder.md").mkdir()
    os.mkfifo(posts / "2024-05-01-fifo.md")
    with open(posts / "2024-05-01-sparse.md", "wb") as sparse:
        sparse.truncate(10_000_000_000)
    secret = site.parent / "outside" / "2024-05-01-secret.md"
    write(secret.parent, {secret.name: post("A secret from outside")})
    (posts / "2024-05-01-link-outside.md").symlink_to(secret)
    (posts / "linked-folder").symlink_to(secret.parent)
    (posts / "2024-05-01-dangling.md").symlink_to(posts / "nowhere.md")
    (posts / "2024-05-01-self.md").symlink_to(posts / "2024-05-01-self.md")
    (posts / "loop").symlink_to(posts)
    (posts / "2024-05-01-device.md").symlink_to("/dev/zero")
    with open(os.fsencode(posts) + b"/2024-05-01-\xff\xfe.md", "wb") as file:
        file.write(post("Not UTF-8").encode())


@pytest.mark.timeout(200)
def test_the_good_neighbour_of_every_bad_post_gets_out(program: Program, tmp_path: Path) -> None:
    site, out = tmp_path / "site", tmp_path / "out"
    _write_site(site)
    before = _tree(tmp_path, but=("out", "state", "log"))
    options = ("--out", out, "--database", f"sqlite:///{tmp_path / 'state' / 'f.db'}")
    code, peak = program.peak_megabytes(*options, "once", cwd=site, log=tmp_path / "log")
    said = (tmp_path / "log").read_text(errors="surrogateescape")
    assert code == 0, said
    assert "Traceback" not in said
    assert peak < 400
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u202e]", said), "control characters reach the terminal"
    assert not Path("/tmp/feedbell-was-here").exists()
    # Nothing was written but below the output folder and the state folder.
    assert _tree(tmp_path, but=("out", "state", "log", "site/.feedbell")) == before

    _look_at_files(out)
    for name in ("feed.xml", "feeds/all", "feeds/category/kept", "feeds/tag/kept", "feeds/author/Someone"):
        _look_at_feed(out, name)

    status = program.call(*options, "status", "--json", cwd=site)
    _look_at_quarantine({one["path"]: one["code"] for one in status.json()["quarantined"]})
    assert all("\n" not in one["reason"] and one["reason"] for one in status.json()["quarantined"])

    listed = {one["title"]: one for one in program.call(*options, "posts", "--limit", "999", "--json", cwd=site).json()}
    assert set(listed) >= {GOOD, 'He said "no" to it', "BOM", "CRLF", "Dots", "One Set-Cookie: two"}
    # As Ruby's Time.parse has it, which is what Jekyll asks: the day after the last of April.
    assert listed["D2"]["published"].startswith("2021-05-01T")
    assert listed["D7"]["published"] == "1969-07-21T04:17:40+08:00"
    assert listed["D11"]["published"] == "2021-01-01T09:02:03+08:00"
    assert [term["term"] for term in listed["Odd terms"]["categories"]][:3] == ["no", "1.10", "0777"]
    assert all(len(title) <= 500 for title in listed)

    # Stable: the same again writes nothing.
    first = snapshot(out)
    again = program.call(*options, "once", "--json", cwd=site)
    assert again.json()["files_written"] == 0
    assert snapshot(out) == first


def _tree(folder: Path, but: tuple[str, ...]) -> set[str]:
    found = {path.relative_to(folder).as_posix() for path in folder.glob("**/*")}
    return {path for path in found if not any(path == part or path.startswith(part + "/") for part in but)}


def _look_at_files(out: Path) -> None:
    files = parse_all(out)
    names = [path.relative_to(out).as_posix() for path in files]
    assert all(len(part.encode()) <= 255 for name in names for part in name.split("/"))
    folded = [unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()) for name in names]
    assert len(folded) == len(set(folded))
    # 5,000 categories in one post stay bounded.
    assert 0 < sum("/many" in name for name in names) <= 4 * 200
    for path in files:
        text = path.read_bytes().decode()
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", text), path
        assert "A secret from outside" not in text, path
        assert "An editor's file" not in text, path
        assert "Hidden one" not in text, path
        assert "Future one" not in text, path
    taken = {name.rsplit(".", 1)[0].casefold() for name in names if name.startswith("feeds/category/")}
    assert not taken & {f"feeds/category/{name}" for name in ("index", "all", "feed", "opml", "con", "con.txt")}
    index = (out / "feeds/index.html").read_text()
    assert "<b>bold</b>" not in index


def _look_at_feed(out: Path, name: str) -> None:
    by_format = {form: out / f"{name}.{form}" for form in ("rss", "atom", "json")}
    if name.endswith(".xml"):
        by_format = {"atom": out / name}
    for form, path in by_format.items():
        ids, titles, html = _READERS[form](path)
        assert GOOD in titles, path
        assert len(ids) == len(set(ids)), path
        for content in html:
            for forbidden in ("<script", "onclick=", "onload=", "onerror=", "<iframe", "<form", "<style"):
                assert forbidden not in content.lower(), path
            tree = etree.HTML(f"<div>{content}</div>")
            for link in tree.xpath("//@href | //@src"):
                assert link.startswith(("http://", "https://", "mailto:")), (path, link)


def _json(path: Path) -> tuple[list[str], list[str], list[str]]:
    items = json.loads(path.read_bytes())["items"]
    assert all(item["url"].startswith("https://site.example/") for item in items)
    return [one["id"] for one in items], [one["title"] for one in items], [one["content_html"] for one in items]


def _xml(path: Path) -> tuple[list[str], list[str], list[str]]:
    found = feedparser.parse(path.read_bytes(), sanitize_html=False, resolve_relative_uris=False)
    assert not found.bozo, (path, found.get("bozo_exception"))
    assert all(one.link.startswith("https://site.example/") for one in found.entries)
    contents = [content.value for one in found.entries for content in one.get("content", [])]
    return [one.id for one in found.entries], [one.title for one in found.entries], contents


_READERS: dict[str, Callable[[Path], tuple[list[str], list[str], list[str]]]] = {
    "rss": _xml,
    "atom": _xml,
    "json": _json,
}


def _look_at_quarantine(found: dict[str, str]) -> None:
    def code_of(name: str) -> str | None:
        return found.get(f"_posts/2024-05-01-{name}.md")

    expected = {
        "bytes-utf-16": "not-utf-8",
        "bytes-gbk": "not-utf-8",
        "bytes-bad": "not-utf-8",
        "front-unclosed": "unclosed-front-matter",
        "sparse": "too-large",
        "fifo": "not-a-file",
        "link-outside": "link-outside",
        "dangling": "broken-link",
        "self": "broken-link",
        "device": "link-outside",
    }
    assert {name: code_of(name) for name in expected} == expected
    twins = {code_of("twin-1"), code_of("twin-2")}
    assert twins == {None, "duplicate-id"}
    # Dates that no calendar holds are named, never taken for now.
    for number in (0, 1, 5, 15, 16):
        assert code_of(f"date-{number}") == "unreadable-date", DATES[number]
    assert [path for path in found if "\\xff" in path]
    assert "_posts/2024-05-02-good.md" not in found
