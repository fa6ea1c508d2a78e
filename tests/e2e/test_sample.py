"""The installed program on the sample site, command by command."""

import json
import shutil
from pathlib import Path

import feedparser
import pytest

from tests.support.program import Program
from tests.support.site import Shown, atom, copy_of_sample, parse_all, snapshot, write

HOST = "https://finews.withounder.com"
# Read from the feed that Jekyll 4.3 with jekyll-feed 0.17 makes of the same folder.
EXPECTED = {
    Shown(
        id=f"{HOST}/shanghaizhengquanbao%C2%B7zhongguozhengquanwang/2022/02/23/NW202202232286422330",
        url=f"{HOST}/shanghaizhengquanbao%C2%B7zhongguozhengquanwang/2022/02/23/NW202202232286422330.html",
        title="两部门：加大出口信用保险支持 做好跨周期调节进一步稳外贸",
        published="2022-02-23T18:29:04+08:00",
        updated="2022-02-23T18:29:04+08:00",
        categories=("shanghaizhengquanbao·zhongguozhengquanwang", "上海证券报·中国证券网新闻"),
    ),
    Shown(
        id=f"{HOST}/emnews/2021/12/08/202112082206672930",
        url=f"{HOST}/emnews/2021/12/08/202112082206672930.html",
        title="离岸人民币兑美元升至2018年以来最高水平",
        published="2021-12-08T18:46:18+08:00",
        updated="2021-12-08T18:46:18+08:00",
        categories=("emnews", "东财滚动新闻"),
    ),
    Shown(
        id=f"{HOST}/emnews/2021/12/08/202112082206735975",
        url=f"{HOST}/emnews/2021/12/08/202112082206735975.html",
        title="国家知识产权局：打击非正常专利申请和商标恶意抢注行为",
        published="2021-12-08T18:39:01+08:00",
        updated="2021-12-08T18:39:01+08:00",
        categories=("emnews", "东财滚动新闻"),
    ),
    Shown(
        id=f"{HOST}/emnews/2021/12/08/202112082206945215",
        url=f"{HOST}/emnews/2021/12/08/202112082206945215.html",
        title="免费研报精选：军工板块再度被激活！优质标的名单在这里！“锂电”行情尚未结束？",
        published="2021-12-08T12:58:23+08:00",
        updated="2021-12-08T12:58:23+08:00",
        categories=("emnews", "东财滚动新闻"),
    ),
    Shown(
        id=f"{HOST}/sitenews/2021/12/01/init",
        url=f"{HOST}/sitenews/2021/12/01/init.html",
        title="开站大吉",
        published="2021-12-01T21:33:50+08:00",
        updated="2021-12-01T21:33:50+08:00",
        categories=("sitenews", "站长消息"),
    ),
}
SLUGS = {
    "category": {"emnews", "sitenews", "shanghaizhengquanbao·zhongguozhengquanwang"},
    "tag": {"东财滚动新闻", "站长消息", "上海证券报·中国证券网新闻"},
    "author": {"ZNing"},
}
BROKEN = "_posts/-202205262391921712.md"


def test_it_is_the_installed_program_that_runs(program: Program) -> None:
    found = program.python("import core, feeds, notifier, feedbell; print(core.__file__, feedbell.__file__)")
    assert all(Path(file).resolve().is_relative_to(program.environment.resolve()) for file in found.split())


def test_the_sample_site(program: Program, tmp_path: Path) -> None:
    site = copy_of_sample(tmp_path)
    checked = program.call("check", "--json", cwd=site)
    assert checked.code == 1
    assert checked.json()["posts"] == 5
    assert [(one["path"], one["code"]) for one in checked.json()["problems"]] == [(BROKEN, "no-date-in-name")]
    assert not (site / "_feedbell").exists()
    assert not (site / ".feedbell").exists()

    first = program.call("once", "--json", cwd=site)
    assert first.code == 0
    found = first.json()
    assert found["posts"] == 5
    assert found["terms"] == {"category": 3, "tag": 3, "author": 1}
    assert [one["path"] for one in found["quarantined"]] == [BROKEN]
    assert found["files_written"] == 33  # three formats and a page of 8 feeds, and feed.xml
    out = site / "_feedbell"
    _look_at_feeds(out)

    before = snapshot(out)
    strict = program.call("once", "--strict", cwd=site)
    assert strict.code == 1
    assert "金融消息: 5 posts, 3 categories, 3 tags, 1 authors" in strict.out
    assert "0 feed files written" in strict.out
    assert snapshot(out) == before

    listed = {one["id"]: one for one in program.call("posts", "--json", cwd=site).json()}
    assert set(listed) == {one.id for one in EXPECTED}
    categories = listed[f"{HOST}/shanghaizhengquanbao%C2%B7zhongguozhengquanwang/2022/02/23/NW202202232286422330"]
    assert categories["categories"] == [
        {"term": "shanghaizhengquanbao·zhongguozhengquanwang", "label": "上海证券报·中国证券网新闻"}
    ]
    status = program.call("status", "--json", cwd=site)
    assert status.code == 0
    assert status.json()["dirty"] == 0


def test_check_speaks_to_people_programs_and_github(program: Program, tmp_path: Path) -> None:
    site = copy_of_sample(tmp_path)
    (site / "_posts" / "2024-01-01-a,b: 100%.md").write_text('---\ntitle: "One "two" three"\n---\n{% what %}\n')
    (site / "_posts" / "2024-01-02-bad.md").write_text("---\ntitle: x\n")
    told = program.call("--site", site, "check", cwd=tmp_path)
    assert told.code == 1
    assert "_posts/2024-01-02-bad.md:" in told.out
    assert "_posts/2024-01-01-a,b: 100%.md:2:1: warning: " in told.out
    assert told.out.splitlines()[-1] == "6 posts, 4 problems (2 errors, 2 warnings)"

    # https://docs.github.com/actions/reference/workflow-commands
    for_github = program.call("--site", site, "check", "--format", "github", cwd=tmp_path).out
    folder = site.relative_to(tmp_path)
    assert f"::error file={folder}/{BROKEN},title=no-date-in-name::its name has no date" in for_github
    assert f"::warning file={folder}/_posts/2024-01-01-a%2Cb%3A 100%25.md,line=2,col=1,title=rescued::" in for_github
    assert f"::warning file={folder}/_posts/2024-01-01-a%2Cb%3A 100%25.md,line=4," in for_github

    (site / "_posts" / "2024-01-03-x\n::error::\x1b[31m.md").write_text("---\ndate: never\n---\n")
    for command in (["check"], ["check", "--format", "github"], ["once"]):
        told = program.call("--site", site, *command, cwd=tmp_path)
        assert "2024-01-03-x" in told.out
        assert not any(line.startswith("::error::") for line in (told.out + told.err).splitlines())
        assert "\x1b[31m" not in told.out + told.err

    codes = {one["code"] for one in program.call("--site", site, "check", "--json", cwd=tmp_path).json()["problems"]}
    ignored = [part for code in codes for part in ("--ignore", code)]
    assert program.call("--site", site, "check", *ignored, cwd=tmp_path).code == 0


def _look_at_feeds(out: Path) -> None:
    found = {path.relative_to(out).as_posix() for path in parse_all(out)}
    expected = {"feed.xml", "feeds/opml.xml", "feeds/index.html", *(f"feeds/all.{one}" for one in ("rss", "atom"))}
    expected |= {"feeds/all.json", "feeds/all.html", "feeds/style.css", *(f"feeds/{name}.opml" for name in SLUGS)}
    for taxonomy, slugs in SLUGS.items():
        expected |= {f"feeds/{taxonomy}/{slug}.{form}" for slug in slugs for form in ("rss", "atom", "json", "html")}
    assert found == expected
    assert set(atom(out / "feed.xml")) == EXPECTED
    assert set(atom(out / "feeds/all.atom")) == EXPECTED
    emnews = {one for one in EXPECTED if "emnews" in one.categories}
    assert set(atom(out / "feeds/category/emnews.atom")) == emnews
    # The same feed by an independent reader of RSS, and as JSON.
    rss = feedparser.parse((out / "feeds/category/emnews.rss").read_bytes())
    assert not rss.bozo
    assert {(one.id, one.link, one.title) for one in rss.entries} == {(one.id, one.url, one.title) for one in emnews}
    items = json.loads((out / "feeds/category/emnews.json").read_bytes())["items"]
    assert {(one["id"], one["url"], one["date_published"]) for one in items} == {
        (one.id, one.url, one.published) for one in emnews
    }
    labels = feedparser.parse((out / "feeds/category/shanghaizhengquanbao·zhongguozhengquanwang.atom").read_bytes())
    assert labels.feed.title == "上海证券报·中国证券网新闻 – 金融消息"


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ("[site]\nfoo = 1\n", "site.foo"),
        ("colour = 1\n", "colour"),
        ("[[sources]]\nsettle_ms = -1\n", "sources.0.settle_ms"),
        ("not toml at all", "not TOML"),
        ('[[endpoints]]\nname = "a"\nurl = "http://10.0.0.1/"\nsecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZI"\n', "private"),
    ],
)
def test_wrong_settings_are_named_and_end_with_2(program: Program, tmp_path: Path, settings: str, named: str) -> None:
    site = copy_of_sample(tmp_path)
    write(site, {"feedbell.toml": settings})
    ended = program.call("once", cwd=site)
    assert (ended.code, ended.out) == (2, "")
    assert named in ended.err
    assert "whsec_" not in ended.err
    assert not (site / "_feedbell").exists()


def test_no_site_and_wrong_usage_end_with_2(program: Program, tmp_path: Path) -> None:
    empty = program.call("once", cwd=tmp_path)
    assert empty.code == 2
    assert "no site here" in empty.err
    assert program.call("publish-everything", cwd=tmp_path).code == 2
    write(tmp_path, {"_config.yml": "title: No address\n", "_posts/2024-05-01-a.md": "A post.\n"})
    nameless = program.call("once", cwd=tmp_path)
    assert nameless.code == 2
    assert "no absolute address" in nameless.err


def test_init_writes_a_configuration_that_changes_nothing(program: Program, tmp_path: Path) -> None:
    site = copy_of_sample(tmp_path)
    program.call("once", cwd=site)
    plain = {name: content for name, (_, _, content) in snapshot(site / "_feedbell").items()}
    shutil.rmtree(site / "_feedbell")
    shutil.rmtree(site / ".feedbell")
    made = program.call("init", site, cwd=tmp_path)
    assert made.code == 0
    assert (site / "feedbell.toml").exists()
    again = program.call("init", site, cwd=tmp_path)
    assert again.code == 2
    assert "there already" in again.err
    assert program.call("--config", site / "feedbell.toml", "once", cwd=tmp_path).code == 0
    assert {name: content for name, (_, _, content) in snapshot(site / "_feedbell").items()} == plain


def test_a_page_that_cannot_be_written_stops_nothing_else(program: Program, tmp_path: Path) -> None:
    site = copy_of_sample(tmp_path)
    (site / "_feedbell/feeds/index.html/in the way").mkdir(parents=True)
    ended = program.call("once", cwd=site)
    assert ended.code == 1
    assert "cannot write the index page" in ended.out
    assert len(feedparser.parse((site / "_feedbell/feed.xml").read_bytes()).entries) == 5
