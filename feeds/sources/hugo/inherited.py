"""The feeds that Hugo makes of a site itself, to be served on at their places."""

from collections.abc import Mapping, Sequence

from feeds.inherited import InheritedFeeds
from feeds.model import Taxonomy
from feeds.sources.hugo.config import HugoLanguage
from feeds.sources.hugo.urls import normal
from feeds.sources.hugo.values import number_of, table_of, text_of, texts_of
from feeds.yaml_text import Node

_UNLIMITED = 50  # Hugo shows every post unless it is told a number; our feeds are pages of a size that readers load


def inherited_feeds(values: Mapping[str, Node], languages: Sequence[HugoLanguage]) -> InheritedFeeds | None:
    """Return what a site's settings, merged and in lower case, say of Hugo's own feeds; None if it makes none."""
    switched_off = {text.lower() for text in texts_of(values.get("disablekinds"))}
    outputs = table_of(values.get("outputs"))
    shown = {kind for kind in ("home", "term") if kind not in switched_off and _has_rss(outputs.get(kind))}
    if "rss" in switched_off or not shown:
        return None
    rss = table_of(table_of(values.get("outputformats")).get("rss"))
    file = f"{text_of(rss.get('basename')) or 'index'}.xml"
    by_set = {"" if language.is_default else language.key: language for language in languages}

    def path_of(feed_set: str, taxonomy: Taxonomy, term: str) -> str | None:
        language = by_set.get(feed_set)
        if language is None:
            return None
        folder = f"{language.folder}/" if language.folder else ""
        if taxonomy is Taxonomy.ALL:
            return f"{folder}{file}" if "home" in shown else None
        terms = {Taxonomy.CATEGORY: language.terms.category_folder, Taxonomy.TAG: language.terms.tag_folder}.get(
            taxonomy
        )
        if not terms or "term" not in shown:
            return None
        name = language.style.path(normal(f"{terms}/{term}") if language.style.lower else f"{terms}/{term}")
        return f"{folder}{name}/{file}"

    limit = number_of(table_of(table_of(values.get("services")).get("rss")).get("limit"), 0)
    told = (file, sorted(shown), [(key, each.folder, each.style, each.terms) for key, each in by_set.items()])
    return InheritedFeeds(
        format="rss", count=limit if limit > 0 else _UNLIMITED, path_of=path_of, fingerprint=repr(told)
    )


def _has_rss(node: Node | None) -> bool:
    return node is None or "rss" in {text.lower() for text in texts_of(node)}
