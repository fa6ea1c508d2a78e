"""`why` through the real flow: polled, published, released, and sent to a receiver that misbehaves."""

import shutil
from collections.abc import Iterator
from datetime import timedelta

import pytest

from core.errors import ConfigurationError
from feedbell.answers import Answer, Code
from feedbell.inquiry import inquire
from feedbell.why import answers
from notifier.store import Chosen
from tests.support.receiver import Receiver, Reply, running_receiver
from tests.support.site import SECRET, Flow, post

ID = "https://site.example/news/2024/05/01/a"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running_receiver() as running:
        yield running


def endpoints(receiver: Receiver, *names: str) -> str:
    return "".join(
        f'[[endpoints]]\nname = "{name}"\nurl = "{receiver.url(f"/{name}")}"\nsecret = "{SECRET}"\n' for name in names
    )


def subscription(endpoint: str, more: str = "") -> str:
    return f'[[subscriptions]]\nendpoint = "{endpoint}"\n{more}\n'


def ask(flow: Flow, name: str, endpoint: str | None = None) -> list[Answer]:
    _, situation = inquire(flow.app, name, endpoint)
    return answers(situation, flow.app.shown)


def codes(flow: Flow, name: str, event: str | None = "post.published") -> dict[str | None, Code]:
    return {one.endpoint: one.code for one in ask(flow, name) if one.event == event and one.code != Code.DUPLICATE}


def send(flow: Flow) -> None:
    sending = flow.app.notifying.make_engine()
    sending.engine.run_until_idle(60)
    sending.stop(0)


def test_every_endpoint_is_explained(flow: Flow, receiver: Receiver) -> None:
    receiver.script("/failing", Reply(status=500))
    receiver.script("/refusing", Reply(status=410))
    flow.configure(
        "[deliveries]\nretry_seconds = [3600]\n"
        + endpoints(receiver, "good", "twice", "failing", "refusing", "sports", "words", "nothing")
        + "".join(subscription(name) for name in ("good", "twice", "twice", "failing", "refusing"))
        + subscription("sports", 'categories = ["sports"]')
        + subscription("words", 'any = { words = ["降息"], patterns = ["降准[0-9]{9}"] }')
    )
    flow.write(old=post("Old", categories="news"))
    flow.run()
    all_ = ("good", "twice", "failing", "refusing", "sports", "words")
    assert codes(flow, "2024-05-01-old") == dict.fromkeys(all_, Code.BASELINE)
    flow.write(a=post("降准", categories="news"))
    flow.poll()
    filtered = dict.fromkeys(("sports", "words"), Code.FILTERED)
    assert codes(flow, ID) == dict.fromkeys(all_[:4], Code.UNRELEASED) | filtered
    flow.app.pipeline.publish()
    assert codes(flow, ID)["good"] == Code.WAITING
    send(flow)
    expected = {"good": Code.SENT, "twice": Code.SENT, "failing": Code.WAITING, "refusing": Code.FAILED} | filtered
    for name in (ID, f"{ID}.html", "_posts/2024-05-01-a.md", "2024-05-01-a.md", "2024-05-01-a", str(flow.path("a"))):
        assert codes(flow, name) == expected
    found = {(one.endpoint, one.subscription): one for one in ask(flow, ID)}
    [told] = {request.headers["webhook-id"] for request in receiver.received("/good")}
    assert (found["good", "good"].message_id, found["good", "good"].attempts) == (told, 1)
    assert len(receiver.received("/twice")) == 1
    assert found["twice", "twice-2"].code == Code.DUPLICATE
    assert found["nothing", None].code == Code.NO_SUBSCRIPTION
    assert found["failing", "failing"].until is not None
    assert found["failing", "failing"].reason == "HTTP 500"
    assert found["sports", "sports"].sentence == "filtered by category: wants sports, the post has news"
    assert found["words", "words"].wanted == ("words 降息", "patterns 降准[0-9]{9}")
    assert [one.code for one in ask(flow, ID, "good")] == [Code.SENT]


def test_what_happens_later_is_explained_as_well(flow: Flow, receiver: Receiver) -> None:
    receiver.script("/refusing", Reply(status=410))
    flow.configure(endpoints(receiver, "good", "refusing") + subscription("good") + subscription("refusing"))
    flow.write(old=post("Old", categories="news"))
    flow.run()
    flow.write(a=post("A", categories="news"))
    flow.run()
    send(flow)
    flow.write(b=post("B", categories="news"))
    flow.run()
    assert codes(flow, "2024-05-01-b.md") == {"good": Code.WAITING, "refusing": Code.DISABLED}
    waiting = [one.id for one in flow.app.deliveries.listing(Chosen(endpoint="good")) if one.state == "pending"]
    flow.app.deliveries.cancel(waiting, flow.clock())
    assert codes(flow, "2024-05-01-b.md")["good"] == Code.CANCELLED
    # An update is an event of its own, of which they are not told by default.
    flow.write(a=post("A, corrected", categories="news"))
    flow.run()
    assert codes(flow, ID, "post.updated") == {"good": Code.FILTERED, "refusing": Code.FILTERED}
    assert codes(flow, ID)["good"] == Code.SENT
    # A broken file leaves the post as it was.
    flow.write(a="---\ntitle: [\n---\n")
    flow.poll()
    assert [one.code for one in ask(flow, ID) if one.endpoint is None] == [Code.QUARANTINED]
    assert codes(flow, ID)["good"] == Code.SENT
    flow.write(b=post("B", categories="news", published="false"))
    flow.poll()
    assert [one.code for one in ask(flow, "2024-05-01-b.md") if one.endpoint is None] == [Code.HIDDEN]
    # Endpoints and subscriptions of now explain what is now.
    flow.configure(endpoints(receiver, "late", "good") + subscription("late") + subscription("good"))
    assert codes(flow, ID) == {"late": Code.CHANGED, "good": Code.SENT, "refusing": Code.FAILED}
    assert codes(flow, "2024-05-01-b.md")["refusing"] == Code.NO_ENDPOINT
    flow.clock.now += timedelta(days=31)
    flow.app.deliveries.prune(flow.clock.now - timedelta(days=30), flow.clock.now)
    assert codes(flow, ID)["good"] == Code.FORGOTTEN
    flow.configure("")
    assert [one.code for one in ask(flow, "2024-05-01-old.md")] == [Code.NO_ENDPOINT]


def test_files_that_are_no_posts_and_posts_that_settings_made(flow: Flow, receiver: Receiver) -> None:
    flow.configure(endpoints(receiver, "good") + subscription("good"))
    flow.write(old=post("Old"))
    flow.run()
    later = flow.clock.now + timedelta(days=3)
    flow.write(
        broken="---\ntitle: [\n---\n", draft=post("D", published="false"), future=post("F", date=f"{later:%Y-%m-%d}")
    )
    flow.poll()
    [broken], [draft], [future] = (ask(flow, f"_posts/2024-05-01-{name}.md") for name in ("broken", "draft", "future"))
    assert (broken.code, draft.code, future.code) == (Code.QUARANTINED, Code.HIDDEN, Code.HIDDEN)
    assert broken.reason
    assert future.until is not None
    assert ask(flow, "2024-05-01-broken.md") == [broken]
    # A draft lay there before somebody asked for drafts.
    flow.clock.now += timedelta(hours=1)
    folder = flow.site / "_drafts"
    folder.mkdir()
    shutil.copy2(flow.path("old"), folder / "idea.md")
    flow.poll()
    flow.configure(endpoints(receiver, "good") + subscription("good"), source="settle_ms = 0\ndrafts = true\n")
    flow.run()
    assert codes(flow, "_drafts/idea.md") == {"good": Code.SETTINGS}


def test_a_name_that_means_several_or_nothing_names_candidates(flow: Flow, receiver: Receiver) -> None:
    flow.configure(endpoints(receiver, "good") + subscription("good"))
    for folder in ("one", "two"):
        place = flow.site / folder / "_posts"
        place.mkdir(parents=True)
        (place / "2024-05-01-same.md").write_text(post(f"Same {folder}"))
    flow.write(rates=post("Rates 100% fall"))
    flow.run()
    with pytest.raises(ConfigurationError, match=r"2 are called '2024-05-01-same.md'") as caught:
        ask(flow, "2024-05-01-same.md")
    assert "one/_posts/2024-05-01-same.md" in str(caught.value)
    assert "two/_posts/2024-05-01-same.md" in str(caught.value)
    assert ask(flow, "one/_posts/2024-05-01-same.md")
    with pytest.raises(ConfigurationError, match="no post is called 'RATES'") as caught:
        ask(flow, "RATES")
    assert "_posts/2024-05-01-rates.md (source site): Rates 100% fall" in str(caught.value)
    with pytest.raises(ConfigurationError, match="`feedbell posts` lists the newest"):
        ask(flow, "100_ fall")
    with pytest.raises(ConfigurationError, match="no endpoint is called 'nobody'; there are: good"):
        ask(flow, "2024-05-01-rates", "nobody")


def test_addresses_are_known_as_people_write_them(flow: Flow, receiver: Receiver) -> None:
    flow.configure(endpoints(receiver, "good") + subscription("good"))
    flow.write(人民币=post("A", categories="新闻"))
    flow.run()
    [row] = flow.rows("SELECT url FROM posts")
    assert "%" in row.url
    for name in (row.url, "https://site.example/新闻/2024/05/01/人民币.html", "2024-05-01-人民币.md"):
        assert codes(flow, name) == {"good": Code.BASELINE}


def test_a_live_post_is_meant_before_a_withdrawn_one(flow: Flow, receiver: Receiver) -> None:
    flow.configure(endpoints(receiver, "good") + subscription("good", 'events = ["post.withdrawn"]'))
    flow.write(a=post("First", categories="one"), b=post("B"), c=post("C"))
    flow.run()
    flow.path("a").unlink()
    flow.run()
    assert codes(flow, "2024-05-01-a.md", "post.withdrawn") == {"good": Code.WAITING}
    flow.write(a=post("Second", categories="two", date="2024-05-02"))
    flow.run()
    named, _ = inquire(flow.app, "2024-05-01-a.md", None)
    assert named.post is not None
    assert named.post.title == "Second"
