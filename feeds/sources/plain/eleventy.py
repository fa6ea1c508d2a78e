"""An Eleventy site: which of its files are posts, what lies under their front matter, and their addresses."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from feeds.frontmatter import Node, Scalar
from feeds.markup.commonmark import CommonMark
from feeds.sources.fields import BOM, is_false, is_true, language_tag
from feeds.sources.inside import read_inside
from feeds.sources.plain.addresses import encoded, encoded_name
from feeds.sources.plain.content import MARKDOWN
from feeds.sources.plain.eleventy_config import EleventyConfig, config_file, read_eleventy_config
from feeds.sources.plain.eleventy_layers import Layers, merged, read_layers
from feeds.sources.plain.eleventy_permalinks import resolved_permalink
from feeds.sources.plain.files import Stated, opened, text_of_file
from feeds.sources.plain.ignores import Ignored
from feeds.sources.plain.lookup import texts
from feeds.sources.plain.profile import PostFile, Profile, Resolved
from feeds.sources.plain.templates import without_templates
from feeds.sources.site import FieldNames, OpenSite, Overrides, ReadingOptions

Choice = Literal["tag", "folder", "date"]

_FIELDS = FieldNames(
    title=("title",),
    date=("date",),
    updated=("updated", "modified", "lastmod", "dateModified", "updatedDate"),
    categories=("categories", "category"),
    tags=("tags",),
    author=("author", "authors"),
    summary=("description", "summary", "excerpt"),
    image=("image", "cover", "hero", "ogImage", "thumbnail", "socialImage"),
    url=(),
)
_POST_TAGS = frozenset({"post", "posts"})
_COLLECTIONS = _POST_TAGS | {"all", "nav"}
_POST_FOLDERS = frozenset({"posts", "_posts", "post", "blog", "news"})
_DRAFTS = frozenset({"drafts", "_drafts"})
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TAGGED = re.compile(
    rb"^tags:[ \t]*(?:\[[^\]\n]*)?[\"']?posts?\b|^[ \t]*-[ \t]*[\"']?posts?[\"']?[ \t\r]*$", re.MULTILINE
)
_LOOKED_AT = 300  # files that are asked for their tags when the site is opened


def recognise(root: Path) -> str | None:
    """Return why a folder is an Eleventy site, or None."""
    name = config_file(root)
    if name is not None:
        return f"{name} says so"
    package = read_inside(str(root.resolve()), "package.json", 1_000_000) or b""
    return "package.json names @11ty/eleventy" if b'"@11ty/eleventy"' in package else None


def open_site(root: Path, overrides: Overrides, options: ReadingOptions) -> OpenSite:
    """Open an Eleventy site. Raises ConfigurationError with file, line and what to do."""
    config = read_eleventy_config(root)
    layers = read_layers(root, config.input, config.left_out())
    names = dict.fromkeys([".eleventyignore", ".gitignore"])
    ignored = [text_of_file(root, name) or "" for name in names]
    choice = choose(root, config, layers)
    ways = _Ways(config, layers, Ignored(ignored), choice)
    stated = Stated(
        generator="Eleventy",
        files=(*config.files, *layers.files),
        how_to_set_url='Write `"url": "https://example.org"` into _data/metadata.json',
        title=config.title,
        description=config.description,
        url=config.url,
        language=language_tag(config.language),
        author=config.author,
        content=repr((config.templates, config.dialect)),
    )
    return opened(lambda _zone: profile(ways), stated, overrides, options, (config, layers, ignored, choice))


def choose(root: Path, config: EleventyConfig, layers: Layers) -> Choice:
    """Tell how the site marks its posts: by the tag post or posts, else by a folder, else by their date."""
    real = str(root.resolve())
    looked_at = tagged = in_folder = 0
    for folder in layers.folders:
        if _POST_TAGS & _tags(layers.under(f"{folder}/a.md" if folder else "a.md")):
            return "tag"
        for path in sorted((root / folder).iterdir()):
            if path.suffix not in (".md", ".html") or not path.is_file():
                continue
            in_folder += _in_post_folder(f"{folder}/a", config)
            looked_at += 1
            if looked_at <= _LOOKED_AT:
                tagged += _says_post(read_inside(real, str(path.relative_to(root)), 5_000_000) or b"")
    if tagged and tagged * 2 >= min(in_folder, _LOOKED_AT):
        return "tag"
    return "folder" if in_folder else "date"


def _says_post(raw: bytes) -> bool:
    head = raw[:4000].removeprefix(BOM)
    return head.startswith(b"---") and _TAGGED.search(head, 0, max(head.find(b"\n---", 3), 0)) is not None


def _in_post_folder(path: str, config: EleventyConfig) -> bool:
    inner = path.removeprefix(f"{config.input}/") if config.input else path
    return not _POST_FOLDERS.isdisjoint(inner.split("/")[:-1])


def _tags(values: Mapping[str, Node]) -> set[str]:
    return set(texts(values.get("tags"), ""))


def profile(ways: "_Ways") -> Profile:
    """Return how an Eleventy site keeps its posts."""
    to_html = CommonMark()
    dialect = ways.config.dialect
    return Profile(
        folders=(ways.config.input,),
        extensions=frozenset({".md", ".markdown", ".html"}),
        forms=frozenset({"yaml", "json", "toml"}),
        fields=_FIELDS,
        address=ways.address,
        wanted=ways.wanted,
        enters=ways.enters,
        layered=ways.layered,
        date_of_place=_date_of_path,
        hidden=ways.hidden,
        is_page=ways.is_page,
        resolved=ways.resolved,
        markdown=lambda text: to_html(dialect.as_commonmark(text)),
    )


def _date_of_path(file: PostFile) -> str | None:
    """The first date in the path, as Eleventy has it."""
    found = _DATE.search(file.path)
    return found[0] if found is not None else None


def _hidden(file: PostFile) -> str | None:
    permalink = file.values.get("permalink")
    if isinstance(permalink, dict):
        permalink = permalink.get("build")
    if isinstance(permalink, Scalar) and permalink.plain and is_false(permalink) and not permalink.null:
        return "unpublished"
    return "unpublished" if is_true(file.values.get("eleventyExcludeFromCollections")) else None


class _Ways:
    """What the configuration makes of a file."""

    def __init__(self, config: EleventyConfig, layers: Layers, ignored: Ignored, choice: Choice) -> None:
        self.config = config
        self._layers = layers
        self._ignored = ignored
        self._choice = choice
        self._left_out = config.left_out()

    def wanted(self, path: str) -> bool:
        """Whether Eleventy would look at a file."""
        at_root = "/" not in path and path.partition(".")[0].lower() in ("readme", "license", "changelog")
        return not at_root and not self._ignored.file(path)

    def enters(self, path: str) -> bool:
        """Whether Eleventy would look below a folder."""
        return path not in self._left_out and not self._ignored.folder(path)

    def layered(self, file: PostFile) -> Mapping[str, Node]:
        """Lay the front matter on the data files; tags that name collections are no tags."""
        return merged(self._layers.under(file.path), file.matter.values)

    def hidden(self, file: PostFile) -> str | None:
        """Why it is not published. Where we guess what posts are, a folder of drafts holds none."""
        guessed = self._choice != "tag" and not _DRAFTS.isdisjoint(file.path.lower().split("/")[:-1])
        return "draft" if guessed else _hidden(file)

    def is_page(self, file: PostFile) -> bool:
        """Whether it is no post: by tag, by folder, by date, in the site's own way."""
        values = file.values
        tags = _tags(values)
        in_folder = _in_post_folder(file.path, self.config)
        is_post = bool(tags & _POST_TAGS)
        if self._choice != "tag":
            # The page that lists a folder's posts lies in it as well.
            lists = file.place.name == "index" and file.place.folder.rpartition("/")[2] in _POST_FOLDERS
            lists = lists or file.place.name == file.place.folder.rpartition("/")[2] in _POST_FOLDERS
            is_post = is_post or (in_folder and not lists)
        if self._choice == "date":
            is_post = is_post or file.local is not None
        if "tags" in values:
            file.values = {
                **values,
                "tags": [Scalar(tag, False) for tag in texts(values["tags"], "") if tag not in _COLLECTIONS],
            }
        return not is_post or "pagination" in values

    def address(self, file: PostFile) -> str:
        """The path: what `permalink` says, else folders and name."""
        node = file.values.get("permalink")
        if isinstance(node, dict):
            node = node.get("build")
        if isinstance(node, Scalar) and not node.null and node.text.strip():
            path = resolved_permalink(node.text, file)
            if path is not None:
                return _href(encoded(path))
            reason = (
                f"its permalink {node.text[:200]} cannot be read without running it, so its address is by its path; "
                "say how addresses look with url_pattern in feedbell.toml, such as /:year/:month/:name/"
            )
            file.note("permalink", reason, "permalink")
        place = file.place
        last = place.folder.rpartition("/")[2]
        stem = place.folder if place.name in ("index", last) else place.stem
        return encoded_name(f"{stem}/")

    def resolved(self, text: str, file: PostFile) -> Resolved:
        """Take the template's tags out."""
        is_markdown = file.place.extension in MARKDOWN
        override = file.text("templateEngineOverride")
        if (is_markdown and not self.config.templates) or override in ("md", "html", "false"):
            return Resolved(text)
        return without_templates(text, is_markdown=is_markdown)


def _href(path: str) -> str:
    """Return the address of the file at a path: `/index.html` is not written."""
    for ending in ("/index.html", "/index"):
        if path.endswith(ending):
            return path.removesuffix(ending) + "/"
    return path
