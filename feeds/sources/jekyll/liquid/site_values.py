"""The variable `site`: what `_config.yml` says, what Jekyll adds to it, and the site's posts, when asked for."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from feeds.sources.jekyll.liquid.files import SiteFiles, ValuesFolder, template_files
from feeds.sources.jekyll.liquid.model import LiquidSite
from feeds.sources.jekyll.liquid.psych import ruby_value

# What Jekyll 4.3 says where `_config.yml` does not (configuration.rb), as far as a post can have a use for it.
_DEFAULTS: Mapping[str, object] = {
    "collections_dir": "",
    "plugins_dir": "_plugins",
    "layouts_dir": "_layouts",
    "data_dir": "_data",
    "includes_dir": "_includes",
    "safe": False,
    "include": [".htaccess"],
    "keep_files": [".git", ".svn"],
    "encoding": "utf-8",
    "markdown_ext": "markdown,mkdown,mkdn,mkd,md",
    "strict_front_matter": False,
    "limit_posts": 0,
    "future": False,
    "unpublished": False,
    "markdown": "kramdown",
    "highlighter": "rouge",
    "lsi": False,
    "excerpt_separator": "\n\n",
    "incremental": False,
    "permalink": "date",
    "paginate_path": "/page:num",
}


def config_values(site: LiquidSite) -> dict[str, object]:
    """Return the configuration as Liquid sees it: made once."""
    own = {key: ruby_value(node, site.zone) for key, node in site.config.items()}
    return {**_DEFAULTS, **own, "url": site.url or own.get("url"), "baseurl": own.get("baseurl")}


def folder_of(values: Mapping[str, object], key: str) -> str:
    """Return a folder that the configuration names, relative to the site."""
    named = values.get(key)
    chosen = named.strip("/") if isinstance(named, str) else ""
    return chosen or str(_DEFAULTS[key])


class SiteValues(Mapping[str, object]):
    """The variable `site` of one rendering. `site.time` is the post's own date: a feed must not change by itself."""

    def __init__(self, site: LiquidSite, values: Mapping[str, object], files: SiteFiles, now: datetime) -> None:
        self._site = site
        self._values = values
        self._files = files
        self._made: dict[str, object] = {}
        self._makers: Mapping[str, Callable[[], object]] = {
            "time": lambda: now.astimezone(site.zone),
            "data": self._data,
            "posts": self._posts,
            "related_posts": lambda: self._posts()[:10],
            "documents": self._posts,
            "categories": lambda: self._by("categories"),
            "tags": lambda: self._by("tags"),
            **dict.fromkeys(("pages", "html_pages", "static_files", "html_files", "collections"), list),
        }

    def __getitem__(self, key: str) -> object:
        if key not in self._made:
            self._made[key] = self._makers[key]() if key in self._makers else self._values[key]
        return self._made[key]

    def __contains__(self, key: object) -> bool:
        return key in self._makers or key in self._values

    def __iter__(self) -> Iterator[str]:
        return iter({**self._values, **self._makers})

    def __len__(self) -> int:
        return len({**self._values, **self._makers})

    def _data(self) -> Mapping[str, object]:
        folder = folder_of(self._values, "data_dir")
        return ValuesFolder(self._files, tuple(template_files(self._site.root, (folder,))), f"{folder}/")

    def _posts(self) -> Sequence[object]:
        if "posts" not in self._made:
            self._made["posts"] = list(self._site.lookup.posts()[: self._site.limits.items])
        posts = self._made["posts"]
        return posts if isinstance(posts, list) else []

    def _by(self, key: str) -> Mapping[str, object]:
        found: dict[str, list[object]] = {}
        for post in self._posts():
            terms = post.get(key) if isinstance(post, Mapping) else None
            for term in terms if isinstance(terms, (list, tuple)) else ():
                if isinstance(term, str):
                    found.setdefault(term, []).append(post)
        return dict(found)
