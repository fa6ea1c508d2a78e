"""A Jekyll site for the folder source: where its posts are, and what each file is."""

import os
from collections.abc import Collection
from datetime import datetime
from hashlib import sha256
from typing import Literal

from feeds.model import Reading
from feeds.sources.jekyll_config import JekyllConfig
from feeds.sources.jekyll_paths import POST_EXTENSIONS
from feeds.sources.jekyll_reading import PostReader

# Grows when the same file would be read otherwise: then every file is read again, without telling anyone.
_VERSION = 1

_EXTENSIONS = tuple(POST_EXTENSIONS)


class JekyllFiles:
    """The files of one Jekyll site. `outside` are folders of ours that may lie in it and are no part of it."""

    def __init__(
        self,
        config: JekyllConfig,
        *,
        drafts: bool,
        naive_dates: Literal["utc", "site"],
        root: str,
        outside: Collection[str],
    ) -> None:
        self._reader = PostReader(config, show_drafts=drafts, naive_dates=naive_dates)
        self._fingerprint = sha256(repr((_VERSION, config, drafts, naive_dates)).encode()).hexdigest()
        self._outside = {os.path.relpath(folder, root) for folder in outside}
        self._plain_names = config.exclude == JekyllConfig().exclude
        self._collections_dir = config.collections_dir
        self._folders: dict[str, bool] = {}

    @property
    def fingerprint(self) -> str:
        """What every reading depends on."""
        return self._fingerprint

    def is_post_path(self, path: str) -> bool:
        """Tell whether Jekyll would consider a file."""
        if not self._plain_names:
            return self._reader.is_post_path(path)
        # Every file of a folder gets the same answer but for its name, and a folder may hold a million.
        folder, _, name = path.rpartition("/")
        holds_posts = self._folders.get(folder)
        if holds_posts is None:
            holds_posts = self._folders[folder] = self._reader.is_post_path(f"{folder}/a.md")
        return holds_posts and name[0] not in "._#~" and name.lower().endswith(_EXTENSIONS)

    def enters(self, path: str) -> bool:
        """Tell whether Jekyll would look for posts below a folder."""
        if path in self._outside:
            return False
        if self._collections_dir.startswith(f"{path}/"):
            return True
        return self._reader.is_post_path(f"{path}/a.md") or self._reader.is_post_path(f"{path}/_posts/a.md")

    def read(self, path: str, raw: bytes, modified: datetime, now: datetime) -> Reading:
        """Tell what a file is."""
        return self._reader.read(path, raw, modified, now)

    def body(self, path: str, raw: bytes) -> str:
        """Return a post's text without its front matter."""
        return self._reader.body(path, raw)
