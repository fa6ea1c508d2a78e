"""A feed's page for people: how to subscribe, and its latest entries. Browsers show XML feeds no more."""

from collections.abc import Mapping, Sequence
from html import escape

from core.text import one_line, xml_legal
from feeds.model import Entry, FeedHead
from feeds.render.fragments import language_tag, named
from feeds.render.words import FORMATS, other_language, words_for

_SHOWN = 30  # entries

# Only an enhancement: the addresses are there to select without it.
_SCRIPT = """<script>
for (const button of document.querySelectorAll("button[data-of]")) {
  const said = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.of);
    field.select();
    try { await navigator.clipboard.writeText(field.value); } catch { document.execCommand("copy"); }
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = said; }, 2000);
  });
}
</script>
"""


class FeedPageRenderer:
    """Writes the page; its articles show the summary alone."""

    format = "html"
    media_type = "text/html"
    extension = "html"

    def entry(self, entry: Entry) -> bytes:
        """Write one article."""
        tag = language_tag(entry.language)
        lang = f' lang="{tag}"' if tag else ""
        iso = entry.published.isoformat(timespec="minutes")
        authors = "".join(f" · <bdi>{_text(author.name)}</bdi>" for author in named(entry.authors))
        summary = _text(entry.rendering.summary)
        url = _exact(entry.url)
        return (
            f'<article{lang}><h3 dir="auto"><a href="{url}">{_text(entry.title) or url}</a></h3>'
            f'<p class="meta"><time datetime="{iso}">{iso[:10]} {iso[11:16]}</time>{authors}</p>'
            + (f'<p dir="auto">{summary}</p>' if summary else "")
            + "</article>\n"
        ).encode()

    def document(self, head: FeedHead, entries: Sequence[bytes]) -> list[bytes]:
        """Write the page with the newest of the entries."""
        language, words = words_for(head.language)
        title = _text(head.title) or _exact(head.home_url)
        of_site = other_language(head.language, language)
        start = "".join([_head(head, title, language), _ways(head, title, words, of_site)])
        shown = list(entries[:_SHOWN]) or [f'<p class="nothing">{words["none_yet"]}</p>\n'.encode()]
        return [start.encode(), *shown, _foot(head, words).encode()]


def _head(head: FeedHead, title: str, language: str) -> str:
    links = "".join(
        f'<link rel="alternate" type="{media_type}" title="{title} ({name})" href="{_exact(head.ways[format_])}">\n'
        for format_, name, media_type in FORMATS
    )
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f'<title>{title}</title>\n{links}<link rel="stylesheet" href="{_exact(head.ways["style"])}">\n</head>\n<body>\n'
    )


def _ways(head: FeedHead, title: str, words: Mapping[str, str], of_site: str) -> str:
    rows = "".join(_way(head, format_, name, words) for format_, name, _ in FORMATS)
    description = _text(head.description)
    said = f'<p dir="auto"{of_site}>{description}</p>' if description and description != title else ""
    return (
        f'<a class="skip" href="#main">{words["skip"]}</a>\n<div class="page narrow">\n'
        f'<a class="back" href="{_exact(head.ways["index"])}">← {words["all_feeds"]}</a>\n'
        f'<header><div><h1 dir="auto"{of_site}>{title}</h1>{said}</div></header>\n<main id="main">\n'
        f'<section class="all"><div><h2>{words["subscribe"]}</h2><p>{words["subscribe_hint"]}</p>'
        f'<ul class="ways">{rows}</ul></div></section>\n<section><h2>{words["newest"]}</h2>\n<div{of_site}>\n'
    )


def _way(head: FeedHead, format_: str, name: str, words: Mapping[str, str]) -> str:
    address, way = _exact(head.self_urls[format_]), _exact(head.ways[format_])
    return (
        f'<li><a class="chip {format_}" href="{way}" aria-label="{words["open"]}: {name}">{name}</a>'
        f'<input readonly id="{format_}" value="{address}" aria-label="{words["address"].format(name)}">'
        f'<button type="button" hidden data-of="{format_}" data-done="{words["copied"]}">{words["copy"]}</button>'
        "</li>\n"
    )


def _foot(head: FeedHead, words: Mapping[str, str]) -> str:
    home = f'<a href="{_exact(head.home_url)}">{words["visit"]}</a>'
    footer = f"<footer>{home}<span>{words['made']}</span></footer>"
    return f"</div>\n</section>\n</main>\n{footer}\n</div>\n{_SCRIPT}</body>\n</html>\n"


def _text(value: str) -> str:
    return escape(one_line(value, limit=len(value) + 1))


def _exact(value: str) -> str:
    return escape(xml_legal(value))
