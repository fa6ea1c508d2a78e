"""Which files and folders Jekyll passes over: special names, `exclude` and `include` (entry_filter.rb)."""

import re
from collections.abc import Sequence
from fnmatch import translate

from feeds.sources.jekyll.config import JekyllConfig

_SPECIAL = (".", "_", "#", "~")
_GLOB = re.compile(r"[*?\[\\]")


class EntryFilter:
    """The filter of one site. Paths are relative to its root and use `/`."""

    def __init__(self, config: JekyllConfig) -> None:
        self._included = _Patterns(config.include)
        self._excluded = _Patterns([pattern for pattern in config.exclude if pattern not in config.include])

    def passes_folder(self, path: str, name: str) -> bool:
        """Whether Jekyll looks into the folder `name` at `path`."""
        if name.endswith("."):
            return False
        if self._included.match(name, is_folder=True):
            return True
        return not (self._excluded.match(path, is_folder=True) or name.startswith(_SPECIAL) or name.endswith("~"))

    def passes_file(self, path: str, entry: str) -> bool:
        """Whether Jekyll looks at the file at `path`, which is `entry` below the folder of its collection.

        As in Jekyll only the first folder of the entry and its name are looked at; what `exclude` names is looked for
        in the whole path.
        """
        name = entry.rpartition("/")[2]
        if name.endswith("."):
            return False
        if self._included.match(entry) or self._included.match(name):
            return True
        return not (
            self._excluded.match(path) or entry.startswith(_SPECIAL) or name.startswith(_SPECIAL) or name.endswith("~")
        )

    def minds_names_in(self, folder: str) -> bool:
        """Whether the answer may differ between files of a folder, but for special names."""
        return self._excluded.may_name_in(folder) or self._included.may_name_anywhere


class _Patterns:
    """Ruby's File.fnmatch without flags, where `*` matches `/` as well, or the beginning of a path."""

    def __init__(self, patterns: Sequence[str]) -> None:
        written = [pattern.lstrip("/") for pattern in patterns if pattern.strip("/")]
        globs = [pattern for pattern in written if _GLOB.search(pattern)]
        self._starts = tuple(written)
        self._glob = re.compile("|".join(translate(_as_python(glob)) for glob in globs)) if globs else None
        self.may_name_anywhere = any(pattern != ".htaccess" for pattern in written)

    def match(self, path: str, *, is_folder: bool = False) -> bool:
        if path.startswith(self._starts) or (is_folder and f"{path}/" in self._starts):
            return True
        return self._glob is not None and self._glob.match(path) is not None

    def may_name_in(self, folder: str) -> bool:
        return self._glob is not None or any(start.startswith(f"{folder}/") for start in self._starts)


def _as_python(pattern: str) -> str:
    """Write a pattern of Ruby's as one of Python's: `[^x]` for not, a backslash before what is meant literally."""
    pattern = pattern.replace("[^", "[!")
    return re.sub(r"\\(.)", lambda match: f"[{match[1]}]" if match[1] in "*?[" else match[1], pattern)
