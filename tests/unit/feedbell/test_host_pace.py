"""A hub asks no host too much, whatever is asked of it."""

from hypothesis import given
from hypothesis import strategies as st

from feedbell.websub.host_pace import HostPace


def test_two_at_once() -> None:
    pace = HostPace()
    for now in (0.0, 1.0):
        assert pace.may_begin("a", now)
        pace.begin("a", now)
    assert not pace.may_begin("a", 2.0)
    assert pace.may_begin("b", 2.0)
    assert pace.busy_hosts(2.0) == ["a"]
    pace.end("a", 3.0)
    assert pace.may_begin("a", 3.0)
    assert pace.busy_hosts(3.0) == []


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 3)), max_size=400))
def test_never_more_than_sixty_in_any_minute(asked: list[tuple[str, float]]) -> None:
    pace, begun, now = HostPace(), [], 0.0
    for host, later in asked:
        now += later
        if pace.may_begin(host, now):
            pace.begin(host, now)
            pace.end(host, now)
            begun.append((host, now))
    for host, start in begun:
        assert sum(1 for other, at in begun if other == host and start <= at < start + 60) <= 60


def test_six_hundred_a_minute_for_all() -> None:
    pace = HostPace()
    for number in range(600):
        assert pace.may_begin(str(number), 0.0)
        pace.begin(str(number), 0.0)
        pace.end(str(number), 0.0)
    assert pace.is_full(59.0)
    assert not pace.may_begin("another", 59.0)
    assert pace.may_begin("another", 60.0)
