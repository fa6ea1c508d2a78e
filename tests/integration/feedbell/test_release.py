"""From events to deliveries: who is told what, and only once the feeds are in place."""

import json
from typing import Any

import jsonschema

from feedbell.payload import payload_schema
from tests.support.site import Flow, post

SECRET = "whsec_" + "A" * 32
ALL_EVENTS = ["post.published", "post.updated", "post.withdrawn"]


def endpoints(*names: str, **more: str) -> str:
    extra = "".join(f"{key} = {value}\n" for key, value in more.items())
    return "".join(
        f'[[endpoints]]\nname = "{name}"\nurl = "http://127.0.0.1:9/"\nsecret = "{SECRET}"\n{extra}' for name in names
    )


def subscription(endpoint: str, **wanted: list[str]) -> str:
    lines = "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in wanted.items())
    return f'[[subscriptions]]\nendpoint = "{endpoint}"\n{lines}'


def told(flow: Flow) -> set[tuple[str, str, str]]:
    """Return (endpoint, event, title) of each delivery."""
    query = (
        "SELECT d.endpoint, e.type, p.title FROM deliveries d JOIN events e ON e.id = d.event_id "
        "JOIN posts p ON p.id = {}"
    )
    return {(row.endpoint, row.type, row.title) for row in flow.rows(query)}


def payloads(flow: Flow, column: str = "payload") -> list[dict[str, Any]]:
    rows = flow.rows(f"SELECT {column} AS payload FROM events WHERE {column} IS NOT NULL ORDER BY id")
    return [json.loads(row.payload) for row in rows]


def test_each_endpoint_gets_what_its_subscriptions_name(flow: Flow) -> None:
    flow.configure(
        endpoints("all", "cat", "label", "tag", "word", "gone", "other", "none")
        + subscription("all", events=ALL_EVENTS)
        + subscription("cat", categories=["slug"])
        + subscription("label", categories=["Name"])
        + subscription("tag", tags=["x"])
        + subscription("word", words=["央行"])
        + subscription("gone", events=["post.withdrawn"])
        + subscription("other", sources=["elsewhere"])
    )
    flow.write(old=post("Old", categories="slug", tags="Name"), keep=post("Keep"), spare=post("Spare"))
    flow.run()
    assert told(flow) == set()
    flow.write(
        a=post("A", categories="slug", tags="Name"), b=post("B", tags="x"), c=post("央行降准", categories="other")
    )
    _, deliveries = flow.run()
    new = "post.published"
    expected = {("all", new, title) for title in ("A", "B", "央行降准")}
    expected |= {("cat", new, "A"), ("label", new, "A"), ("tag", new, "B"), ("word", new, "央行降准")}
    assert told(flow) == expected
    assert deliveries == len(expected)
    flow.path("a").unlink()
    flow.run()
    gone = "post.withdrawn"
    assert told(flow) - expected == {(name, gone, "A") for name in ("all", "gone")}
    assert flow.run()[1] == 0


def test_the_payload_keeps_its_published_schema(flow: Flow) -> None:
    flow.configure(endpoints("e") + subscription("e"))
    flow.run()
    flow.write(old=post("Old"))
    flow.run()
    flow.write(
        a=post(
            "A &amp; B",
            body="Text with ![](/p.png) & more.",
            categories="slug",
            tags="Name",
            author="Li",
            date="2024-05-01 10:00:00 +0800",
        )
    )
    flow.run()
    schema = payload_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    *_, payload = payloads(flow)
    jsonschema.validate(payload, schema)
    assert payload["type"] == "post.published"
    found = payload["data"]["post"]
    assert found["id"] == "https://site.example/slug/2024/05/01/a"
    assert found["url"] == "https://site.example/slug/2024/05/01/a.html"
    assert found["published"] == "2024-05-01T02:00:00Z"
    assert found["categories"] == [{"term": "slug", "label": "Name"}]
    assert found["tags"] == [{"term": "Name", "label": "Name"}]
    assert [author["name"] for author in found["authors"]] == ["Li"]
    assert found["image"] == "https://site.example/p.png"
    assert found["language"] == "en"
    assert found["source"] == "site"
    assert "content_html" not in found
    feeds = set(payload["data"]["feeds"])
    assert "https://site.example/feeds/category/slug.atom" in feeds
    for url in feeds:
        assert "A &" in (flow.out / url.removeprefix("https://site.example/")).read_text().replace("&amp;", "&")


def test_the_content_is_sent_only_where_it_is_asked_for(flow: Flow) -> None:
    flow.configure(
        endpoints("short") + endpoints("whole", content="true") + subscription("short") + subscription("whole")
    )
    flow.write(old=post("Old"))
    flow.run()
    flow.write(a=post("A", body="The **whole** text."))
    flow.run()
    (short,), (whole,) = payloads(flow), payloads(flow, "payload_with_content")
    assert "content_html" not in short["data"]["post"]
    assert "<strong>whole</strong>" in whole["data"]["post"]["content_html"]


def test_a_post_withdrawn_before_its_release_is_told_of_all_the_same(flow: Flow) -> None:
    flow.configure(endpoints("e") + subscription("e", events=ALL_EVENTS))
    flow.write(a=post("A"), b=post("B"), c=post("C"))
    flow.run()
    flow.write(d=post("D"))
    flow.poll()
    flow.path("d").unlink()
    flow.poll()
    flow.app.pipeline.publish()
    assert [payload["type"] for payload in payloads(flow)] == ["post.published", "post.withdrawn"]


def test_existing_posts_are_told_of_when_asked(flow: Flow) -> None:
    flow.configure(endpoints("e") + subscription("e"))
    flow.write(**{f"p{n}": post(f"P{n}", date=f"2024-04-0{n + 1}") for n in range(5)})
    flow.poll()
    assert flow.app.pipeline.announce_existing(2) == 2
    _, deliveries = flow.app.pipeline.publish()
    assert deliveries == 2
    assert [payload["data"]["post"]["title"] for payload in payloads(flow)] == ["P3", "P4"]


def test_two_that_release_at_once_make_each_delivery_once(flow: Flow) -> None:
    flow.configure(endpoints("e") + subscription("e"))
    flow.write(old=post("Old"))
    flow.run()
    flow.write(**{f"p{n}": post(f"P{n}") for n in range(450)})
    flow.poll()
    other = flow.another()
    assert flow.app.pipeline.publish()[1] + other.pipeline.publish()[1] == 450
    assert len(told(flow)) == 450


def test_a_subscription_may_name_a_selection_and_is_told_of_its_feed(flow: Flow) -> None:
    selection = '[[feeds]]\nname = "markets"\nany = { words = ["央行"] }\n'
    flow.configure(selection + endpoints("chosen") + subscription("chosen", selections=["markets"]))
    flow.write(old=post("Old"))
    flow.run()
    flow.write(a=post("央行降准"), b=post("Other"))
    flow.run()
    assert told(flow) == {("chosen", "post.published", "央行降准")}
    [payload] = payloads(flow)
    assert "https://site.example/feeds/selection/markets.atom" in payload["data"]["feeds"]


def test_words_patterns_languages_and_parts_choose_by_what_readers_see(flow: Flow) -> None:
    flow.configure(
        endpoints("pattern", "german", "own", "parts", "twice")
        + subscription("pattern", patterns=[r"降准[0-9.]+个百分点", r"(?i)^breaking:"])
        + subscription("german", languages=["de"])
        + subscription("own", languages=["en"], categories=["mar*"])
        + subscription("twice", categories=["markets"])
        + subscription("twice", words=["百分点"])
        + subscription("parts")
        + 'any = { words = ["百分点"], languages = ["de"] }\nnone = { tags = ["advert*"] }\n'
    )
    flow.write(old=post("Old"))
    flow.run()
    flow.write(
        a=post("央行", body="央行<b>降准</b>0.5个百分点", categories="markets"),
        b=post("Breaking: 1", lang="de-AT", tags="advert-1"),
        c=post("Not breaking: 2", body="breaking: 3", lang="de"),
        d=post("Hidden", body="x<!-- 降准0.5个百分点 --><script>降准0.5个百分点</script>", categories="mar"),
    )
    flow.run()
    found = {name: {title for endpoint, _, title in told(flow) if endpoint == name} for name, _, _ in told(flow)}
    assert found == {
        "pattern": {"央行", "Breaking: 1"},
        "german": {"Breaking: 1", "Not breaking: 2"},
        "own": {"央行", "Hidden"},
        "twice": {"央行"},
        "parts": {"央行", "Not breaking: 2"},
    }
    assert len(flow.rows("SELECT 1 FROM deliveries")) == 9
