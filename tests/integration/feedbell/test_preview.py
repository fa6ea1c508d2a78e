"""`preview` of posts that the real flow read, beside what the same subscription was really sent."""

from datetime import timedelta

import pytest

from core.errors import ConfigurationError
from feedbell.preview import Preview, preview
from tests.support.site import SECRET, Flow, post

ENDPOINT = f'[[endpoints]]\nname = "app"\nurl = "http://127.0.0.1:9/"\nsecret = "{SECRET}"\n'
WANTED = 'none = { tags = ["advert*"] }\nany = { words = ["降准"], categories = ["news"] }\n'


def subscription(*lines: str) -> str:
    return "[[subscriptions]]\n" + 'endpoint = "app"\n' + "\n".join(lines) + "\n"


def look(flow: Flow, name: str = "app", days: float = 7, *, with_filtered: bool = False, limit: int = 100) -> Preview:
    steps: list[tuple[int, int]] = []
    found = preview(
        flow.app,
        name,
        flow.clock.now - timedelta(days=days),
        with_filtered=with_filtered,
        limit=limit,
        progress=lambda done, total: steps.append((done, total)),
    )
    assert steps == [(number, found.of) for number in range(1, found.of + 1)]
    return found


def titles(found: Preview) -> list[str]:
    return [one.title for one in found.posts]


def sent(flow: Flow) -> list[str]:
    query = (
        "SELECT p.title FROM deliveries d JOIN events e ON e.id = d.event_id JOIN posts p ON p.id = {} ORDER BY e.id"
    )
    return [row.title for row in flow.rows(query)]


def test_it_shows_what_was_really_sent(flow: Flow) -> None:
    flow.configure(ENDPOINT + subscription(WANTED))
    flow.write(old=post("Old", categories="news"))
    flow.run()
    for number in range(5):
        flow.clock.now += timedelta(days=1)
        flow.write(**{f"news{number}": post(f"News {number}", categories="[news]")})
        flow.write(**{f"rates{number}": post(f"Rates {number}", body="央行<em>降准</em>", lang="zh")})
        flow.write(**{f"advert{number}": post(f"Advert {number}", categories="news", tags="advert-x")})
        flow.write(**{f"other{number}": post(f"Other {number}")})
        flow.run()
    found = look(flow, days=4.5)
    assert sorted(titles(found)) == sorted(sent(flow))
    assert (found.sent, found.of, found.event) == (10, 20, "post.published")
    assert [one.at for one in found.posts] == sorted(one.at for one in found.posts)
    assert found.posts[0].url == "https://site.example/news/2024/05/01/news0.html"

    recent = look(flow, days=2.5, with_filtered=True)
    assert (recent.sent, recent.of, len(recent.posts)) == (6, 12, 12)
    reasons = {one.title: one.explanation.reason for one in recent.posts if not one.explanation.takes}
    assert reasons == {f"Advert {number}": "none" for number in (2, 3, 4)} | {
        f"Other {number}": "any" for number in (2, 3, 4)
    }
    newest = look(flow, limit=3)
    assert (newest.sent, newest.of) == (10, 20)
    assert {title.split()[1] for title in titles(newest)} <= {"3", "4"}
    # A subscription that was never used, over what is stored.
    flow.configure(ENDPOINT + subscription(WANTED) + subscription('name = "german"', 'languages = ["zh"]'))
    assert titles(look(flow, "german")) == [f"Rates {number}" for number in range(5)]


def test_posts_count_when_they_came_out_and_once_whatever_set_of_feeds_they_are_in(flow: Flow) -> None:
    flow.configure('[feeds]\nlanguages = ["de"]\n' + ENDPOINT + subscription())
    old = f"{flow.clock.now - timedelta(days=30):%Y-%m-%d}"
    recent = f"{flow.clock.now - timedelta(days=2):%Y-%m-%d}"
    flow.write(
        old=post("Old", date=old),
        recent=post("Recent", date=recent),
        german=post("Recent German", date=recent, lang="de"),
    )
    flow.run()
    assert sorted(titles(look(flow))) == ["Recent", "Recent German"]
    flow.clock.now += timedelta(hours=1)
    # Late posts came out when they came; old ones that change are not new.
    flow.write(late=post("Late", date=old), old=post("Old, corrected", date=old))
    flow.run()
    assert sorted(titles(look(flow))) == ["Late", "Recent", "Recent German"]
    assert titles(look(flow, days=0.01)) == ["Late"]
    flow.path("late").unlink()
    flow.run()
    assert titles(look(flow, days=0.01)) == []


def test_a_subscription_that_is_not_about_new_posts(flow: Flow) -> None:
    flow.configure(
        ENDPOINT
        + subscription('events = ["post.withdrawn"]')
        + subscription('events = ["endpoint.disabled"]', 'name = "watch"')
    )
    flow.write(a=post("A", date=f"{flow.clock.now - timedelta(days=1):%Y-%m-%d}"))
    flow.run()
    found = look(flow)
    assert (titles(found), found.event) == (["A"], "post.withdrawn")
    with pytest.raises(ConfigurationError, match="subscription watch asks for no events of posts"):
        look(flow, "watch")
    with pytest.raises(ConfigurationError, match="no subscription is called 'x'; there are: app, watch"):
        look(flow, "x")
