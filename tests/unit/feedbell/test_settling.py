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


def test_what_is_gathered_is_taken_together_but_does_not_wait_for_ever() -> None:
    settling = Settling()
    settling.note("site", "new", 10.3)
    settling.note("other", "new", 10.3)
    settling.note("site", "gone-1", settling.gather("site", 10.0, 1.0))
    settling.note("site", "gone-2", settling.gather("site", 10.9, 1.0))
    assert settling.next_ready() == 10.3
    assert settling.take_ready(11.8) == {"other": {"new"}}
    assert settling.take_ready(11.9) == {"site": {"new", "gone-1", "gone-2"}}
    # A new gathering may go on and on, but ends ten times later.
    moments = [20 + n * 0.5 for n in range(20)]
    assert [settling.gather("site", moment, 1.0) for moment in moments][-1] == 30.0
    assert settling.gather("site", 30.0, 1.0) == 31.0
