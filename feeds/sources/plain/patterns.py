"""Addresses by the owner's own pattern, such as `/:year/:slug/`.

| token | is |
|---|---|
| `:path` | folders and name, without ending; of `trip/index.md`, `trip` |
| `:folder` | the folders |
| `:name` | the name without its date and ending |
| `:slug` | `slug` of the front matter, else the title in small letters, digits and `-`, else the name |
| `:year`, `:month`, `:day` | of the date, in the site's zone; a post that has none is quarantined |
| `:categories` | each as a slug, with `/` between them |
| `:ext` | the ending, without its dot |
"""

import re
from collections.abc import Callable

from core.errors import ConfigurationError
from feeds.sources.fields import UnreadableError
from feeds.sources.plain.addresses import encoded_name
from feeds.sources.plain.lookup import find, texts
from feeds.sources.plain.places import split_name
from feeds.sources.plain.profile import PostFile
from feeds.sources.plain.slugs import plain_slug

_TOKEN = re.compile(r":([a-z_]+)")


def compiled(pattern: str) -> Callable[[PostFile], str]:
    """Return what makes addresses by the pattern. Raises ConfigurationError for a token that there is not."""
    pieces = _TOKEN.split(pattern)
    for token in pieces[1::2]:
        if token not in _TOKENS:
            known = ", ".join(f":{name}" for name in _TOKENS)
            raise ConfigurationError(f"url_pattern: :{token} is no token. Known are {known}.")
    if not pieces[1::2]:
        raise ConfigurationError("url_pattern: has no token, so every post would have one address. Write /:path/")

    def address(file: PostFile) -> str:
        parts = list(pieces)
        parts[1::2] = [_TOKENS[token](file) for token in pieces[1::2]]
        return encoded_name("".join(parts))

    return address


def without_index(file: PostFile) -> str:
    """Return folders and name; a file called index stands for its folder."""
    place = file.place
    return place.folder if place.name.lower() == "index" and place.folder else place.stem


def _folder(file: PostFile) -> str:
    return without_index(file).rpartition("/")[0]


def _name(file: PostFile) -> str:
    return split_name(without_index(file).rpartition("/")[2]).rest


def _slug(file: PostFile) -> str:
    written = file.text("slug")
    return (plain_slug(written) if written else "") or plain_slug(file.title) or _name(file)


def _categories(file: PostFile) -> str:
    found = find(file.values, file.names.categories)
    terms = texts(found[1], "") if found is not None else []
    return "/".join(filter(None, map(plain_slug, terms)))


def _date(form: str) -> Callable[[PostFile], str]:
    def part(file: PostFile) -> str:
        if file.local is None:
            raise UnreadableError("no-date", "its address needs a date and nothing says one; write date: 2021-12-08")
        local = file.local
        return form.format(year=local.year, month=local.month, day=local.day)

    return part


_TOKENS: dict[str, Callable[[PostFile], str]] = {
    "path": without_index,
    "folder": _folder,
    "name": _name,
    "slug": _slug,
    "year": _date("{year:04d}"),
    "month": _date("{month:02d}"),
    "day": _date("{day:02d}"),
    "categories": _categories,
    "ext": lambda file: file.place.extension[1:],
}
