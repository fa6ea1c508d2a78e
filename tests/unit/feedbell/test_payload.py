"""The published form of webhook bodies."""

import json
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from jsonschema import Draft202012Validator

from feedbell.payload import describe, payload_schema, without_content
from feeds.layout import Layout, SiteFacts
from feeds.model import Author, Category, Post, Rendering, Taxonomy

PUBLISHED_SCHEMA = Path(__file__).parents[3] / "docs" / "webhook.schema.json"


def test_the_published_schema_is_the_one_in_force() -> None:
    assert json.loads(PUBLISHED_SCHEMA.read_text(encoding="utf-8")) == payload_schema()


def test_a_payload_fits_the_published_schema_and_says_what_the_post_says() -> None:
    layout = Layout(
        Path("out"),
        SiteFacts(
            title="站",
            description="",
            home_url="https://example.org/",
            served_at={"": "https://example.org/"},
            language="zh-CN",
            zone=ZoneInfo("Asia/Shanghai"),
            authors=(),
            labels={},
        ),
    )
    moment = datetime(2022, 2, 23, 10, 29, 4, tzinfo=UTC)
    post = Post(
        id=1,
        source="site",
        entry_id="https://example.org/a",
        url="https://example.org/a.html",
        path="_posts/2022-02-23-a.md",
        title="标题",
        published=moment,
        updated=moment,
        categories=("emnews",),
        tags=(),
        authors=(Author(name="作者"),),
        summary=None,
        image=None,
        language=None,
        content_hash="",
        withdrawn=None,
    )
    category = Category(taxonomy=Taxonomy.CATEGORY, term="emnews", label="东财", slug="emnews")
    rendering = Rendering(content_html="<p>文</p>", summary="文", image=None)
    whole = describe("post.published", moment, post, rendering, [category], layout)
    written = json.loads(without_content(whole).model_dump_json(exclude_none=True))

    Draft202012Validator(json.loads(PUBLISHED_SCHEMA.read_text(encoding="utf-8"))).validate(written)
    assert written == {
        "type": "post.published",
        "timestamp": "2022-02-23T10:29:04Z",
        "data": {
            "version": 1,
            "post": {
                "id": "https://example.org/a",
                "url": "https://example.org/a.html",
                "title": "标题",
                "summary": "文",
                "published": "2022-02-23T10:29:04Z",
                "updated": "2022-02-23T10:29:04Z",
                "authors": [{"name": "作者"}],
                "categories": [{"term": "emnews", "label": "东财"}],
                "tags": [],
                "language": "zh-CN",
                "source": "site",
            },
            "feeds": ["https://example.org/feeds/category/emnews.atom"],
        },
    }
    assert json.loads(whole.model_dump_json())["data"]["post"]["content_html"] == "<p>文</p>"
