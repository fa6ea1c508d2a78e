"""What a Hugo site says of its categories and tags: the `_index` pages of its terms."""

import os
from collections.abc import Mapping

from feeds.model import Taxonomy
from feeds.sources.hugo.front import FrontMatterError, read_front
from feeds.sources.term_texts import TermTexts, Texts, read_text, text_in

_NAMES = ("_index.md", "_index.markdown", "_index.html")
_TERMS_LIMIT = 2_000


def read_term_texts(root: str, content: str, folders: Mapping[Taxonomy, str]) -> TermTexts:
    """Read `content/FOLDER/TERM/_index.md` of each taxonomy's folder."""
    real = os.path.realpath(root)
    texts: Texts = {}
    asked: list[str] = []
    for taxonomy, folder in folders.items():
        below = f"{content}/{folder}"
        asked.append(below)
        try:
            terms = sorted(os.listdir(os.path.join(real, below)))[:_TERMS_LIMIT]
        except OSError:
            continue
        for term in terms:
            _read_term(real, f"{below}/{term}", (taxonomy, term), texts, asked)
    return TermTexts(texts=texts, files=tuple(asked))


def _read_term(root: str, folder: str, key: tuple[Taxonomy, str], texts: Texts, asked: list[str]) -> None:
    for name in _NAMES:
        text = read_text(root, f"{folder}/{name}")
        if text is None:
            continue
        asked.append(f"{folder}/{name}")
        try:
            found = text_in(read_front(text).values, ("title",))
        except FrontMatterError:
            continue
        if found is not None:
            texts[key] = found
        return
