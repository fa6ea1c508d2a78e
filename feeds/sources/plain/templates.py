"""Nunjucks and Liquid in Eleventy's posts, which are not run: their tags go, the words between them stay."""

import re

from feeds.liquid import has_liquid, without_liquid
from feeds.model import Notice
from feeds.sources.plain.lone_tags import without_lone_lines
from feeds.sources.plain.profile import Resolved

_RAW = re.compile(r"\{%-?\s*(?:end)?raw\s*-?%\}")
_TAG = re.compile(r"\{%-?\s*(\w{1,40})|\{\{-?\s*([\w.]{1,40})")
_COMMENT = re.compile(r"\{#[^#]*(?:#(?!\})[^#]*)*#\}")


def without_templates(text: str, *, is_markdown: bool) -> Resolved:
    """Take the tags out, in code blocks as well: Eleventy runs those too. `raw` keeps what it holds."""
    if "{#" in text and "#}" in text:
        text = _COMMENT.sub(lambda found: "\n" * found[0].count("\n"), text)
    if not has_liquid(text):
        return Resolved(text)
    notices: tuple[Notice, ...] = ()
    first = _TAG.search(_RAW.sub("", text))
    if first is not None:
        place = text.find(first[0])
        reason = (
            f"{first[1] or first[2]} and its like are not run: their tags are taken out, the words between them stay"
        )
        notices = (Notice(code="template", reason=reason, line=text.count("\n", 0, max(place, 0)) + 1),)
    if not is_markdown:
        return Resolved(without_liquid(text, is_markdown=False), notices)
    return Resolved(without_lone_lines(text, lambda text: without_liquid(text, is_markdown=True)), notices)
