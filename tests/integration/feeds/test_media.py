"""Media files from the front matter and the folder to the feeds, and kept in the database in between."""

import json

from tests.support.site import Flow, feed_files, post, snapshot


def test_a_podcast_is_published_with_its_files_and_kept(flow: Flow) -> None:
    flow.write(
        a=post("A", body='<audio src="/media/two.ogg"></audio>', enclosure="/media/one.mp3"),
        b=post("B", body="nothing"),
    )
    (flow.site / "media").mkdir()
    (flow.site / "media" / "one.mp3").write_bytes(b"x" * 1234)
    flow.run()
    items = {item["title"]: item for item in json.loads((flow.out / "feeds/all.json").read_bytes())["items"]}
    assert items["A"]["attachments"] == [
        {"url": "https://site.example/media/one.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 1234},
        {"url": "https://site.example/media/two.ogg", "mime_type": "audio/ogg"},
    ]
    assert "attachments" not in items["B"]
    before = {name: content for name, (_, _, content) in snapshot(flow.out).items()}
    # What was rendered is kept: the posts are not read again.
    (flow.site / "media" / "one.mp3").unlink()
    for path in feed_files(flow.out):
        path.unlink()
    flow.configure()
    flow.run()
    assert {name: content for name, (_, _, content) in snapshot(flow.out).items()} == before


def test_another_file_is_a_change_that_readers_see(flow: Flow) -> None:
    flow.write(a=post("A", enclosure="/one.mp3"))
    flow.run()
    flow.write(a=post("A", enclosure="/two.mp3"))
    flow.run()
    items = json.loads((flow.out / "feeds/all.json").read_bytes())["items"]
    assert [one["url"] for one in items[0]["attachments"]] == ["https://site.example/two.mp3"]
    assert [type_ for type_, _ in flow.events()] == ["post.updated"]
