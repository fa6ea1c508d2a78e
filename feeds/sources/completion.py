"""What a reader of single posts does not know: their set of feeds, selections, the language of their site."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from core.languages import closest
from core.log import log_event
from feeds.model import Draft
from feeds.selections import SourceSelections, seen_text

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """Completes the drafts of one source."""

    # By set of feeds, the language of posts that say none, where it is not the feeds' own.
    languages: Mapping[str, str] = field(default_factory=dict)
    # Language to the set of feeds that posts which say it stand in; the site's own language has the empty one.
    language_sets: Mapping[str, str] = field(default_factory=dict)
    selections: SourceSelections | None = None

    @property
    def fingerprint(self) -> tuple[str, ...]:
        """What the completion depends on beside the posts."""
        parts = [f"{name}={language}" for name, language in sorted(self.languages.items())]
        parts += [f"{language}:{feed_set}" for language, feed_set in sorted(self.language_sets.items())]
        if self.selections is not None and self.selections.fingerprint:
            parts.append(self.selections.fingerprint)
        return tuple(parts)

    def completed(self, draft: Draft, html_of: Callable[[], str]) -> Draft:
        """Return the draft with what it lacks; `html_of` makes its HTML, which is asked for where words are."""
        if draft.language is None and draft.feed_set in self.languages:
            draft = replace(draft, language=self.languages[draft.feed_set])
        if self.language_sets and draft.language and not draft.feed_set:
            draft = replace(draft, feed_set=self._set_of(draft.language))
        if self.selections is not None and (chosen := self.selections.keys(draft, lambda: _text(draft.path, html_of))):
            draft = replace(draft, selections=chosen)
        return draft

    def _set_of(self, language: str) -> str:
        return self.language_sets.get(closest(language, tuple(self.language_sets)), "")


def _text(path: str, html_of: Callable[[], str]) -> str:
    try:
        return seen_text(html_of())
    # The edge of the loop: a post whose text cannot be made is told of when it is rendered.
    except Exception:
        log_event(logger, "text-not-read", logging.WARNING, path=path)
        logger.debug("text-not-read", exc_info=True)
        return ""
