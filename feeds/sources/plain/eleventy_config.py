"""An Eleventy site's configuration, as far as it can be read without running it: folders, title, address."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.errors import ConfigurationError
from feeds.frontmatter import Fault, Node, read_fields
from feeds.model import Author
from feeds.sources.fields import line_of, read_author, text_of
from feeds.sources.plain.files import text_of_file
from feeds.sources.plain.markdown_it import Dialect
from feeds.sources.plain.pelican_config import joined
from feeds.sources.plain.scripts import text_of_key, without_comments
from feeds.structured import read_json

CONFIG_FILES = (
    *("eleventy.config.js", "eleventy.config.mjs", "eleventy.config.cjs", "eleventy.config.ts"),
    *(".eleventy.js", ".eleventy.cjs", ".eleventy.mjs"),
)
SITE_FILES = tuple(
    f"{name}{ending}"
    for name in ("metadata", "site", "meta", "config")
    for ending in (".json", ".js", ".mjs", ".cjs", ".yaml", ".yml")
)
_FOLDERS = ("src", "content", "site", "web")
_INPUT_IN_DIR = re.compile(r"\bdir\b[\"']?\s*:\s*\{[^{}]{0,1000}?\binput\b[\"']?\s*:\s*[\"'`]([^\"'`\n$]{1,200})[\"'`]")
_INPUT_SET = re.compile(r"\bsetInputDirectory\(\s*[\"'`]([^\"'`\n$]{1,200})[\"'`]")
_INPUT = re.compile(r"(?<![\w$.])input[\"']?\s*:\s*[\"'`]([^\"'`\n$]{1,200})[\"'`]")
_INPUT_OPTION = re.compile(r"eleventy\b[^\"\n]{0,300}?--input[= ]([^\s\"\\]{1,200})")
_VERSION = re.compile(r"\"@11ty/eleventy\"\s*:\s*\"[^\"\d]{0,5}(\d{1,3})\b")
_CODE = re.compile(r"\.\s*enable\(\s*\[?\s*[\"'`]code\b")
_NO_TEMPLATES = re.compile(r"\bmarkdownTemplateEngine[\"']?\s*:\s*false\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class EleventyConfig:
    """What the configuration says. The defaults are Eleventy's."""

    input: str = ""  # the folder below the root, without slashes around it; empty: the root itself
    output: str = "_site"
    includes: str = "_includes"
    layouts: str | None = None
    data_folder: str = "_data"
    templates: bool = True  # Markdown is run through a template language first
    dialect: Dialect = field(default_factory=Dialect)
    title: str | None = None
    description: str | None = None
    url: str = ""
    language: str | None = None
    author: Author | None = None
    files: tuple[str, ...] = ()

    def left_out(self) -> frozenset[str]:
        """The folders below the root that hold no posts."""
        inner = [self.includes, self.data_folder, *([self.layouts] if self.layouts else [])]
        return frozenset({joined(self.output), *(_below(self.input, folder) for folder in inner)} - {""})


def _below(folder: str, inner: str) -> str:
    """Return a folder named from another one, as `../_includes` is."""
    parts = folder.split("/") if folder else []
    for part in inner.replace("\\", "/").split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def config_file(root: Path) -> str | None:
    """Return the name of the configuration file that the folder has."""
    return next((name for name in CONFIG_FILES if (root / name).is_file()), None)


def read_eleventy_config(root: Path) -> EleventyConfig:
    """Read what can be read. Raises ConfigurationError for files that are not UTF-8."""
    name = config_file(root)
    script = without_comments(text_of_file(root, name) or "") if name is not None else ""
    folder = _input(root, script)
    found = EleventyConfig(
        input=folder,
        output=text_of_key(script, "output") or "_site",
        includes=text_of_key(script, "includes") or "_includes",
        layouts=text_of_key(script, "layouts"),
        data_folder=text_of_key(script, "data") or "_data",
        templates=_NO_TEMPLATES.search(script) is None,
        dialect=_dialect(script, text_of_file(root, "package.json") or ""),
    )
    return _with_site(root, found)


def _input(root: Path, script: str) -> str:
    for pattern in (_INPUT_IN_DIR, _INPUT_SET, _INPUT):
        match = pattern.search(script)
        if match is not None and (root / joined(match[1])).is_dir():
            return joined(match[1])
    option = _INPUT_OPTION.search(text_of_file(root, "package.json") or "")
    if option is not None and (root / joined(option[1])).is_dir():
        return joined(option[1])
    # It names a folder in a way that only running it would tell.
    if re.search(r"\binput\b\s*[:,]|setInputDirectory", script) is not None:
        return next((name for name in _FOLDERS if (root / name).is_dir()), "")
    return ""


def _dialect(script: str, package: str) -> Dialect:
    """Tell how markdown-it reads: by Eleventy's version, and by the plugins that the site names."""
    version = _VERSION.search(package)
    named = script + package
    return Dialect(
        indented_code=(version is not None and int(version[1]) < 2) or _CODE.search(script) is not None,
        attributes="markdown-it-attrs" in named,
        containers="markdown-it-container" in named,
        abbreviations="markdown-it-abbr" in named,
    )


def _with_site(root: Path, config: EleventyConfig) -> EleventyConfig:
    """Add what the global values say of the site: title, url, description, language, author."""
    folder = _below(config.input, config.data_folder)
    names = tuple(f"{folder}/{name}" for name in SITE_FILES)
    said = {key: value for values in _sites(root, names) for key, value in values.items()}
    author = said.get("author")
    return replace(
        config,
        title=line_of(said, "title") or line_of(said, "name"),
        description=line_of(said, "description"),
        url=_address(said),
        language=line_of(said, "language") or line_of(said, "lang"),
        author=read_author(author),
        files=(*CONFIG_FILES, "package.json", ".eleventyignore", ".gitignore", *names),
    )


def _address(said: dict[str, Node]) -> str:
    for key in ("url", "baseUrl", "base_url", "siteUrl", "siteURL", "domain", "host", "origin"):
        written = text_of(said, key) or ""
        if re.match(r"https?://[^\s/]", written):
            return written
    return ""


def _sites(root: Path, names: tuple[str, ...]) -> Iterator[dict[str, Node]]:
    """Yield what each file says, the least meant first."""
    for name in reversed(names):
        text = text_of_file(root, name)
        if text is None:
            continue
        if name.endswith(".json"):
            values = read_json(text, size_limit=1_000_000)
            if isinstance(values, Fault):
                where = f", line {values.line}" if values.line is not None else ""
                raise ConfigurationError(f"{name}{where}: {values.reason}. Mend that line; Eleventy needs it as well.")
            yield values
        elif name.endswith((".yaml", ".yml")):
            fields = read_fields(text)
            yield dict(fields.values) if not isinstance(fields, Fault) else {}
        else:
            yield _of_script(without_comments(text))


def _of_script(script: str) -> dict[str, Node]:
    from feeds.yaml_text import Scalar

    keys = ("title", "name", "description", "language", "lang", "url", "baseUrl", "siteUrl", "siteURL", "domain")
    outer, _, author = script.partition("author")
    found: dict[str, Node] = {}
    for key in keys:
        text = text_of_key(outer, key) or (text_of_key(script, key) if key != "name" else None)
        if text:
            found[key] = Scalar(text, False)
    named = re.match(r"[\"']?\s*:\s*[\"'`]([^\"'`\n]{1,200})[\"'`]", author)
    who = named[1] if named is not None else text_of_key(author[:500], "name")
    if who:
        found["author"] = Scalar(who, False)
    return found
