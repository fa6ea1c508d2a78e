"""A folder of Markdown, HTML and text files without a generator: every file is a post."""

from pathlib import Path

from feeds.sources.plain.files import Stated, opened
from feeds.sources.plain.patterns import compiled
from feeds.sources.plain.places import day_of_folders, split_name
from feeds.sources.plain.profile import PostFile, Profile
from feeds.sources.site import FieldNames, OpenSite, Overrides, ReadingOptions

_EXTENSIONS = frozenset({".md", ".markdown", ".html", ".htm", ".txt"})
# Files at the root that speak of the folder, not to its readers.
_ABOUT_THE_FOLDER = frozenset(
    {
        *("readme", "license", "licence", "copying", "copyright", "changelog", "changes", "history", "news", "notice"),
        *("contributing", "contributors", "authors", "code_of_conduct", "security", "support", "governance", "todo"),
        *("install", "maintainers", "agents", "claude", "index", "404", "robots", "humans", "ads", "llms", "llms-full"),
        *("requirements", "requirements-dev", "constraints", "cmakelists"),
    }
)


def recognise(root: Path) -> str | None:
    """Return why a folder is a plain folder of posts, or None: it holds a file that may be one, at most three deep."""
    waiting = [("", 0)]
    looked_at = 0
    while waiting and looked_at < 5000:
        folder, depth = waiting.pop(0)
        try:
            entries = sorted((root / folder).iterdir())
        except OSError:
            continue
        for entry in entries:
            looked_at += 1
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.is_dir() and not entry.is_symlink():
                if depth < 3 and entry.name[0] not in "._" and entry.name != "node_modules":
                    waiting.append((path, depth + 1))
            elif entry.suffix.lower() in (".md", ".markdown") and entry.name[0] not in "._" and _wanted(path):
                return f"it holds Markdown files such as {path}"
    return None


def open_site(root: Path, overrides: Overrides, options: ReadingOptions) -> OpenSite:
    """Open the folder. Raises ConfigurationError for an address, a time zone or a pattern that cannot be used."""
    stated = Stated(generator="plain folder", files=(), how_to_set_url="")
    return opened(lambda _zone: profile(drafts=options.drafts), stated, overrides, options, ())


def profile(*, drafts: bool = False) -> Profile:
    """Return how a plain folder keeps its posts."""
    return Profile(
        folders=("",),
        extensions=_EXTENSIONS,
        forms=frozenset({"yaml", "toml", "json", "known headers"}),
        fields=FieldNames(),
        address=compiled("/:path/"),
        wanted=_wanted,
        enters=lambda path: path.rpartition("/")[2][0] != "_" or (drafts and path.endswith("_drafts")),
        cut_terms=",，、;；",
        date_of_place=date_of_place,
        hidden=_hidden,
        empty_is_none=True,
    )


def date_of_place(file: PostFile) -> str | None:
    """Return the date in a file's name or folders."""
    place = file.place
    last = place.folder.rpartition("/")[2]
    named = split_name(place.name)
    if named.day is None and place.name.lower() == "index":
        named = split_name(last)
    if named.day is None:
        day = day_of_folders(place.folder, place.name)
        return None if day is None else _text(day)
    return _text(named.day)


def _text(day: tuple[int, int, int]) -> str:
    return f"{day[0]:04d}-{day[1]:02d}-{day[2]:02d}"


def _wanted(path: str) -> bool:
    if "/" in path:
        return True
    return path.partition(".")[0].lower().replace(" ", "_") not in _ABOUT_THE_FOLDER


def _hidden(file: PostFile) -> str | None:
    marked = file.path.rpartition("/")[2].startswith("_") or "/_drafts/" in f"/{file.path}"
    marked = marked or (file.text("status") or "").strip().lower() == "draft"
    return "draft" if marked else None
