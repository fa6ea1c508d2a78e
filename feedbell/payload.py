"""The bodies of webhook requests: their published form, and how they are filled."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from feeds.layout import Layout
from feeds.model import Category, Post, Rendering, Taxonomy


class _Payload(BaseModel):
    model_config = ConfigDict(frozen=True)


class TermPayload(_Payload):
    """A category or tag: the key that never changes and the name that people read."""

    term: str
    label: str


class AuthorPayload(_Payload):
    name: str
    email: str | None = None
    url: str | None = None


class PostPayload(_Payload):
    """A post."""

    id: str = Field(description="The id that the post has in every feed. It never changes.")
    url: str = Field(description="The address of the post's page.")
    title: str
    summary: str
    published: datetime
    updated: datetime
    authors: list[AuthorPayload]
    categories: list[TermPayload]
    tags: list[TermPayload]
    image: str | None = None
    language: str | None = None
    source: str = Field(description="The name of the source in feedbell.toml.")
    content_html: str | None = Field(default=None, description="Only where the endpoint asks for it.")


class EventData(_Payload):
    version: Literal[1] = 1
    post: PostPayload
    feeds: list[str] = Field(description="The Atom feeds in which the post stands.")


class EventPayload(_Payload):
    """What happened to a post; the form is that of the Standard Webhooks specification."""

    type: Literal["post.published", "post.updated", "post.withdrawn", "endpoint.test"]
    timestamp: datetime = Field(description="When it happened.")
    data: EventData


class DisabledEndpoint(_Payload):
    name: str = Field(description="The endpoint's name in feedbell.toml.")
    reason: str


class DisabledData(_Payload):
    version: Literal[1] = 1
    endpoint: DisabledEndpoint


class DisabledPayload(_Payload):
    """Another endpoint gets nothing more."""

    type: Literal["endpoint.disabled"] = "endpoint.disabled"
    timestamp: datetime = Field(description="When it happened.")
    data: DisabledData


class MemberPayload(EventPayload):
    """An event in a digest."""

    id: str = Field(description="The message id that it would have had by itself.")


class DigestData(_Payload):
    version: Literal[1] = 1
    events: list[MemberPayload] = Field(description="In the order in which they happened.")


class DigestPayload(_Payload):
    """Several events in one message."""

    type: Literal["digest"] = "digest"
    timestamp: datetime = Field(description="When they were put together.")
    data: DigestData


def payload_schema() -> dict[str, Any]:
    """Return the JSON Schema of the body of every webhook request."""
    schema = TypeAdapter(EventPayload | DigestPayload | DisabledPayload).json_schema(mode="serialization")
    return {**schema, "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Feedbell event"}


def disabled_message(name: str, reason: str, now: datetime) -> str:
    """Return the body that says that an endpoint gets nothing more."""
    data = DisabledData(endpoint=DisabledEndpoint(name=name, reason=reason))
    return DisabledPayload(timestamp=now, data=data).model_dump_json()


def describe(
    type_: str,
    occurred_at: datetime,
    post: Post,
    rendering: Rendering | None,
    named: Iterable[Category],
    layout: Layout,
) -> EventPayload:
    """Build the payload of an event; the times are written in UTC."""
    terms = [(category, layout.label(category)) for category in named]
    data = EventData(
        post=PostPayload(
            id=post.entry_id,
            url=post.url,
            title=post.title,
            summary=rendering.summary if rendering else post.summary or "",
            published=post.published.astimezone(UTC),
            updated=post.updated.astimezone(UTC),
            authors=[AuthorPayload(name=one.name, email=one.email, url=one.uri) for one in post.authors],
            categories=_terms(terms, Taxonomy.CATEGORY),
            tags=_terms(terms, Taxonomy.TAG),
            image=rendering.image if rendering else post.image,
            language=post.language or layout.site.language,
            source=post.source,
            content_html=rendering.content_html if rendering else None,
        ),
        feeds=[layout.feed_urls(category)["atom"] for category, _ in terms] if post.listed else [],
    )
    return EventPayload.model_validate({"type": type_, "timestamp": occurred_at, "data": data})


def test_message(now: datetime, layout: Layout) -> EventPayload:
    """Build the payload of a test message: of the same form as a real one, about the site itself."""
    site = layout.site
    post = PostPayload(
        id=site.home_url,
        url=site.home_url,
        title=f"Test message from {site.title}",
        summary="Feedbell can reach this endpoint.",
        published=now,
        updated=now,
        authors=[],
        categories=[],
        tags=[],
        language=site.language,
        source="test",
    )
    return EventPayload(type="endpoint.test", timestamp=now, data=EventData(post=post, feeds=[]))


def _terms(terms: Iterable[tuple[Category, str]], taxonomy: Taxonomy) -> list[TermPayload]:
    return [TermPayload(term=one.term, label=label) for one, label in terms if one.taxonomy == taxonomy]


def without_content(whole: EventPayload) -> EventPayload:
    """Return the payload without the post's content."""
    post = whole.data.post.model_copy(update={"content_html": None})
    return whole.model_copy(update={"data": whole.data.model_copy(update={"post": post})})
