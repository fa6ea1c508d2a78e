"""Paths wait until they stood still."""

from feedbell.settling import Settling


def test_a_path_waits_for_its_time_and_is_taken_once() -> None:
    settling = Settling()
    assert settling.next_ready() is None
    settling.note("site", "a", 10.0)
    settling.note("site", "b", 12.0)
    settling.note("other", "a", 11.0)
    assert settling.next_ready() == 10.0
    assert settling.take_ready(9.9) == {}
    assert settling.take_ready(11.0) == {"site": {"a"}, "other": {"a"}}
    assert settling.take_ready(11.0) == {}
    assert settling.next_ready() == 12.0


def test_a_later_change_puts_a_path_off_and_an_earlier_one_does_not_hurry_it() -> None:
    settling = Settling()
    settling.note("site", "a", 10.0)
    settling.note("site", "a", 20.0)
    settling.note("site", "a", 15.0)
    assert settling.take_ready(19.9) == {}
    assert settling.take_ready(20.0) == {"site": {"a"}}
