"""Real readers see in every feed what `feedbell posts` says: the same ids, titles, links and dates."""

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest
from lxml import etree

from tests.support.hard_site import FILES
from tests.support.judges import (
    Judge,
    Seen,
    by_feedparser,
    by_feedsmith,
    by_newsboat,
    by_reader,
    by_rss_parser,
    by_sfeed,
)
from tests.support.program import Program
from tests.support.site import copy_of_sample, write

SCHEMAS = Path(__file__).parents[1] / "support" / "schemas"
JUDGES: dict[Judge, tuple[str, ...]] = {
    by_feedparser: ("rss", "atom"),
    by_feedsmith: ("rss", "atom", "json"),
    by_newsboat: ("rss", "atom"),
    by_reader: ("rss", "atom", "json"),
    by_rss_parser: ("rss", "atom"),
    by_sfeed: ("rss", "atom"),
}
CASES = [(judge, format_) for judge, formats in JUDGES.items() for format_ in formats]


@pytest.fixture(scope="module", params=["sample", "hard"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, program: Program) -> Path:
    """A site whose feeds stand in `_feedbell`."""
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "sample":
        place = copy_of_sample(folder)
    else:
        place = folder / "site"
        write(place, FILES)
    assert program.call("once", cwd=place).code == 0
    return place


@pytest.mark.parametrize(("judge", "format_"), CASES, ids=[f"{judge.__name__}-{name}" for judge, name in CASES])
def test_a_reader_sees_what_the_posts_are(
    judge: Judge, format_: str, site: Path, program: Program, tmp_path: Path
) -> None:
    posts = program.call("posts", "--json", cwd=site).json()
    assert len(posts) >= 5
    expected = {
        one["id"]: Seen(one["title"], one["url"], datetime.fromisoformat(one["published"]).astimezone(UTC))
        for one in posts
    }
    found = judge(site / f"_feedbell/feeds/all.{format_}", tmp_path)
    assert {id_: seen._replace(published=seen.published.astimezone(UTC)) for id_, seen in found.items()} == expected


def test_every_file_keeps_its_schema(site: Path) -> None:
    files = [file for file in (site / "_feedbell").rglob("*") if file.suffix in (".rss", ".atom", ".xml", ".json")]
    atom = etree.RelaxNG(etree.parse(SCHEMAS / "atom_1_0.rng"))
    json_feed = jsonschema.Draft202012Validator(json.loads((SCHEMAS / "json_feed_1_1.json").read_bytes()))
    assert {file.suffix for file in files} == {".rss", ".atom", ".xml", ".json"}
    for file in files:
        if file.suffix == ".json":
            json_feed.validate(json.loads(file.read_bytes()))
            continue
        subprocess.run(["xmllint", "--noout", file], check=True, timeout=60)
        if (root := etree.parse(file)).getroot().tag.endswith("}feed"):
            atom.assertValid(root)
