"""A Jekyll site for the folder source: where its posts are, and what each file is."""

import os
from collections.abc import Collection, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Literal

from feeds.model import Author, Body, Reading
from feeds.sources.jekyll.config import JekyllConfig
from feeds.sources.jekyll.reading import PostReader

# Grows when the same file would be read otherwise: then every file is read again, without telling anyone.
_VERSION = 4


class JekyllFiles:
    """The files of one Jekyll site.

    `outside` are folders of ours that may lie in it and are no part of it; `authors` are those that the site knows by
    name; `templates` tells whether something changed that Liquid may look at.
    """

    def __init__(
        self,
        config: JekyllConfig,
        *,
        drafts: bool,
        naive_dates: Literal["utc", "site"],
        root: str,
        outside: Collection[str],
        authors: Mapping[str, Author] | None = None,
        templates: str = "",
    ) -> None:
        self._reader = PostReader(
            config, show_drafts=drafts, naive_dates=naive_dates, root=root, authors=authors, templates=templates
        )
        self._fingerprint = sha256(
            repr((_VERSION, config, drafts, naive_dates, authors, templates)).encode()
        ).hexdigest()
        self._outside = {os.path.relpath(folder, root) for folder in outside}

    @property
    def fingerprint(self) -> str:
        """What every reading depends on."""
        return self._fingerprint

    def is_post_path(self, path: str) -> bool:
        """Tell whether Jekyll would consider a file."""
        return self._reader.is_post_path(path)

    def enters(self, path: str) -> bool:
        """Tell whether Jekyll would look for posts below a folder."""
        return path not in self._outside and self._reader.enters(path)

    def read(self, path: str, raw: bytes, modified: datetime, now: datetime) -> Reading:
        """Tell what a file is."""
        return self._reader.read(path, raw, modified, now)

    def body(self, path: str, raw: bytes) -> Body:
        """Return a post's text as Jekyll makes it."""
        return self._reader.body(path, raw)
