"""One file as a Draft, or why it is none: the steps that Eleventy, Zola, Pelican and plain folders share."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from core.digest import digest
from feeds.frontmatter import Scalar
from feeds.model import Author, Body, Draft, Enclosure, Hidden, Notice, Reading
from feeds.sources.attachments import attached, seen_of
from feeds.sources.fields import (
    BOM,
    UnreadableError,
    decode,
    first_text,
    language_tag,
    tidy,
    tidy_terms,
    without_comments,
)
from feeds.sources.plain.addresses import Address, SiteAddress
from feeds.sources.plain.content import Content, Headed
from feeds.sources.plain.dates import midnight, read_moment, zone_in
from feeds.sources.plain.git import FirstCommits
from feeds.sources.plain.lookup import authors, find, names_of, texts
from feeds.sources.plain.matter import read_matter
from feeds.sources.plain.neighbours import Neighbours
from feeds.sources.plain.patterns import without_index
from feeds.sources.plain.places import day_of_path, place_of, split_name
from feeds.sources.plain.profile import PostFile, Profile, commonly_hidden
from feeds.sources.site import ReadingOptions
from feeds.urls import absolute_url

_TITLE, _SUMMARY, _TERM, _TERMS = 500, 2000, 300, 50
# Eleventy's words for a file's own times, which no two machines agree on.
_NO_DATES = frozenset({"true", "false", "last modified", "created", "git last modified", "git created"})
_SHALLOW = (
    "nothing says its date, and git's history is cut off before its first commit, so it is dated now, for ever; "
    "fetch the whole history (git fetch --unshallow, in CI fetch-depth: 0) or write a date"
)
_LANGUAGE_KEYS = ("lang", "language", "locale")


@dataclass(frozen=True, slots=True)
class _When:
    """When a post was published."""

    instant: datetime | None
    written: bool  # the author wrote it: in the file or in its name


class PostReader:
    """Reads the posts of one site. Raises ConfigurationError if its address cannot be used."""

    def __init__(
        self,
        profile: Profile,
        options: ReadingOptions,
        *,
        url: str,
        timezone: str,
        author: Author | None,
        pattern: Callable[[PostFile], str] | None,
    ) -> None:
        self._profile = profile
        self._drafts = options.drafts
        self._site = SiteAddress(url)
        self._zone = ZoneInfo(timezone)
        self._authors = (author,) if author is not None else ()
        self._names = names_of(options.fields, profile.fields, small=profile.small_keys)
        self._address = pattern or profile.address
        self._content = Content(profile.markdown)
        self._commits = FirstCommits(options.root)
        self._root = os.path.realpath(options.root)

    def read(self, path: str, raw: bytes, now: datetime) -> Reading:
        """Read a file's bytes; a post dated after `now` is Hidden."""
        content_hash = digest(raw)
        try:
            return self._read(path, raw, content_hash, now)
        except UnreadableError as error:
            return error.quarantined(path, content_hash)

    def body(self, path: str, raw: bytes) -> Body:
        """Return the post's text. Raises UnicodeDecodeError for bytes that `read` quarantines."""
        raw.removeprefix(BOM).decode()
        try:
            file = self._open(path, raw)
        except UnreadableError:  # the file changed since it was read
            return Body(html="", text="")
        text, extension = file.matter.text, file.place.extension
        if not find(file.values, self._names.title):
            text = self._content.headed(text, extension).text
        skipped = file.matter.text_line - 1 + file.matter.text.count("\n") - text.count("\n")
        resolved = self._profile.resolved(text, file)
        neighbour = Neighbours(self._root, self._site.url, self._url_of).url_of
        linked = self._profile.linked(self._content.html(resolved.text, extension), file, neighbour)
        excerpt = self._content.excerpt(resolved.text, extension)
        if excerpt is not None:
            excerpt = self._profile.linked(excerpt, file, neighbour).text
        notices = tuple(
            Notice(code=one.code, reason=one.reason, line=None if one.line is None else one.line + skipped)
            for one in resolved.notices
        )
        return Body(
            html=linked.text,
            text=resolved.text,
            excerpt_html=excerpt,
            notices=(*notices, *linked.notices),
            enclosures=_enclosures(file),
        )

    def _url_of(self, path: str, raw: bytes) -> str | None:
        """Return the address of another file of the site; None if it has none."""
        try:
            file = self._open(path, raw)
            with suppress(UnreadableError):  # a page needs neither
                self._title(file)
                self._date(file, None)
            return self._locate(file).url
        except UnreadableError:
            return None

    def _open(self, path: str, raw: bytes) -> PostFile:
        inner = next(
            (path[len(folder) + 1 :] for folder in self._profile.folders if path.startswith(f"{folder}/")), path
        )
        place = place_of(inner)
        matter = read_matter(decode(raw), place.extension, self._profile.forms)
        values = matter.values
        if self._profile.small_keys and any(key != key.lower() for key in values):
            values = {key.lower(): node for key, node in values.items()}
        file = PostFile(path=path, place=place, matter=matter, names=self._names, values=values)
        file.values = self._profile.layered(file)
        if matter.notice is not None:
            file.notices.append(matter.notice)
        return file

    def _read(self, path: str, raw: bytes, content_hash: str, now: datetime) -> Reading:
        file = self._open(path, raw)
        reason = commonly_hidden(file) or self._profile.hidden(file)
        if reason is not None and not (reason == "draft" and self._drafts):
            return Hidden(path=path, content_hash=content_hash, reason=reason)
        if self._profile.empty_is_none and not file.values and not file.matter.text.strip():
            raise UnreadableError("empty", "it is empty; write something, or remove it", 1)
        headed = self._title(file)
        when = self._date(file, now)
        if self._profile.is_page(file) or (when.instant is None and self._profile.undated == "page"):
            return Hidden(path=path, content_hash=content_hash, reason="page")
        if when.instant is not None and when.instant > now:
            return Hidden(path=path, content_hash=content_hash, reason="future", due=when.instant)
        return self._draft(file, headed, content_hash, when, when.instant or now.replace(microsecond=0))

    def _title(self, file: PostFile) -> Headed:
        """Set the title; return the text without the heading that it was taken from."""
        headed = Headed("", file.matter.text)
        found = find(file.values, self._names.title)
        if found is not None and isinstance(found[1], Scalar):
            file.title = tidy(found[1].text, _TITLE)
        elif found is not None:
            file.note("not-a-text", f"{found[0]} is a list or a map and is passed over; write one text", found[0])
        if file.title:
            return headed
        if self._profile.needs_title:
            raise UnreadableError("no-title", "it has no title, so Pelican makes no page of it; write a line Title:", 1)
        if found is None:
            headed = self._content.headed(headed.text, file.place.extension)
        file.title = tidy(headed.title, _TITLE) or _title_of_name(file) or first_text(headed.text)
        file.title = file.title or tidy(file.place.name, _TITLE) or file.path
        return headed

    def _date(self, file: PostFile, now: datetime | None) -> _When:
        """Find when a post was published, and set its local time; `now` bounds what git says, None does not ask it."""
        instant = self._written_date(file, self._names.date, "date")
        if instant is None and (named := self._profile.date_of_place(file)) is not None:
            instant = read_moment(named, self._zone)
            if instant is None:
                raise UnreadableError("unreadable-date", f"the date in its name, {named[:60]}, does not exist")
        if instant is None and self._profile.undated == "quarantine":
            raise UnreadableError("no-date", "it has no date, so Pelican makes no page of it; write a line Date:", 1)
        if instant is None and (day := day_of_path(file.text(*self._names.url) or "")) is not None:
            instant = midnight(*day, self._zone)
        written = instant is not None
        if instant is not None:
            # Before git is asked: an address must not depend on when a file was committed.
            own = zone_in(file.text(*self._names.date) or "") if self._profile.own_zones else None
            file.local = instant.astimezone(own or self._zone)
        elif self._profile.undated == "git" and now is not None:
            committed = self._commits.when(file.path)
            instant = committed if committed is not None and committed <= now else None
            if instant is None and self._commits.cut_off:
                file.note("shallow-history", _SHALLOW)
        return _When(instant, written)

    def _written_date(self, file: PostFile, names: Sequence[str], meant: str) -> datetime | None:
        for name in names:
            found = find(file.values, (name,))
            if found is None:
                continue
            node = found[1]
            if isinstance(node, Scalar) and node.text.strip().lower() in _NO_DATES:
                continue
            moment = read_moment(node.text, self._zone) if isinstance(node, Scalar) else None
            if moment is None:
                shown = f" ({tidy(node.text, 60)})" if isinstance(node, Scalar) else ""
                reason = (
                    f"its {meant}{shown} cannot be read; write it as 2021-12-08 10:46:18 +0800, or leave the line out"
                )
                raise UnreadableError("unreadable-date", reason, *file.matter.place_of(name))
            return moment
        return None

    def _draft(self, file: PostFile, headed: Headed, content_hash: str, when: _When, published: datetime) -> Draft:
        address = self._locate(file)
        categories = self._terms(file, "categories", self._names.categories)
        tags = self._terms(file, "tags", self._names.tags)
        found = find(file.values, self._names.author)
        own_authors = authors(found[1], self._profile.cut_authors)[:_TERMS] if found is not None else ()
        summary = self._summary(file)
        image = self._image(file, address.url)
        language = language_tag(file.text(*_LANGUAGE_KEYS)) or self._profile.language(file)
        dated = str(published.timestamp()) if when.written else ""
        seen = [file.title, address.url, dated, *categories, "", *tags, ""]
        seen += [str(part) for part in (*own_authors, summary, image, language) if part]
        seen += seen_of(_enclosures(file))
        return Draft(
            path=file.path,
            source_key=address.key,
            entry_id=address.url,
            url=address.url,
            title=file.title,
            published=published,
            updated=self._updated(file),
            categories=categories,
            tags=tags,
            authors=own_authors or self._authors,
            summary=summary,
            image=image,
            language=language,
            content_hash=content_hash,
            meaning_hash=_meaning_hash(seen, headed.text),
            # What git says counts at first sight only: a file may be committed, or its history rewritten, later.
            dated=when.written,
            feed_set=self._profile.feed_set(file),
            notices=tuple(file.notices),
        )

    def _locate(self, file: PostFile) -> Address:
        # Eleventy's and Zola's keys of this kind are rules of their own, which their Profile follows.
        written = find(file.values, self._names.url)
        if written is not None and isinstance(written[1], Scalar):
            path = self._site.written(written[1].text)
            if path is not None:
                return self._site.mint(path)
            reason = f"{written[0]} is no path below the site and is passed over; write one such as /2021/name/"
            file.note("foreign-address", reason, written[0])
        return self._site.mint(self._address(file))

    def _terms(self, file: PostFile, meant: str, names: Sequence[str]) -> tuple[str, ...]:
        found = find(file.values, names)
        if found is None:
            return ()
        written: Iterable[str] = texts(found[1], self._profile.cut_terms)
        if self._profile.nested_categories and meant == "categories":
            written = _with_parents(written)
        terms, cut = tidy_terms(written, count=_TERMS, length=_TERM)
        if cut is not None:
            file.note("cut", f"{meant}: {cut}", found[0])
        return terms

    def _summary(self, file: PostFile) -> str | None:
        text = file.text(*self._names.summary)
        return tidy(text, _SUMMARY) or None if text else None

    def _image(self, file: PostFile, url: str) -> str | None:
        found = find(file.values, self._names.image)
        if found is None:
            return None
        node = found[1]
        written = node.text if isinstance(node, Scalar) else None
        if isinstance(node, dict):
            inner = find(node, ("path", "src", "url"))
            written = inner[1].text if inner is not None and isinstance(inner[1], Scalar) else None
        return absolute_url(url, written, fetched=True) if written else None

    def _updated(self, file: PostFile) -> datetime | None:
        try:
            return self._written_date(file, self._names.updated, "date of change")
        except UnreadableError as error:
            file.notices.append(Notice(code=error.code, reason=error.reason, line=error.line, column=error.column))
            return None


def _enclosures(file: PostFile) -> tuple[Enclosure, ...]:
    """Return the media files that a post names, as written; in Zola's front matter keys of one's own lie in `extra`."""
    extra = file.values.get("extra")
    return attached({**extra, **file.values} if isinstance(extra, dict) else file.values, str)


def _with_parents(terms: Iterable[str]) -> Iterator[str]:
    """Yield each term and the terms above it, the closest first: `a/b/c`, `a/b`, `a`."""
    for term in terms:
        above = term
        # A term is cut where it is too long, and then as many parents are enough.
        for _ in range(_TERMS):
            yield above
            above = above.rpartition("/")[0].strip()
            if not above:
                break


def _title_of_name(file: PostFile) -> str:
    name = split_name(without_index(file).rpartition("/")[2]).rest
    words = " ".join(name.replace("_", "-").replace("-", " ").split())
    return tidy(words[:1].upper() + words[1:], _TITLE) if any(map(str.isalpha, words)) else ""


def _meaning_hash(seen: list[str], text: str) -> str:
    """Hash what a reader sees. The site's authors are left out: a change of them is no change of every post."""
    return digest(
        "\x1f".join(seen).encode(errors="replace"),
        b"\x1e",
        " ".join(without_comments(text, "<!--", "-->").split()).encode(),
    )
