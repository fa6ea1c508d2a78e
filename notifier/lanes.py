"""One lane for each endpoint: what was claimed and waits its turn, what is under way, when there is more. No I/O."""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from enum import Enum

from notifier.model import Claimed, Endpoint, Want

_FIRST_BATCH = 64
_LARGEST_BATCH = 200
_CLAIMED_FOR_A_PLACE = 16  # by all endpoints together, so that many slow ones do not fill the memory


class Standing(Enum):
    """What is known of an endpoint: nothing yet, that it answers, or that it did not."""

    NEW = "new"
    ANSWERS = "answers"
    SILENT = "silent"


OnIdle = Callable[[datetime | None], None]  # is told when there is work again, None if nothing waits


class Lane:
    """An endpoint at work. `due` is None if nothing is known to wait.

    One that is lent has `on_idle`, which is called once when nothing is left to do for now.
    """

    __slots__ = ("batch", "due", "endpoint", "failed", "in_flight", "on_idle", "queued", "standing", "waiting")

    def __init__(self, endpoint: Endpoint, on_idle: OnIdle | None = None) -> None:
        self.endpoint = endpoint
        self.on_idle = on_idle
        self.waiting: deque[Claimed] = deque()
        self.in_flight = 0
        self.batch = _FIRST_BATCH
        self.due: datetime | None = None
        self.standing = Standing.NEW
        self.failed = False  # whether a failure waits to be settled, which may close the endpoint
        self.queued = False  # whether it stands in line for sending

    @property
    def has_room(self) -> bool:
        """Whether one more request may go to the endpoint."""
        most = self.endpoint.concurrency if self.standing is Standing.ANSWERS else 1
        return not self.failed and self.in_flight < most


class Lanes:
    """All endpoints, served in turn.

    Those that gave no answer get one request each and half the places together; with those of which nothing is known
    yet three quarters, so that who answers always gets on.
    """

    def __init__(self, places: int) -> None:
        self._places = places
        self._lanes: dict[str, Lane] = {}
        self._line: deque[Lane] = deque()
        self._parked: deque[Lane] = deque()
        self._failed: list[Lane] = []
        self._in_flight: Counter[Standing] = Counter()
        self._unknown: dict[str, Lane] = {}

    def configure(self, endpoints: Iterable[Endpoint]) -> list[Claimed]:
        """Serve these endpoints; return what was claimed for others and not sent."""
        wanted = {endpoint.name: endpoint for endpoint in endpoints}
        dropped: list[Claimed] = []
        for name in list(self._lanes):
            if name not in wanted:
                dropped += self.empty(name)
                self._lanes.pop(name)
                self._unknown.pop(name, None)
        for name, endpoint in wanted.items():
            lane = self._lanes.get(name)
            if lane is None:
                lane = self._lanes[name] = Lane(endpoint)
            lane.endpoint = endpoint
            self._unknown[name] = lane
        return dropped

    def lend(self, endpoint: Endpoint, on_idle: OnIdle) -> None:
        """Serve an endpoint until nothing is left to do for it now."""
        lane = self._lanes.get(endpoint.name)
        if lane is None:
            lane = self._lanes[endpoint.name] = Lane(endpoint)
        elif lane.on_idle is not None:
            lane.on_idle(None)  # who waits for it is too late: another was lent the endpoint meanwhile
        lane.on_idle = on_idle
        lane.endpoint = endpoint
        self._unknown[endpoint.name] = lane

    def end_idle(self, now: datetime, *, all_of_them: bool = False) -> None:
        """Give back what was lent and has nothing to do now, or all of it."""
        for name, lane in list(self._lanes.items()):
            if lane.on_idle is None:
                continue
            busy = lane.waiting or lane.in_flight or name in self._unknown or (lane.due is not None and lane.due <= now)
            if all_of_them or not busy:
                del self._lanes[name]
                self._unknown.pop(name, None)
                lane.on_idle(now if all_of_them else lane.due)

    def doubt(self) -> None:
        """Ask anew when each endpoint has work: deliveries may have been made."""
        self._unknown.update(self._lanes)

    def unknown(self) -> list[Endpoint]:
        """Return the endpoints of which it must be asked when they have work."""
        return [lane.endpoint for lane in self._unknown.values()]

    def learn(self, due: Mapping[str, datetime]) -> None:
        """Take the answer for all that were unknown."""
        for name, lane in self._unknown.items():
            lane.due = due.get(name)
        self._unknown.clear()

    def next_due(self) -> datetime | None:
        """Return when an endpoint that could get something now has work."""
        return min(
            (lane.due for lane in self._lanes.values() if lane.due is not None and not lane.waiting and lane.has_room),
            default=None,
        )

    def wants(self, now: datetime) -> list[Want]:
        """Return what to claim: for each endpoint with work as much as it took in one go so far, and a little more."""
        found = []
        most = max(self._places * _CLAIMED_FOR_A_PLACE // max(len(self._lanes), 1), 2)
        for lane in self._lanes.values():
            batch = min(lane.batch, most)
            if lane.due is not None and lane.due <= now and 2 * len(lane.waiting) < batch:
                found.append(Want(endpoint=lane.endpoint, count=batch - len(lane.waiting)))
        return found

    def put(self, wants: Iterable[Want], claims: Iterable[Claimed]) -> None:
        """Take what was claimed. Who got less than was wanted has no more for now."""
        missing = {want.endpoint.name: want.count for want in wants}
        for claimed in claims:
            lane = self._lanes[claimed.endpoint]
            lane.waiting.append(claimed)
            missing[claimed.endpoint] -= 1
            self._stand_in_line(lane)
        for name, count in missing.items():
            if count > 0:
                self._unknown[name] = self._lanes[name]

    def to_send(self, places: int, now: datetime) -> Iterator[tuple[Claimed, Lane]]:
        """Give what is to be sent next, one endpoint after the other, and count it as under way."""
        while places > 0 and self._line:
            lane = self._line.popleft()
            lane.queued = False
            if not lane.waiting or not lane.has_room:
                continue
            if not self._has_place(lane):
                self._parked.append(lane)
                continue
            claimed = lane.waiting.popleft()
            lane.in_flight += 1
            self._in_flight[lane.standing] += 1
            places -= 1
            self._stand_in_line(lane)
            yield claimed, lane

    def ended(self, lane: Lane, *, succeeded: bool, silent: bool) -> None:
        """Count a request as no longer under way; a failure makes the next batches small."""
        lane.in_flight -= 1
        before, after = lane.standing, Standing.SILENT if silent else Standing.ANSWERS
        self._in_flight[before] -= 1
        if before is not after:
            self._in_flight[before] -= lane.in_flight
            self._in_flight[after] += lane.in_flight
            lane.standing = after
        self._unpark()
        lane.batch = min(lane.batch + 1, _LARGEST_BATCH) if succeeded else 1
        if not succeeded:
            lane.failed = True
            self._failed.append(lane)
        self._stand_in_line(lane)

    def put_down(self, lane: Lane) -> None:
        """Count what was to be sent, and was not after all, as no longer under way."""
        lane.in_flight -= 1
        self._in_flight[lane.standing] -= 1
        self._unpark()
        self._stand_in_line(lane)

    def settled(self) -> None:
        """What failed is settled: those whose endpoint is still open go on."""
        failed, self._failed = self._failed, []
        for lane in failed:
            lane.failed = False
            self._stand_in_line(lane)

    def empty(self, name: str) -> list[Claimed]:
        """Return, and forget, what was claimed for an endpoint and not sent; when it has work is unknown."""
        lane = self._lanes.get(name)
        if lane is None:
            return []
        left = list(lane.waiting)
        lane.waiting.clear()
        lane.due = None
        self._unknown[name] = lane
        return left

    def empty_all(self) -> list[Claimed]:
        """Return, and forget, everything that was claimed and not sent."""
        return [claimed for name in self._lanes for claimed in self.empty(name)]

    def retry_at(self, name: str, due: datetime | None) -> None:
        """Something of an endpoint is due again at a time."""
        lane = self._lanes.get(name)
        if lane is not None and due is not None and (lane.due is None or due < lane.due):
            self._unknown[name] = lane

    def _has_place(self, lane: Lane) -> bool:
        silent, new = self._in_flight[Standing.SILENT], self._in_flight[Standing.NEW]
        if lane.standing is Standing.SILENT and silent >= max(self._places // 2, 1):
            return False
        return lane.standing is Standing.ANSWERS or silent + new < max(self._places * 3 // 4, 1)

    def _unpark(self) -> None:
        """Let the first of the parked that can be served stand in line: a place is free."""
        while self._parked and not self._stand_in_line(self._parked.popleft()):
            pass

    def _stand_in_line(self, lane: Lane) -> bool:
        if lane.waiting and not lane.queued and lane.has_room:
            lane.queued = True
            self._line.append(lane)
            return True
        return False
