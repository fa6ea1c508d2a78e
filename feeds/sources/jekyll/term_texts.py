"""What a Jekyll site says of its categories and tags: data files and pages with `category:` or `tag:`."""

import os
from pathlib import Path

from feeds.frontmatter import Fault, Fields, Node, read_fields, split
from feeds.model import Taxonomy
from feeds.sources.fields import line_of, text_of
from feeds.sources.jekyll.config import JekyllConfig
from feeds.sources.term_texts import TermTexts, Texts, files_in, read_text, text_in, texts_of_listing
from feeds.structured import read_json
from feeds.yaml_text import read_yaml

# Jekyll has no rule for such pages; these are where themes and their guides put them.
_FOLDERS = {
    "category": Taxonomy.CATEGORY,
    "categories": Taxonomy.CATEGORY,
    "_categories": Taxonomy.CATEGORY,
    "tag": Taxonomy.TAG,
    "tags": Taxonomy.TAG,
    "_tags": Taxonomy.TAG,
    "_pages": None,
    "pages": None,
    "": None,
}
_ENDINGS = (".md", ".markdown", ".html")
_DATA = {
    "categories": Taxonomy.CATEGORY,
    "category": Taxonomy.CATEGORY,
    "tags": Taxonomy.TAG,
    "tag": Taxonomy.TAG,
}


def read_term_texts(root: Path, config: JekyllConfig) -> TermTexts:
    """Read them; a page comes before a data file, as it is what people see."""
    real = os.path.realpath(root)
    texts: Texts = {}
    data = _read_data(real, config, texts)
    pages = _read_pages(real, texts)
    return TermTexts(texts=texts, files=(*data, *pages))


def _read_data(root: str, config: JekyllConfig, texts: Texts) -> list[str]:
    folder = (text_of(config.values, "data_dir") or "_data").strip("/")
    asked = []
    for name, taxonomy in _DATA.items():
        for ending in ("yaml", "yml", "json"):
            path = f"{folder}/{name}.{ending}"
            asked.append(path)
            text = read_text(root, path)
            if text is not None:
                node = _json(text) if ending == "json" else read_yaml(text)
                texts.update({(taxonomy, term): found for term, found in texts_of_listing(node)})
    return asked


def _json(text: str) -> Node | None:
    # A list may stand at the top, where objects alone are read.
    read = read_json(f'{{"all": {text}}}')
    return None if isinstance(read, Fault) else read.get("all")


def _read_pages(root: str, texts: Texts) -> list[str]:
    asked: list[str] = []
    for folder, taxonomy in _FOLDERS.items():
        if folder:  # at the top anything comes and goes, our own folders too
            asked.append(folder)
        for path in files_in(root, folder, _ENDINGS):
            text = read_text(root, path)
            if text is not None and _read_page(path, text, taxonomy, texts):
                asked.append(path)
    return asked


def _read_page(path: str, text: str, of_folder: Taxonomy | None, texts: Texts) -> bool:
    """Note what a page says of its term; tell whether it is the page of one."""
    block = split(text).block
    fields = read_fields(block) if block is not None else None
    if not isinstance(fields, Fields):
        return False
    values = fields.values
    found = text_in(values, ("title",))
    layout = (line_of(values, "layout") or "").casefold()
    for taxonomy in (Taxonomy.CATEGORY, Taxonomy.TAG):
        term = line_of(values, taxonomy.value)
        if term is None and of_folder == taxonomy:
            # A page of its own below `category/` is named for its term.
            term = line_of(values, "slug") or os.path.basename(path).partition(".")[0]
        if term and found is not None and (of_folder == taxonomy or taxonomy.value in layout):
            texts[taxonomy, term] = found
            return True
    return False
