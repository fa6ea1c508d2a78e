"""Saved selections: which posts stand in a feed that its owner described. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from html import unescape

from core.languages import is_of
from core.wildcards import Wildcards
from core.words import Words, folded
from feeds.model import Draft, Taxonomy, TermKey

TextOf = Callable[[], str]  # the text of a post, which is costly


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What posts are compared with; terms may be patterns, a language is met by its regional forms."""

    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """One saved selection; a part that is None asks for nothing."""

    name: str
    any: Condition | None = None  # one of what it lists
    all: Condition | None = None  # everything that it lists
    none: Condition | None = None  # nothing that it lists


class SourceSelections:
    """The selections and the feed of its own that a source's posts may stand in.

    `languages` has the language of each of the source's sets of feeds, for posts that say none.
    """

    def __init__(
        self,
        selections: Sequence[Selection],
        *,
        source: str,
        languages: Mapping[str, str | None],
        with_source_feed: bool = False,
    ) -> None:
        self._source = source
        self._languages = languages
        self._prepared = [_Prepared(selection) for selection in selections]
        self._own: tuple[TermKey, ...] = ((Taxonomy.SOURCE.value, source),) if with_source_feed else ()
        # Languages of sets change with the site's configuration, and with them what is selected.
        asked = any(prepared.asks_language for prepared in self._prepared)
        parts = (selections, self._own, sorted(languages.items()) if asked else ())
        self._fingerprint = sha256(repr(parts).encode()).hexdigest() if selections or self._own else ""

    @property
    def fingerprint(self) -> str:
        """What the choice depends on beside the posts; empty if there is nothing to choose."""
        return self._fingerprint

    def keys(self, draft: Draft, text_of: TextOf) -> tuple[TermKey, ...]:
        """Return the terms of the selections that a post stands in; `text_of` is asked at most once, for words."""
        if not self._prepared:
            return self._own
        post = _Facts(draft, self._source, self._languages.get(draft.feed_set), text_of)
        chosen = [(Taxonomy.SELECTION.value, one.name) for one in self._prepared if one.selects(post)]
        return (*self._own, *chosen)


class _Facts:
    """A post as conditions see it."""

    def __init__(self, draft: Draft, source: str, language: str | None, text_of: TextOf) -> None:
        self.terms: tuple[Iterable[str], ...] = (
            draft.categories,
            draft.tags,
            [author.name for author in draft.authors],
            (source,),
        )
        self.language = draft.language or language or ""
        self._draft = draft
        self._text_of = text_of
        self._text: str | None = None

    @property
    def text(self) -> str:
        if self._text is None:
            parts = (self._draft.title, self._draft.summary or "", self._text_of())
            self._text = folded("\n".join(parts))
        return self._text


class _Prepared:
    def __init__(self, selection: Selection) -> None:
        self.name = selection.name
        self._any, self._all, self._none = (
            _Tests(condition) if condition is not None else None
            for condition in (selection.any, selection.all, selection.none)
        )
        self.asks_language = any(part.asks_language for part in (self._any, self._all, self._none) if part)

    def selects(self, post: _Facts) -> bool:
        if self._all is not None and not self._all.met_by(post, all):
            return False
        if self._any is not None and not self._any.met_by(post, any):
            return False
        return self._none is None or not self._none.met_by(post, any)


class _Tests:
    """One condition as single questions, the cheap ones first."""

    def __init__(self, condition: Condition) -> None:
        lists = (condition.categories, condition.tags, condition.authors, condition.source)
        self._terms = [(place, Wildcards([one])) for place, given in enumerate(lists) for one in given]
        self._languages = condition.language
        self._words = [Words([word]) for word in condition.words]
        self.asks_language = bool(self._languages)

    def met_by(self, post: _Facts, how: Callable[[Iterable[bool]], bool]) -> bool:
        """Answer by `how`, which is `any` or `all` and stops as soon as it knows."""
        return how(self._answers(post))

    def _answers(self, post: _Facts) -> Iterable[bool]:
        for place, pattern in self._terms:
            yield any(term in pattern for term in post.terms[place])
        for language in self._languages:
            yield is_of(post.language, language)
        for word in self._words:
            yield word.any_in(post.text)


# Of HTML that nobody has sanitised yet. Each of these takes time linear in the length, whatever the HTML: what does not
# end reaches to the end of the text.
_UNSEEN = re.compile(r"<(script|style|template)\b.*?(?:</\1\s*+>|\Z)|<!--.*?(?:-->|\Z)", re.DOTALL | re.IGNORECASE)
_INLINE = re.compile(
    r"</?(?:a|abbr|b|bdi|bdo|cite|code|del|em|font|i|ins|kbd|mark|q|s|small|span|strong|sub|sup|u|wbr)(?=[\s/>])[^<>]*+>",
    re.IGNORECASE,
)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*+>")


def seen_text(html: str) -> str:
    """Return the text of a post's HTML that readers see, as one line: no scripts, styles, comments, tags."""
    text = _TAG.sub(" ", _INLINE.sub("", _UNSEEN.sub(" ", html)))
    return " ".join((unescape(text) if "&" in text else text).split())
