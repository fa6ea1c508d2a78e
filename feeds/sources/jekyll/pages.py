"""What Liquid sees of a post, and the address of a file that is no post."""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo

from feeds.frontmatter import Fault, read_fields, split
from feeds.sources.fields import BOM, text_of
from feeds.sources.jekyll.config import JekyllConfig
from feeds.sources.jekyll.liquid.psych import page_values
from feeds.sources.jekyll.post_file import PostFile
from feeds.sources.jekyll.urls import Location, escape_path


def post_page(
    file: PostFile,
    *,
    path: str,
    location: Location | None,
    title: str,
    date: datetime,
    categories: Sequence[str],
    tags: Sequence[str],
    zone: tzinfo,
) -> Mapping[str, object]:
    """Return the variable `page` of a post; `path` is the one below the folder of the collections."""
    parts = file.parts
    page = page_values(file.values, zone)
    if page.get("title") is None:
        page["title"] = title
    page["slug"] = page.get("slug") or parts.slug
    page.setdefault("draft", parts.draft)
    page.setdefault("ext", parts.extension)
    return {
        **page,
        "url": location.path if location else None,
        "id": location.id_path if location else None,
        "date": date.astimezone(zone),
        "categories": list(categories),
        "tags": list(tags),
        "path": path,
        "relative_path": path,
        "name": path.rpartition("/")[2],
        "collection": parts.label or "posts",
    }


def file_url(path: str, raw: bytes, config: JekyllConfig) -> str:
    """Return the URL, without baseurl, of a page or of a file that Jekyll copies."""
    front = split(raw.removeprefix(BOM).decode("utf-8", "replace"))
    if front.block is None:
        return f"/{path}"
    fields = read_fields(front.block)
    permalink = None if isinstance(fields, Fault) else text_of(fields.values, "permalink")
    folder, slash, name = path.rpartition("/")
    stem, dot, extension = name.rpartition(".")
    ending = ".html" if f".{extension.lower()}" in config.markdown_ext else f".{extension}"
    if permalink is not None:
        filled = permalink.replace(":path", folder).replace(":basename", stem).replace(":output_ext", ending)
        return f"/{filled.lstrip('/')}"
    if not dot or ending not in (".html", ".htm"):
        return escape_path(f"/{folder}{slash}{stem}{ending if dot else extension}")
    if stem == "index":
        return escape_path(f"/{folder}{slash}")
    pretty = config.permalink == "pretty" or config.permalink.endswith("/")
    usual = config.permalink in ("date", "ordinal", "none") or config.permalink.endswith(":output_ext")
    return escape_path(f"/{folder}{slash}{stem}{'/' if pretty else ending if usual else ''}")
