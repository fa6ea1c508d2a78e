"""Builds the notifying side from the settings: endpoints, channels, the queue and who drains it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Connection, Engine

from core.addresses import AddressPolicy
from core.clock import Clock
from core.errors import ConfigurationError
from core.exchange import Mail, Request
from core.ids import new_id
from core.targets import why_target_refused
from core.transport import Transport
from feedbell import events, payload
from feedbell.messages import read_item
from feedbell.notify_settings import EndpointSettings, MissingSecret, reveal
from feedbell.site import Place
from feedbell.site_name import SiteName
from feedbell.subscriptions import subscriptions_of
from feedbell.trust import trusted_certificates
from feedbell.websub.subscribers import CountedTogether, HubEndpoints, is_of_hubs, queue_of
from notifier import hub_subscriptions, outbox
from notifier.channels.channel import BlockingChannel, Channel
from notifier.channels.registry import channel_named
from notifier.courier import Courier, ReadContent
from notifier.digest import DIGEST, digest_payload
from notifier.endpoints import EndpointBook
from notifier.engine import Engine as NotifierEngine
from notifier.health import HealthPolicy
from notifier.limits import Rate, read_quiet_hours, read_rate
from notifier.match import Matcher, facts_of
from notifier.model import Claimed, Endpoint, Event, Outcome
from notifier.queue import DatabaseQueue
from notifier.report import NO_METRICS, DeliveryMetrics
from notifier.retry import RetryPolicy
from notifier.routing import Router
from notifier.store import DeliveryBook
from notifier.subscription import ENDPOINT_DISABLED
from notifier.upkeep import DELIVERIES, SITE, UPKEEP, Upkeep
from notifier.work import Defer, no_defer
from notifier.worker import Dispatcher, DispatchLimits

_MORE_THAN_AN_ATTEMPT = timedelta(seconds=60)
_FOUR_TIMES_A_DAY = "17 */6 * * *"


def announce_disabled(connection: Connection, name: str, reason: str, now: datetime) -> None:
    """Put an event into the outbox, in the transaction that disables an endpoint.

    A subscriber of our hub who wants no more is no news: the subscription ends.
    """
    if hub_subscriptions.is_subscriber(name):
        hub_subscriptions.end_named(connection, name, now)
        return
    event = Event(
        message_id=new_id("msg"),
        type=ENDPOINT_DISABLED,
        subject=name,
        occurred_at=now,
        facts=facts_of(""),
        payload=payload.disabled_message(name, reason, now),
    )
    outbox.add(connection, [event])


class Notifying:
    """Every object of the notifying side, built when it is first needed.

    `contents` gives a feed as it is, by its address; without it this machine has no feeds, and others send them.
    """

    def __init__(
        self,
        *,
        place: Place,
        engine: Callable[[], Engine],
        site: Callable[[], SiteName],
        clock: Clock,
        metrics: DeliveryMetrics = NO_METRICS,
        contents: ReadContent | None = None,
    ) -> None:
        self._contents = contents
        self._place = place
        self._settings = place.settings
        self._engine = engine
        self._site = site
        self._clock = clock
        self._metrics = CountedTogether(metrics)
        self._hubs = HubEndpoints(place.settings, engine, clock)
        self._policy = AddressPolicy.parse(self._settings.allow_networks)

    @cached_property
    def endpoints(self) -> list[Endpoint]:
        """Whom to tell. Only who sends needs them: their secrets may be kept from everybody else.

        Raises ConfigurationError for an address, secret or option that cannot be used.
        """
        return [self._endpoint(settings) for settings in self._settings.endpoints]

    def why_refused(self) -> list[str]:
        """Return what is wrong with endpoints, as far as it shows where their secrets are not."""
        found: list[str] = []
        for settings in self._settings.endpoints:
            try:
                self._endpoint(settings)
            except MissingSecret:
                continue
            except ConfigurationError as error:
                found.append(str(error))
        return found

    @cached_property
    def router(self) -> Router:
        """Says which endpoints get an event, and when. It does without secrets: who publishes may not know them."""
        return Router(self.matcher, self._without_secrets)

    @property
    def rates(self) -> dict[str, Rate]:
        """How many requests the endpoints get that do not get all."""
        return {endpoint.name: endpoint.rate for endpoint in self._without_secrets if endpoint.rate is not None}

    @cached_property
    def _without_secrets(self) -> list[Endpoint]:
        return [self._paced(Endpoint(name=one.name, url=""), one) for one in self._settings.endpoints]

    @cached_property
    def matcher(self) -> Matcher:
        """Says which subscriptions take an event."""
        return Matcher(subscriptions_of(self._settings.subscriptions))

    @property
    def on_many_machines(self) -> bool:
        """Whether deliveries are shared among machines: they are on PostgreSQL."""
        return self._engine().dialect.name == "postgresql"

    @property
    def defer(self) -> Defer:
        """What is told, in the transaction that makes work, from when on endpoints have some."""
        if not self.on_many_machines:
            return no_defer
        # Slow to load, and most sites do without.
        from notifier.jobs import deferrer

        return deferrer(self._clock, queue_of)

    @property
    def quiet(self) -> dict[str, timedelta]:
        """How far apart events of a type about one post are."""
        return {"post.updated": self._settings.deliveries.update_quiet}

    @property
    def wanting_content(self) -> list[str]:
        """Return the names of the endpoints that want the whole content."""
        return [endpoint.name for endpoint in self._settings.endpoints if endpoint.content]

    def make_engine(
        self,
        *,
        on_disabled: Callable[[], None] = lambda: None,
        upkeep: Sequence[Upkeep] = (),
        sends: bool = True,
    ) -> "Sending":
        """Return who sends to the configured endpoints. `on_disabled` is called after one got disabled.

        On PostgreSQL it also does the `upkeep`, once among all machines; with `sends` false, nothing else.
        """
        EndpointBook(self._engine()).sync(self._lasting)
        transport = self._open_transport(self._settings.deliveries.in_flight)
        if not self.on_many_machines:
            dispatcher = self._dispatcher(transport, self._all_endpoints() if sends else [], on_disabled)
            return Sending(dispatcher, transport.close, self._all_endpoints if sends else None)
        dispatcher = self._dispatcher(transport, [], on_disabled)
        return Sending(self._job_engine(dispatcher, upkeep, sends=sends), transport.close)

    def _job_engine(self, dispatcher: Dispatcher, upkeep: Sequence[Upkeep], *, sends: bool) -> NotifierEngine:
        from notifier.jobs import JobEngine, JobLimits

        # What subscribers of feeds get nobody can send who has no feeds, even if somebody else sends the rest.
        sending = [*([DELIVERIES] if sends else []), *([SITE] if self._contents else [])]
        queues = [*sending, UPKEEP, *(one.queue for one in upkeep)]
        return JobEngine(
            engine=self._engine(),
            dispatcher=dispatcher,
            endpoints=self._lasting,
            limits=JobLimits(
                upkeep=(*upkeep, self._retention()),
                queues=tuple(dict.fromkeys(queues)),
                sending=tuple(sending),
            ),
            clock=self._clock,
            queue_of=queue_of,
            find=self._hubs.find,
        )

    @property
    def _lasting(self) -> list[Endpoint]:
        """Those that the settings name, public hubs among them."""
        return [*self.endpoints, *self._hubs.public]

    def _all_endpoints(self) -> list[Endpoint]:
        return [*self._lasting, *(self._hubs.subscribers() if self._contents else ())]

    @property
    def tells_nobody(self) -> bool:
        """Whether there is nobody whom anything is sent to."""
        return not self.endpoints and not self._hubs.channels

    def _dispatcher(
        self, transport: Transport, endpoints: Sequence[Endpoint], on_disabled: Callable[[], None]
    ) -> Dispatcher:
        settings = self._settings.deliveries
        longest = max((endpoint.timeout or 0 for endpoint in self.endpoints), default=0)
        return Dispatcher(
            queue=self.queue,
            endpoints=endpoints,
            courier=self.courier,
            transport=transport,
            retry=RetryPolicy(schedule=tuple(timedelta(seconds=wait) for wait in settings.retry_seconds)),
            limits=DispatchLimits(threads=settings.workers, lease=timedelta(seconds=longest) + _MORE_THAN_AN_ATTEMPT),
            clock=self._clock,
            metrics=self._metrics,
            on_disabled=on_disabled,
        )

    def _open_transport(self, in_flight: int) -> Transport:
        return Transport(policy=self._policy, in_flight=in_flight, ca_file=trusted_certificates())

    def _retention(self) -> Upkeep:
        return Upkeep(name="retention", cron=_FOUR_TIMES_A_DAY, run=self.prune)

    def prune(self) -> None:
        """Forget what was delivered long ago."""
        now = self._clock()
        DeliveryBook(self._engine()).prune(now - timedelta(days=self._settings.deliveries.keep_days), now)

    @cached_property
    def queue(self) -> DatabaseQueue:
        """The deliveries as a queue."""
        return DatabaseQueue(
            self._engine(),
            capacity=self.courier.capacity,
            health=HealthPolicy(disable_after=self._settings.deliveries.disable_after),
            on_disabled=announce_disabled,
            defer=self.defer,
            is_kept=is_of_hubs,
        )

    @cached_property
    def courier(self) -> Courier:
        """The channels."""
        site = self._site()
        channels = self._hubs.channels
        blocking: dict[str, BlockingChannel] = {}
        for name in {endpoint.channel for endpoint in self._settings.endpoints}:
            channel = channel_named(name)
            if isinstance(channel, Channel):
                channels[name] = channel
            else:
                blocking[name] = channel
        return Courier(
            channels,
            blocking=blocking,
            read_item=read_item,
            title=site.title,
            site_url=site.url,
            **({"contents": self._contents} if self._contents else {}),
        )

    def send_test(self, endpoint: Endpoint, message: str) -> Outcome:
        """Send one test message with this body now."""
        now = self._clock()
        claimed = _as_claimed(endpoint, events.TEST, message, now)
        blocking = self.courier.blocking(endpoint)
        if blocking is not None:
            return blocking.send(self.courier.message(claimed, endpoint), endpoint)
        transport = self._open_transport(1)
        result = transport.exchange(self.courier.request(claimed, endpoint, now))
        transport.close()
        return self.courier.outcome(endpoint, result)

    def preview(self, endpoint: Endpoint, bodies: Sequence[str]) -> Request | Mail:
        """Return what would be sent of events with these bodies: one by itself, several as a digest.

        Raises ConfigurationError for a channel whose messages a library makes.
        """
        now = self._clock()
        if self.courier.blocking(endpoint) is not None:
            raise ConfigurationError(
                f"{endpoint.channel} makes its messages itself; `feedbell endpoints test` sends one"
            )
        if len(bodies) == 1:
            return self.courier.request(_as_claimed(endpoint, "post.published", bodies[0], now), endpoint, now)
        whole = digest_payload([(new_id("msg"), body) for body in bodies], now)
        return self.courier.request(_as_claimed(endpoint, DIGEST, whole, now), endpoint, now)

    def _endpoint(self, settings: EndpointSettings) -> Endpoint:
        folder = self._place.folder
        given = settings.secret if isinstance(settings.secret, tuple) else (settings.secret,)
        endpoint = Endpoint(
            name=settings.name,
            url=reveal(settings.url, folder, settings.name, "url") if settings.url is not None else "",
            secrets=tuple(reveal(secret, folder, settings.name) for secret in given),
            content=settings.content,
            channel=settings.channel,
            options=settings.options,
            template=settings.template,
            digest_template=settings.digest_template,
            timeout=settings.timeout_seconds,
            concurrency=settings.concurrency,
        )
        refused = self._why_refused(endpoint)
        if refused is not None:
            raise ConfigurationError(f"endpoints.{settings.name}.url: {refused}")
        channel_named(settings.channel).check(self._paced(endpoint, settings))
        return self._paced(endpoint, settings)

    def _why_refused(self, endpoint: Endpoint) -> str | None:
        if endpoint.channel == "apprise":
            return None  # it makes its own connections, to URLs of its own
        if endpoint.channel == "email":
            return why_target_refused(endpoint.url, self._policy, schemes=("smtps", "smtp"))
        # Some services have one address, which the channel knows.
        return why_target_refused(endpoint.url, self._policy) if endpoint.url or endpoint.channel == "webhook" else None

    def _paced(self, endpoint: Endpoint, settings: EndpointSettings) -> Endpoint:
        """Return the endpoint with what says when and how fast it gets messages."""
        try:
            zone = ZoneInfo(settings.timezone) if settings.timezone else self._site().zone
        except (ZoneInfoNotFoundError, ValueError):
            raise ConfigurationError(
                f"endpoints.{settings.name}.timezone: no time zone is called {settings.timezone!r}; write one such as"
                " Asia/Shanghai"
            ) from None
        rate = read_rate(settings.rate) if settings.rate else channel_named(settings.channel).rate
        if rate is not None and settings.burst is not None:
            rate = replace(rate, burst=settings.burst)
        return replace(
            endpoint,
            rate=rate,
            overflow=settings.overflow == "digest",
            quiet_hours=read_quiet_hours(settings.quiet_hours, zone) if settings.quiet_hours else None,
            zone=zone,
        )


def _as_claimed(endpoint: Endpoint, type_: str, body: str, now: datetime) -> Claimed:
    """Return a delivery that stands in no table."""
    return Claimed(
        delivery_id=0,
        endpoint=endpoint.name,
        token="",
        lease_until=now,
        attempt=1,
        message_id=new_id("msg"),
        event_type=type_,
        payload=body,
    )


class Sending:
    """An engine with its connections. `endpoints` says whom it serves, if it must be told when these change."""

    def __init__(
        self,
        engine: NotifierEngine,
        close: Callable[[], None],
        endpoints: Callable[[], Sequence[Endpoint]] | None = None,
    ) -> None:
        self.engine = engine
        self._close = close
        self._endpoints = endpoints

    def refresh(self) -> None:
        """Serve who is there now: subscribers came or went. May be called from any thread."""
        if self._endpoints is not None:
            self.engine.configure(self._endpoints())

    def stop(self, seconds: float) -> None:
        """Settle what ends within `seconds`, and let go of every connection."""
        self.engine.stop(seconds)
        self._close()
