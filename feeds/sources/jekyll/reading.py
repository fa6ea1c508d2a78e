"""One file of a Jekyll site as a Draft, or why it is none."""

import html
import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Literal
from zoneinfo import ZoneInfo

from core.clock import Clock, utc_now
from core.digest import digest
from feeds.frontmatter import Node, Scalar, split
from feeds.model import Author, Body, Draft, Hidden, Notice, Reading
from feeds.sources.attachments import attached, seen_of
from feeds.sources.fields import (
    BOM,
    UnreadableError,
    decode,
    first_text,
    is_false,
    is_true,
    language_tag,
    meaning_hash,
    tidy,
    tidy_terms,
)
from feeds.sources.jekyll.authors import authors_of
from feeds.sources.jekyll.bodies import BodyMaker
from feeds.sources.jekyll.config import JekyllConfig
from feeds.sources.jekyll.dates import Moment, in_zone, read_date
from feeds.sources.jekyll.defaults import PostDefaults, merge
from feeds.sources.jekyll.lookup import SitePosts
from feeds.sources.jekyll.paths import PostPaths
from feeds.sources.jekyll.post_file import PostFile
from feeds.sources.jekyll.terms import address_texts, category_texts, tag_texts
from feeds.sources.jekyll.urls import Location, PermalinkError, PostName, UrlMaker

# Liquid's strip_html, which jekyll-feed puts a summary through.
_MARKUP = re.compile(r"<script.*?</script>|<!--.*?-->|<style.*?</style>", re.DOTALL)
_ELEMENT = re.compile(r"<.*?>", re.DOTALL)
_LONGEST_SUMMARY = 20_000  # characters looked at
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class PostReader:
    """Reads the posts of one site. Raises ConfigurationError if the site's permalink or url cannot be used.

    `root` is the site's folder, for what posts include; `authors` are those that the site knows by name; `templates`
    tells whether something changed that Liquid may look at.
    """

    def __init__(
        self,
        config: JekyllConfig,
        *,
        show_drafts: bool = False,
        naive_dates: Literal["utc", "site"] = "utc",
        root: str | None = None,
        authors: Mapping[str, Author] | None = None,
        templates: str = "",
        clock: Clock = utc_now,
        title_limit: int = 500,
        summary_limit: int = 2000,
        term_limit: int = 300,
        terms_limit: int = 200,
    ) -> None:
        self._config = config
        self._show_drafts = show_drafts or config.show_drafts
        self._naive_dates = naive_dates
        self._title_limit = title_limit
        self._summary_limit = summary_limit
        self._term_limit = term_limit
        self._terms_limit = terms_limit
        self._root = root
        self._known_authors = authors or {}
        self._templates = templates
        self._converted = _conversion(config)
        self._clock = clock
        self._zone = ZoneInfo(config.timezone)
        author = config.author
        if author is not None and author.email is None and author.uri is None:
            author = self._known_authors.get(author.name, author)
        self._authors = (author,) if author else ()
        self._urls = UrlMaker(config)
        self._defaults = {
            label: PostDefaults(config.defaults, kind=label or "posts", collections_dir=config.collections_dir)
            for label in ("", *(found.label for found in config.collections))
        }
        self._paths = PostPaths(config, show_drafts=self._show_drafts)

    def is_post_path(self, path: str) -> bool:
        """Whether Jekyll would consider the file at `path`, which is relative to the site's root with `/`."""
        return self._paths.is_post_path(path)

    def enters(self, folder: str) -> bool:
        """Whether there may be posts below a folder."""
        return self._paths.enters(folder)

    def read(self, path: str, raw: bytes, modified: datetime, now: datetime) -> Reading:
        """Read a file's bytes. `modified` dates a draft that has no date; a post dated after `now` is Hidden."""
        content_hash = digest(raw)
        try:
            return self._read(path, raw, content_hash, modified, now)
        except UnreadableError as error:
            return error.quarantined(path, content_hash)

    def body(self, path: str, raw: bytes) -> Body:
        """Return a post's text as Jekyll makes it. Raises UnicodeDecodeError for bytes that `read` quarantines."""
        file = self._opened(path, raw, "", raw.removeprefix(BOM).decode())
        with suppress(UnreadableError):  # it was readable when it became a post, and its text still is
            file.read_front_matter()
        self._add_defaults(file)
        body = self._bodies.make(file)
        enclosures = attached(file.values, self._urls.absolute)
        return replace(body, enclosures=enclosures) if enclosures else body

    @cached_property
    def _bodies(self) -> BodyMaker:
        lookup = SitePosts(self._root or os.devnull, self._paths, self._read_page)
        return BodyMaker(self._config, root=self._root, lookup=lookup, page=self._page)

    def _page(self, file: PostFile) -> Mapping[str, object]:
        """Return a post as Liquid sees it."""
        from feeds.sources.jekyll.pages import post_page

        categories = category_texts(file.values, file.categories)
        location: Location | None = None
        try:
            moment = self._date(file, _EPOCH)
            location = self._locate(file, categories, moment.instant)
        except UnreadableError:  # it is said where the post is read
            moment = Moment(_EPOCH, None)
        return post_page(
            file,
            path=self._paths.in_collections(file.path),
            location=location,
            title=self._title(file),
            date=moment.instant,
            categories=categories,
            tags=tag_texts(file.values),
            zone=self._zone,
        )

    def _read_page(self, path: str, raw: bytes) -> Mapping[str, object] | None:
        """Return another post as Liquid sees it, or of another file its `url`; None for what is not published."""
        from feeds.sources.jekyll.pages import file_url

        if not self._paths.has_place(path):
            return {"url": file_url(path, raw, self._config)}
        if not isinstance(self.read(path, raw, _EPOCH, self._clock()), Draft):
            return None
        file = self._opened(path, raw, "", decode(raw))
        file.read_front_matter()
        self._add_defaults(file)
        return self._page(file)

    def _opened(self, path: str, raw: bytes, content_hash: str, text: str) -> PostFile:
        parts = self._paths.parse(path)
        return PostFile(path, raw, content_hash, parts, split(text), {}, {}, parts.categories)

    def _read(self, path: str, raw: bytes, content_hash: str, modified: datetime, now: datetime) -> Reading:
        file = self._opened(path, raw, content_hash, decode(raw))
        parts = file.parts
        if parts.date is None and not parts.draft and not parts.label:
            raise UnreadableError(
                "no-date-in-name",
                "its name has no date, so Jekyll makes no page of it; rename it to YYYY-MM-DD-name" + parts.extension,
            )
        if parts.label and file.front.block is None and file.front.closed:
            return Hidden(path=path, content_hash=content_hash, reason="no-front-matter")
        file.read_front_matter()
        if self._config.defaults:
            self._add_defaults(file)
        reason = self._hidden_reason(file)
        if reason is not None:
            return Hidden(path=path, content_hash=content_hash, reason=reason)
        dated = "date" in file.values or parts.date is not None
        moment = self._date(file, min(modified, now) if parts.label else modified)
        published = moment.instant
        if self._naive_dates == "site" and moment.zoneless is not None:
            published = in_zone(moment.zoneless, self._zone) or published
        if published > now and not self._config.future:
            return Hidden(path=path, content_hash=content_hash, reason="future", due=published)
        return self._draft(file, moment.instant, published, dated=dated)

    def _add_defaults(self, file: PostFile) -> None:
        defaults = self._defaults[file.parts.label].find(file.path)
        file.values = merge(defaults.values, file.own) if defaults.values else file.own
        file.categories += defaults.categories

    def _hidden_reason(self, file: PostFile) -> str | None:
        values = file.values
        if "published" in values and is_false(values["published"]) and not self._config.unpublished:
            return "unpublished"
        if not self._show_drafts and (file.parts.draft or is_true(values.get("draft"))):
            return "draft"
        return None

    def _date(self, file: PostFile, modified: datetime) -> Moment:
        if "date" in file.values:
            return self._written_date(file, "date")
        if file.parts.date is None:
            return Moment(modified.astimezone(UTC).replace(microsecond=0), None)
        moment = read_date(file.parts.date, plain=False, zone=self._zone)
        if moment is None:
            raise UnreadableError("unreadable-date", f"the date in its name, {file.parts.date}, does not exist")
        return moment

    def _written_date(self, file: PostFile, key: str) -> Moment:
        node = file.values[key]
        moment = read_date(node.text, plain=node.plain, zone=self._zone) if isinstance(node, Scalar) else None
        if moment is None:
            shown = f" ({tidy(node.text, 60)})" if isinstance(node, Scalar) and node.text else ""
            reason = f"its {key}{shown} cannot be read; write it as 2021-12-08 10:46:18 +0800, or leave the line out"
            raise UnreadableError("unreadable-date", reason, file.line_of(key))
        return moment

    def _draft(self, file: PostFile, instant: datetime, published: datetime, *, dated: bool) -> Draft:
        values = file.values
        raw_categories = category_texts(values, file.categories)
        location = self._locate(file, raw_categories, instant)
        title = self._title(file)
        categories = self._terms(file, "categories", raw_categories)
        tags = self._terms(file, "tags", tag_texts(values))
        authors = authors_of(values, self._known_authors) if "author" in values or "authors" in values else ()
        summary = self._summary(file)
        image = self._image(values.get("image")) if "image" in values else None
        language = language_tag(file.text("lang")) if "lang" in values else None
        seen = [title, location.url, str(published.timestamp()), *categories, "", *tags, ""]
        own_authors = authors if "author" in file.own or "authors" in file.own else ()
        seen += [str(part) for part in (*own_authors, summary, image, language, self._converted) if part]
        seen += seen_of(attached(values, self._urls.absolute))
        if self._templates and file.has_liquid:
            seen.append(self._templates)
        return Draft(
            path=file.path,
            source_key=location.source_key,
            entry_id=location.entry_id,
            url=location.url,
            title=title,
            published=published,
            updated=self._updated(file),
            categories=categories,
            tags=tags,
            authors=authors or self._authors,
            summary=summary,
            image=image,
            language=language,
            content_hash=file.content_hash,
            meaning_hash=meaning_hash(seen, file.front.text, file.front.body_start, file.raw),
            dated=dated,
            feed_set=file.parts.label,
            notices=tuple(file.notices),
        )

    def _locate(self, file: PostFile, raw_categories: Sequence[str], instant: datetime) -> Location:
        values, parts = file.values, file.parts
        slug = file.text("slug") if "slug" in values else None
        name = PostName(
            self._paths.in_collections(file.path),
            parts.basename,
            parts.extension,
            slug if slug is not None else parts.slug,
            address_texts(values, file.categories, raw_categories),
            instant.astimezone(self._zone),
            parts.label,
        )
        try:
            return self._urls.locate(name, file.text("permalink") if "permalink" in values else None)
        except PermalinkError as error:
            raise UnreadableError("unreadable-permalink", f"{error}", file.line_of("permalink")) from error

    def _title(self, file: PostFile) -> str:
        written = file.text("title")
        title = tidy(written, self._title_limit) if written is not None else ""
        if title:
            return title
        from_name = tidy(titleize_slug(file.parts.slug), self._title_limit)
        if from_name and (written is None or any(map(str.isalpha, from_name))):
            return from_name
        return first_text(file.front.body) or from_name or tidy(file.parts.basename, self._title_limit)

    def _terms(self, file: PostFile, key: str, texts: Sequence[str]) -> tuple[str, ...]:
        terms, cut = tidy_terms(texts, count=self._terms_limit, length=self._term_limit)
        if cut is not None:
            file.notices.append(Notice(code="cut", reason=f"{key}: {cut}", line=file.line_of(key)))
        return terms

    def _summary(self, file: PostFile) -> str | None:
        if "description" not in file.values and "excerpt" not in file.values:
            return None
        text = file.text("description") or file.text("excerpt")
        return tidy(_plain(text), self._summary_limit) or None if text else None

    def _image(self, node: Node | None) -> str | None:
        if isinstance(node, dict):
            node = node.get("path")
        return self._urls.absolute(node.text) if isinstance(node, Scalar) and not node.null else None

    def _updated(self, file: PostFile) -> datetime | None:
        key = "last_modified_at" if "last_modified_at" in file.values else "updated"
        if key not in file.values or file.text(key) is None:
            return None
        try:
            return self._written_date(file, key).instant
        except UnreadableError as error:
            file.notices.append(Notice(code=error.code, reason=error.reason, line=error.line))
            return None


def titleize_slug(slug: str) -> str:
    """Make a title of a slug as Jekyll does: hyphens to spaces, each word capitalised."""
    return " ".join([word.capitalize() for word in slug.rstrip("-").split("-")])


def _plain(text: str) -> str:
    """Return what a reader sees of a text that may hold HTML."""
    if "<" in text:
        text = _ELEMENT.sub("", _MARKUP.sub("", text[:_LONGEST_SUMMARY]))
    return html.unescape(text) if "&" in text else text


def _conversion(config: JekyllConfig) -> str:
    """Return what tells how texts are converted; empty for Jekyll's own way, which most sites keep."""
    said = (config.markdown, config.kramdown, config.excerpt_separator, config.markdown_ext)
    usual = JekyllConfig()
    same = said == (usual.markdown, usual.kramdown, usual.excerpt_separator, usual.markdown_ext)
    return "" if same else repr(said)
