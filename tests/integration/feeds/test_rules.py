"""Rules of a source are part of what is rendered: a change makes the feeds anew, and no post new."""

import json

from tests.support.site import Flow, post

SOURCE = 'settle_ms = 0\n[sources.rules]\ndrop_text = "Back*"\nauthor_text = "By {name}"\n'


def test_changed_rules_render_again_and_tell_nobody(flow: Flow) -> None:
    flow.write(a=post("A", body="Words.\n\nBy Ada\n\n[Back home](/)"))
    flow.run()
    (before,) = json.loads((flow.out / "feeds/all.json").read_bytes())["items"]
    flow.configure(source=SOURCE)
    flow.run()
    (after,) = json.loads((flow.out / "feeds/all.json").read_bytes())["items"]
    assert "Back home" in before["content_html"]
    assert after["content_html"].split() == ["<p>Words.</p>", "<p>By", "Ada</p>"]
    assert [author["name"] for author in after["authors"]] == ["Ada"]
    assert [before[key] for key in ("id", "date_modified")] == [after[key] for key in ("id", "date_modified")]
    assert flow.events() == []
    # What was rendered by these rules is kept with its author.
    for path in (flow.out / "feeds").glob("all.*"):
        path.unlink()
    flow.configure(source=SOURCE)
    flow.run()
    assert json.loads((flow.out / "feeds/all.json").read_bytes())["items"] == [after]
