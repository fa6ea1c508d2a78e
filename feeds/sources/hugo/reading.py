"""One file of a Hugo site's content as a Draft, or why it is none."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from core.digest import digest
from feeds.model import Author, Draft, Enclosure, Hidden, Notice, Reading
from feeds.sources.attachments import attached, seen_of
from feeds.sources.fields import UnreadableError, decode, first_text, meaning_hash, read_author, tidy, tidy_terms
from feeds.sources.hugo.addresses import PageAddresses
from feeds.sources.hugo.cascade import handed_down, read_cascades
from feeds.sources.hugo.config import HugoLanguage
from feeds.sources.hugo.dates import in_zone
from feeds.sources.hugo.front import Front, FrontMatterError, read_front
from feeds.sources.hugo.pagedates import PageDates, read_page_dates
from feeds.sources.hugo.paths import FOREIGN, ORG, ContentPath
from feeds.sources.hugo.urls import UrlError
from feeds.sources.hugo.values import is_bool, is_true, table_of, text_of, texts_of
from feeds.summary import plain_text
from feeds.yaml_text import Node, Scalar

_IMAGE_KEYS = ("images", "image", "cover", "featured_image", "featuredimage", "thumbnail")
_IMAGE_PARTS = ("image", "src", "path", "url")
_ONE_LINE_KEYS = ("title", "slug", "url", "description", "summary")
# Letters, spaces and the marks that mean nothing in Markdown where they stand.
_PLAIN_SUMMARY = re.compile(r"[^\W\d_](?:[^\W_]|[ ,;?!()/%，。、；？！（）]|\.(?!\.))*")
_LONGEST_SUMMARY = 10_000
_TITLE_LIMIT, _SUMMARY_LIMIT, _TERM_LIMIT, _TERMS_LIMIT = 500, 2000, 300, 50


@dataclass(slots=True, kw_only=True)
class Page:
    """What is known of the file being read."""

    path: str
    raw: bytes
    content_hash: str
    content: ContentPath
    language: HugoLanguage
    front: Front
    values: Mapping[str, Node]  # what its front matter says, on what it was handed down
    params: Mapping[str, Node]  # that, with its own `params` above
    notices: list[Notice] = field(default_factory=list)


class PageReader:
    """Reads the pages of one language of a site."""

    def __init__(
        self,
        language: HugoLanguage,
        addresses: PageAddresses,
        *,
        feed_set: str,
        show_drafts: bool = False,
        published_zone: str | None = None,
        author: Author | None = None,
    ) -> None:
        self._language = language
        self._addresses = addresses
        self._feed_set = feed_set
        self._show_drafts = show_drafts or language.build_drafts
        self._zone = UTC if language.timezone == "UTC" else ZoneInfo(language.timezone)
        self._published_zone = ZoneInfo(published_zone) if published_zone else None
        author = author or language.author
        self._authors = (author,) if author else ()
        self._markdown: Callable[[str], str] | None = None

    @property
    def language_key(self) -> str:
        return self._language.key

    def read(self, path: str, content: ContentPath, raw: bytes, modified: datetime, now: datetime) -> Reading:
        """Read a file's bytes. `modified` is published for a page that says no date."""
        content_hash = digest(raw)
        try:
            return self._read(self.page(path, content, raw, content_hash), modified, now)
        except UnreadableError as error:
            return error.quarantined(path, content_hash)

    def page(self, path: str, content: ContentPath, raw: bytes, content_hash: str = "") -> Page:
        """Read what a file says of itself. Raises UnreadableError."""
        if content.name.extension in FOREIGN:
            reason = (
                f"Hugo has another program read .{content.name.extension}, and Feedbell runs none; write it as Markdown"
            )
            raise UnreadableError("foreign-markup", reason)
        try:
            front = read_front(decode(raw))
        except FrontMatterError as error:
            raise UnreadableError(error.code, str(error), error.line, error.column) from error
        own = front.values
        cascades = self._addresses.sections.cascades(content.container)
        if "cascade" in own:
            cascades = (*read_cascades(own["cascade"]), *cascades)
        values = handed_down(own, cascades, content.page_path, self._language.key) if cascades else own
        params = {**values, **table_of(values["params"])} if "params" in values else values
        return Page(
            path=path,
            raw=raw,
            content_hash=content_hash,
            content=content,
            language=self._language,
            front=front,
            values=values,
            params=params,
        )

    def url(self, page: Page, modified: datetime) -> str:
        """Return the address of a page from the site's base, with a slash before it. Raises UnreadableError."""
        return self._link(page, self._dates(page, modified))

    def _read(self, page: Page, modified: datetime, now: datetime) -> Reading:
        dates = self._dates(page, modified)
        hidden = self._hidden_reason(page)
        if hidden is not None:
            return Hidden(path=page.path, content_hash=page.content_hash, reason=hidden)
        self._note_dates(page, dates)
        if dates.publishdate and dates.publishdate.instant > now and not self._language.build_future:
            due = dates.publishdate.instant
            return Hidden(path=page.path, content_hash=page.content_hash, reason="future", due=due)
        if dates.expirydate and dates.expirydate.instant < now and not self._language.build_expired:
            return Hidden(path=page.path, content_hash=page.content_hash, reason="expired")
        return self._draft(page, dates, modified)

    def _dates(self, page: Page, modified: datetime) -> PageDates:
        return read_page_dates(
            self._language.date_orders,
            page.front.values,
            page.values,
            name=page.content.basename,
            modified=modified,
            zone=self._zone,
        )

    def _hidden_reason(self, page: Page) -> str | None:
        values = page.values
        build = table_of(values.get("_build", values.get("build")))
        if not self._language.has_pages or is_true(values.get("headless")):
            return "unpublished"
        if _build_option(build, "list", ("never", "local")) or _build_option(build, "render", ("never",)):
            return "unpublished"
        if self._show_drafts:
            return None
        if "draft" in values:
            return "draft" if is_true(values["draft"]) else None
        published = values.get("published")
        return "draft" if is_bool(published) and not is_true(published) else None

    def _note_dates(self, page: Page, dates: PageDates) -> None:
        for asked, key in dates.unreadable:
            shown = tidy(text_of(page.values.get(key)), 60)
            mend = "write it as 2021-12-08T10:46:18+08:00, or leave the line out"
            reason = f"its {key}{f' ({shown})' if shown else ''} cannot be read; {mend}"
            line = page.front.line_of(key)
            if asked != "lastmod":
                raise UnreadableError("unreadable-date", reason, line)
            notice = Notice(code="unreadable-date", reason=reason, line=line)
            if notice not in page.notices:
                page.notices.append(notice)

    def _draft(self, page: Page, dates: PageDates, modified: datetime) -> Draft:
        terms = self._language.terms
        link = self._link(page, dates)
        url = self._addresses.absolute(link)
        title = self._title(page)
        published = self._published(dates, modified)
        categories = self._terms(page, "categories", terms.categories)
        tags = self._terms(page, "tags", terms.tags)
        summary = self._summary(page)
        image = self._image(page, link)
        self._note_shapes(page)
        dated = dates.publishdate is not None or dates.date is not None
        own_authors = _authors(page.front.values, terms.authors)
        seen = [title, url, str(published.timestamp()) if dated else "", *categories, "", *tags, ""]
        seen += [str(part) for part in (*own_authors, summary, image) if part]
        seen += seen_of(self.enclosures(page))
        return Draft(
            path=page.path,
            source_key=self._addresses.source_key(link),
            entry_id=url,
            url=url,
            title=title,
            published=published,
            updated=dates.lastmod.instant if dates.lastmod and "lastmod" in dates.written else None,
            categories=categories,
            tags=tags,
            authors=_authors(page.params, terms.authors) or self._authors,
            summary=summary,
            image=image,
            language=self._addresses.language_tag,
            content_hash=page.content_hash,
            expires=dates.expirydate.instant if dates.expirydate and not self._language.build_expired else None,
            meaning_hash=meaning_hash(seen, page.front.text, page.front.body_start, page.raw),
            dated=dated,
            feed_set=self._feed_set,
            notices=tuple(page.notices),
        )

    def _published(self, dates: PageDates, modified: datetime) -> datetime:
        """When Hugo's own feed says that a page was published; without a date, when its file was changed."""
        moment = dates.publishdate or dates.date
        if moment is None:
            return modified.astimezone(UTC).replace(microsecond=0)
        if moment.zoneless is not None and self._published_zone is not None:
            return (in_zone(moment.zoneless, self._published_zone) or moment.local).astimezone(UTC)
        return moment.instant

    def _summary(self, page: Page) -> str | None:
        written = text_of(page.values.get("description"))
        if not written:
            written = text_of(page.values.get("summary"))
            if _PLAIN_SUMMARY.fullmatch(written) is None:
                written = self._without_markdown(written)
        return tidy(written, _SUMMARY_LIMIT) or None

    def _without_markdown(self, written: str) -> str:
        """Return the text of a summary, which Hugo reads as Markdown."""
        if self._markdown is None:
            # Imported here, as few summaries need it.
            from feeds.markup.goldmark import Goldmark
            from feeds.sources.hugo.content import goldmark_options

            options = goldmark_options(self._language.goldmark, emoji=self._language.emoji)
            self._markdown = Goldmark(replace(options, unsafe=False))
        return plain_text(self._markdown(written[:_LONGEST_SUMMARY]))

    def _link(self, page: Page, dates: PageDates) -> str:
        slug = dates.slug if dates.slug and "slug" not in page.front.values else ""
        slug = text_of(page.values["slug"]).strip("-") if "slug" in page.values else slug
        date = (dates.date.local if dates.date else None) or datetime(1, 1, 1, tzinfo=UTC)
        try:
            return self._addresses.link(
                page.content,
                url=text_of(page.values.get("url")),
                slug=slug,
                title=text_of(page.values.get("title")),
                date=date,
            )
        except UrlError as error:
            reason = f"Hugo cannot make its address: {error}"
            raise UnreadableError("unreadable-url", reason, page.front.line_of("url")) from error

    def _title(self, page: Page) -> str:
        title = tidy(text_of(page.values.get("title")), _TITLE_LIMIT)
        title = title or tidy(text_of(page.values.get("linktitle")), _TITLE_LIMIT)
        if title:
            return title
        from_name = tidy(page.content.basename.replace("-", " ").replace("_", " "), _TITLE_LIMIT)
        if any(map(str.isalpha, from_name)):
            return from_name[:1].upper() + from_name[1:]
        return first_text(page.front.body) or from_name or page.path

    def _terms(self, page: Page, name: str, keys: Sequence[str]) -> tuple[str, ...]:
        texts = [text for key in keys if key in page.params for text in texts_of(page.params[key])]
        terms, cut = tidy_terms(texts, count=_TERMS_LIMIT, length=_TERM_LIMIT)
        if cut is not None:
            page.notices.append(Notice(code="cut", reason=f"{name}: {cut}", line=page.front.line_of(name)))
        return terms

    def _image(self, page: Page, link: str) -> str | None:
        written = next(_images(page.params), "")
        if not written:
            return None
        if page.content.name.is_leaf and not written.startswith("/") and ":" not in written:
            return self._addresses.absolute(link.rstrip("/") + "/") + self._addresses.escaped(written)
        return self._addresses.absolute_reference(written)

    def enclosures(self, page: Page) -> tuple[Enclosure, ...]:
        """Return the media files that a page names; those of its own bundle as seen from it."""

        def address(written: str) -> str | None:
            is_beside = page.content.name.is_leaf and not written.startswith("/") and ":" not in written
            return self._addresses.escaped(written) if is_beside else self._addresses.absolute_reference(written)

        return attached(page.params, address)

    def _note_shapes(self, page: Page) -> None:
        if page.front.notice is not None:
            page.notices.insert(0, page.front.notice)
        for key in _ONE_LINE_KEYS:
            if key in page.values and not isinstance(page.values[key], Scalar):
                reason = f"{key} is a list or a map and is passed over; write one text"
                page.notices.append(Notice(code="not-a-text", reason=reason, line=page.front.line_of(key)))
        if page.content.name.extension in ORG:
            reason = "org-mode is shown as plain paragraphs; write it as Markdown to keep its marks"
            page.notices.append(Notice(code="plain-text", reason=reason))


def _build_option(build: Mapping[str, Node], key: str, options: tuple[str, ...]) -> bool:
    node = build.get(key)
    if not isinstance(node, Scalar):
        return False
    is_off = node.text == "0" or (node.plain and node.text.lower() == "false")
    return node.text in options or is_off


def _authors(values: Mapping[str, Node], keys: Sequence[str]) -> tuple[Author, ...]:
    found: dict[str, Author] = {}
    for key in keys:
        node = values.get(key)
        nodes = node if isinstance(node, list) else [node] if node is not None else []
        for author in map(read_author, nodes[:50]):
            if author is not None:
                found.setdefault(author.name, author)
    return tuple(found.values())


def _images(values: Mapping[str, Node]) -> Iterator[str]:
    for key in _IMAGE_KEYS:
        node = values.get(key)
        node = node[0] if isinstance(node, list) and node else node
        if isinstance(node, dict):
            yield from (text for text in (text_of(node.get(part)) for part in _IMAGE_PARTS) if text)
        elif text := text_of(node).strip():
            yield text
