"""One file of a Jekyll site as a Draft, or why it is none."""

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from core.digest import digest
from feeds.frontmatter import Fault, FrontMatter, Node, Scalar, read_fields, split
from feeds.model import Author, Draft, Hidden, Quarantined, Reading
from feeds.sources.jekyll_config import JekyllConfig, is_false, is_true, read_author
from feeds.sources.jekyll_dates import Moment, in_zone, read_date
from feeds.sources.jekyll_defaults import PostDefaults, merge
from feeds.sources.jekyll_paths import PostPath, PostPaths
from feeds.sources.jekyll_terms import category_texts, tag_texts, tidy, tidy_terms
from feeds.sources.jekyll_urls import Location, PermalinkError, PostName, UrlMaker

_BOM = b"\xef\xbb\xbf"
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
_UNREAD = re.compile(
    r"<!--.*?-->|<(script|style)\b.*?</\1\s*>|</?[A-Za-z][^>]*>|^[ \t]*[#>*+-]+[ \t]", re.S | re.M | re.I
)
_LINK = re.compile(r"!?\[([^\]\n]*)\]\([^)\n]*\)|<https?://[^>\s]*>")
_MAP_KEYS = ("title", "permalink", "slug", "description", "excerpt")


class _UnreadableError(Exception):
    def __init__(self, code: str, reason: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(reason)
        self.code, self.reason, self.line, self.column = code, reason, line, column


@dataclass(slots=True)
class _File:
    """What is known of the file being read."""

    path: str
    raw: bytes
    content_hash: str
    parts: PostPath
    front: FrontMatter
    own: Mapping[str, Node]  # what its front matter says
    values: Mapping[str, Node]  # that, on the site's defaults
    categories: tuple[str, ...]  # of its folders and of the site's defaults
    warnings: list[str] = field(default_factory=list)

    def text(self, key: str) -> str | None:
        node = self.values.get(key)
        return node.text if isinstance(node, Scalar) and not node.null else None

    def line_of(self, key: str) -> int | None:
        match = re.search(rf"^{key}[ \t]*:", self.front.block or "", re.MULTILINE)
        return (self.front.block or "").count("\n", 0, match.start()) + 2 if match else None


class PostReader:
    """Reads the posts of one site. Raises ConfigurationError if the site's permalink or url cannot be used."""

    def __init__(
        self,
        config: JekyllConfig,
        *,
        show_drafts: bool = False,
        naive_dates: Literal["utc", "site"] = "utc",
        title_limit: int = 500,
        summary_limit: int = 2000,
        term_limit: int = 300,
        terms_limit: int = 50,
    ) -> None:
        self._config = config
        self._show_drafts = show_drafts or config.show_drafts
        self._naive_dates = naive_dates
        self._title_limit = title_limit
        self._summary_limit = summary_limit
        self._term_limit = term_limit
        self._terms_limit = terms_limit
        self._zone = ZoneInfo(config.timezone)
        self._authors = (config.author,) if config.author else ()
        self._urls = UrlMaker(config)
        self._defaults = PostDefaults(config.defaults, collections_dir=config.collections_dir)
        self._paths = PostPaths(config, show_drafts=self._show_drafts)

    def is_post_path(self, path: str) -> bool:
        """Whether Jekyll would consider the file at `path`, which is relative to the site's root with `/`."""
        return self._paths.is_post_path(path)

    def read(self, path: str, raw: bytes, modified: datetime, now: datetime) -> Reading:
        """Read a file's bytes. `modified` dates a draft that has no date; a post dated after `now` is Hidden."""
        content_hash = digest(raw)
        try:
            return self._read(path, raw, content_hash, modified, now)
        except _UnreadableError as error:
            return Quarantined(
                path=path,
                code=error.code,
                reason=error.reason,
                line=error.line,
                column=error.column,
                content_hash=content_hash,
            )

    def body(self, path: str, raw: bytes) -> str:
        """Return the text below the front matter. Raises UnicodeDecodeError for bytes that `read` quarantines."""
        text = split(raw.removeprefix(_BOM).decode()).body
        return text.replace("\r\n", "\n") if "\r" in text else text

    def _read(self, path: str, raw: bytes, content_hash: str, modified: datetime, now: datetime) -> Reading:
        parts = self._paths.parse(path)
        if parts.date is None and not parts.draft:
            raise _UnreadableError(
                "no-date-in-name",
                "its name has no date, so Jekyll makes no page of it; rename it to YYYY-MM-DD-name" + parts.extension,
            )
        front = split(_decode(raw))
        file = _File(path, raw, content_hash, parts, front, {}, {}, parts.categories)
        _read_front_matter(file)
        if self._config.defaults:
            self._add_defaults(file)
        reason = self._hidden_reason(file)
        if reason is not None:
            return Hidden(path=path, content_hash=content_hash, reason=reason)
        moment = self._date(file, modified)
        published = moment.instant
        if self._naive_dates == "site" and moment.zoneless is not None:
            published = in_zone(moment.zoneless, self._zone) or published
        if published > now and not self._config.future:
            return Hidden(path=path, content_hash=content_hash, reason="future", due=published)
        return self._draft(file, moment.instant, published)

    def _add_defaults(self, file: _File) -> None:
        defaults = self._defaults.find(file.path)
        file.values = merge(defaults.values, file.own)
        file.categories += defaults.categories

    def _hidden_reason(self, file: _File) -> str | None:
        values = file.values
        if "published" in values and is_false(values["published"]) and not self._config.unpublished:
            return "unpublished"
        if not self._show_drafts and (file.parts.draft or is_true(values.get("draft"))):
            return "draft"
        return None

    def _date(self, file: _File, modified: datetime) -> Moment:
        if "date" in file.values:
            return self._written_date(file, "date")
        if file.parts.date is None:
            return Moment(modified.astimezone(UTC).replace(microsecond=0), None)
        moment = read_date(file.parts.date, plain=False, zone=self._zone)
        if moment is None:
            raise _UnreadableError("unreadable-date", f"the date in its name, {file.parts.date}, does not exist")
        return moment

    def _written_date(self, file: _File, key: str) -> Moment:
        node = file.values[key]
        moment = read_date(node.text, plain=node.plain, zone=self._zone) if isinstance(node, Scalar) else None
        if moment is None:
            shown = f" ({tidy(node.text, 60)})" if isinstance(node, Scalar) and node.text else ""
            reason = f"its {key}{shown} cannot be read; write it as 2021-12-08 10:46:18 +0800, or leave the line out"
            raise _UnreadableError("unreadable-date", reason, file.line_of(key))
        return moment

    def _draft(self, file: _File, instant: datetime, published: datetime) -> Draft:
        values = file.values
        raw_categories = category_texts(values, file.categories)
        location = self._locate(file, raw_categories, instant)
        title = self._title(file)
        categories = self._terms(file, "categories", raw_categories)
        tags = self._terms(file, "tags", tag_texts(values))
        authors = _authors(values) if "author" in values or "authors" in values else ()
        summary = self._summary(file)
        image = self._image(values.get("image")) if "image" in values else None
        language = _language(file.text("lang")) if "lang" in values else None
        seen = [title, location.url, str(published.timestamp()), *categories, "", *tags, ""]
        own_authors = authors if "author" in file.own or "authors" in file.own else ()
        seen += [str(part) for part in (*own_authors, summary, image, language) if part]
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
            meaning_hash=_meaning_hash(seen, file),
            warning="; ".join(file.warnings) or None,
        )

    def _locate(self, file: _File, raw_categories: Sequence[str], instant: datetime) -> Location:
        values, parts = file.values, file.parts
        slug = file.text("slug") if "slug" in values else None
        name = PostName(
            self._paths.in_collections(file.path),
            parts.basename,
            parts.extension,
            slug if slug is not None else parts.slug,
            raw_categories,
            instant.astimezone(self._zone),
        )
        try:
            return self._urls.locate(name, file.text("permalink") if "permalink" in values else None)
        except PermalinkError as error:
            raise _UnreadableError("unreadable-permalink", f"{error}", file.line_of("permalink")) from error

    def _title(self, file: _File) -> str:
        written = file.text("title")
        title = tidy(written, self._title_limit) if written is not None else ""
        if title:
            return title
        from_name = tidy(titleize_slug(file.parts.slug), self._title_limit)
        if from_name and (written is None or any(map(str.isalpha, from_name))):
            return from_name
        return first_text(file.front.body) or from_name or tidy(file.parts.basename, self._title_limit)

    def _terms(self, file: _File, key: str, texts: Sequence[str]) -> tuple[str, ...]:
        terms, cut = tidy_terms(texts, count=self._terms_limit, length=self._term_limit)
        if cut is not None:
            file.warnings.append(f"{key}: {cut}")
        return terms

    def _summary(self, file: _File) -> str | None:
        if "description" not in file.values and "excerpt" not in file.values:
            return None
        text = file.text("description") or file.text("excerpt")
        return tidy(text, self._summary_limit) or None if text else None

    def _image(self, node: Node | None) -> str | None:
        if isinstance(node, dict):
            node = node.get("path")
        return self._urls.absolute(node.text) if isinstance(node, Scalar) and not node.null else None

    def _updated(self, file: _File) -> datetime | None:
        key = "last_modified_at" if "last_modified_at" in file.values else "updated"
        if key not in file.values or file.text(key) is None:
            return None
        try:
            return self._written_date(file, key).instant
        except _UnreadableError as error:
            file.warnings.append(error.reason)
            return None


def titleize_slug(slug: str) -> str:
    """Make a title of a slug as Jekyll does: hyphens to spaces, each word capitalised."""
    return " ".join([word.capitalize() for word in slug.rstrip("-").split("-")])


def first_text(body: str) -> str:
    """Return the first line of a body that a reader would see as text, at most 80 characters; empty if none."""
    text = _UNREAD.sub("\n", _LINK.sub(r"\1", body[:20_000]))
    lines = (tidy(html.unescape(line), 80) for line in text.splitlines())
    return next((line for line in lines if any(map(str.isalnum, line))), "")


def _decode(raw: bytes) -> str:
    try:
        return (raw[3:] if raw[:3] == _BOM else raw).decode()
    except UnicodeDecodeError as error:
        guess = "UTF-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "another encoding, perhaps GBK"
        start = error.start
        line = raw.count(b"\n", 0, start) + 1
        reason = f"it is not UTF-8 but {guess}; save it as UTF-8, which is all that Jekyll reads"
        raise _UnreadableError("not-utf-8", reason, line) from error


def _read_front_matter(file: _File) -> None:
    front = file.front
    if not front.closed:
        # Jekyll takes such a file for text without front matter and would show the author's keys to readers. It is
        # a slip or half a file, so it waits until the mark is there.
        reason = "its front matter begins with --- and never ends; write --- on a line of its own below it"
        raise _UnreadableError("unclosed-front-matter", reason, 1)
    if front.block is None:
        return
    fields = read_fields(front.block)
    if isinstance(fields, Fault):
        reason = f"its front matter {fields.reason}; mend that line"
        raise _UnreadableError("invalid-front-matter", reason, fields.line, fields.column)
    file.own = file.values = fields.values
    if fields.warning is not None:
        file.warnings.append(fields.warning)
    for key in _MAP_KEYS:
        if key in fields.values and not isinstance(fields.values[key], Scalar):
            file.warnings.append(f"{key} is a list or a map and is passed over")


def _authors(values: Mapping[str, Node]) -> tuple[Author, ...]:
    node = values.get("author") or values.get("authors")
    if node is None:
        return ()
    nodes = node if isinstance(node, list) else [node]
    return tuple(author for author in map(read_author, nodes[:50]) if author is not None)


def _language(text: str | None) -> str | None:
    tag = (text or "").strip().replace("_", "-")
    return tag if _LANGUAGE.fullmatch(tag) is not None else None


def _meaning_hash(seen: list[str], file: _File) -> str:
    """Hash what a reader sees. The site's authors are left out: a change of them is no change of every post."""
    front, raw = file.front, file.raw
    start = len(front.text[: front.body_start].encode()) + (3 if raw[:3] == _BOM else 0)
    body = raw[start:]  # bytes are split twice as fast as text, and they are at hand
    if "\u3000" in front.text or "\xa0" in front.text:
        body = body.replace(b"\xe3\x80\x80", b" ").replace(b"\xc2\xa0", b" ")
    return digest("\x1f".join(seen).encode(), b"\x1e", b" ".join(body.split()))
