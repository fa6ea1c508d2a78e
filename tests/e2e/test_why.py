"""`feedbell why` and `feedbell preview`, installed."""

from pathlib import Path

from tests.support.program import Program
from tests.support.receiver import Receiver
from tests.support.site import LOOPBACK, copy_of_sample, endpoint, post, write


def test_why_a_post_was_sent_or_not(program: Program, tmp_path: Path, receiver: Receiver) -> None:
    site = copy_of_sample(tmp_path)
    hooks = endpoint(receiver.url("/all"), "all") + endpoint(receiver.url("/some"), "some", patterns="['降息+']")
    write(site, {"feedbell.toml": LOOPBACK + hooks})
    assert program.call("once", cwd=site).code == 0
    write(site, {"_posts/2024-05-01-new.md": post("New \x1b[31m[bold]", categories="news")})
    assert program.call("once", cwd=site).code == 0
    told = program.call("why", "_posts/2024-05-01-new.md", cwd=site)
    assert told.code == 0, told.err
    assert "\x1b" not in told.out
    title, head, first, second = told.out.splitlines()
    assert title.startswith("New")
    assert title.endswith("(_posts/2024-05-01-new.md)")
    assert head.split() == ["endpoint", "event", "code", "why"]
    assert first.split()[:4] == ["all", "post.published", "sent", "sent"]
    assert second.split()[:3] == ["some", "post.published", "filtered"]
    assert "filtered by patterns: wants one of 降息+" in second

    [request] = receiver.received()
    as_json = program.call("why", "2024-05-01-new", "all", "--json", cwd=site).json()
    [answer] = as_json["answers"]
    assert (answer["code"], answer["attempts"]) == ("sent", 1)
    assert answer["message_id"] == request.headers["webhook-id"]
    assert as_json["post"]["path"] == "_posts/2024-05-01-new.md"
    assert program.call("why", "nothing-like-it", cwd=site).code == 2
    assert program.call("why", "2024-05-01-new", "nobody", cwd=site).code == 2


def test_a_preview_of_a_subscription(program: Program, tmp_path: Path, receiver: Receiver) -> None:
    site = copy_of_sample(tmp_path)
    hooks = endpoint(receiver.url("/all"), "all") + endpoint(receiver.url("/some"), "some", patterns="['降息+']")
    write(site, {"feedbell.toml": LOOPBACK + hooks})
    assert program.call("once", cwd=site).code == 0
    posts = {f"_posts/2024-05-0{day}-p{day}.md": post(f"降息{day}", categories="news") for day in range(1, 4)}
    write(site, posts | {"_posts/2024-05-04-other.md": post("Other [x]", categories="news")})
    assert program.call("once", cwd=site).code == 0
    told = program.call("preview", "some", "--since", "1h", cwd=site)
    assert told.code == 0, told.err
    *lines, last = told.out.splitlines()
    assert [line.split("  ")[1] for line in lines] == ["降息1", "降息2", "降息3"]
    assert last.startswith("3 of 4 posts since ")
    assert last.endswith(" would have been sent as post.published to some")
    every = program.call("preview", "some", "--since", "1h", "--all", cwd=site).out
    assert "- " in every
    assert "Other [x]" in every
    assert "filtered by patterns: wants one of 降息+, none matches in the post" in every
    as_json = program.call("preview", "some", "--since", "1h", "--limit", "1", "--json", cwd=site).json()
    assert (as_json["sent"], as_json["of"], len(as_json["posts"])) == (3, 4, 1)
    assert as_json["posts"][0]["title"] == "降息3"
    sent = {request.path for request in receiver.received()}
    assert len(receiver.received("/some")) == as_json["sent"]
    assert sent == {"/all", "/some"}
    assert program.call("preview", "nobody", cwd=site).code == 2
    assert program.call("preview", "some", "--since", "yesterday", cwd=site).code == 2
