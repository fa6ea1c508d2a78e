"""A Hugo site's configuration files, merged as Hugo merges them, with every key in lower case."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import ConfigurationError
from feeds.structured import read_json, read_toml
from feeds.yaml_text import Fault, Node, Scalar, read_yaml

EXTENSIONS = ("toml", "yaml", "yml", "json")  # in the order in which Hugo looks for them
_NAMES = ("hugo", "config")
_FOLDERS = ("config/_default", "config/production")
_SIZE_LIMIT = 1_000_000
_FILES_LIMIT = 500  # of a configuration folder
_DEPTH_LIMIT = 8  # of folders in it


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The merged settings, and which file said what at the top level."""

    values: Mapping[str, Node]
    files: tuple[str, ...]  # relative to the root: those that are there and those that could be
    origins: Mapping[str, str] = field(default_factory=dict)  # a top-level key to the file that has it


def find_settings(root: Path) -> str | None:
    """Return the file, relative to the root, that makes this folder a Hugo site's, or None."""
    for name in _NAMES:
        for extension in EXTENSIONS:
            file = f"{name}.{extension}"
            if (root / file).is_file():
                return file
    for folder in _FOLDERS:
        for file in _configuration_files(root, folder):
            if Path(file).stem in _NAMES:
                return file
    return None


def read_settings(root: Path) -> Settings:
    """Read the configuration of the site in `root`.

    Raises ConfigurationError with file, line and what to do where a file cannot be read.
    """
    values: dict[str, Node] = {}
    origins: dict[str, str] = {}
    could_be = [f"{name}.{extension}" for name in _NAMES for extension in EXTENSIONS]
    first = next((file for file in could_be if (root / file).is_file()), None)
    there = [] if first is None else [first]
    for folder in _FOLDERS:
        there += _configuration_files(root, folder)
        could_be += [f"{folder}/{name}.{extension}" for name in (*_NAMES, "params") for extension in EXTENSIONS]
    for file in there:
        found = _placed(file, _read_file(root, file))
        merge_into(values, found)
        origins |= dict.fromkeys(found, file)
    return Settings(values=values, files=tuple(dict.fromkeys([*there, *could_be])), origins=origins)


def merge_into(target: dict[str, Node], source: Mapping[str, Node]) -> None:
    """Let the keys of `source` override those of `target`; maps are merged."""
    for key, value in source.items():
        known = target.get(key)
        if isinstance(known, dict) and isinstance(value, dict):
            merged = dict(known)
            merge_into(merged, value)
            target[key] = merged
        else:
            target[key] = value


def lower_keys(node: Mapping[str, Node]) -> dict[str, Node]:
    """Return the map with the keys of all maps in lower case, as Hugo reads them. Nodes are at most 32 deep."""
    return {key.lower(): _lowered(value) for key, value in node.items()}


def _lowered(node: Node) -> Node:
    if isinstance(node, dict):
        return lower_keys(node)
    return [_lowered(item) for item in node] if isinstance(node, list) else node


def _configuration_files(root: Path, folder: str) -> list[str]:
    """The files of a configuration folder, in the order in which Hugo reads them: by name, deep first come."""
    return [] if not (root / folder).is_dir() else list(_below(root, folder, 0))[:_FILES_LIMIT]


def _below(root: Path, folder: str, depth: int) -> Iterator[str]:
    try:
        names = sorted(os.listdir(root / folder))
    except OSError:
        return
    for name in names:
        path = f"{folder}/{name}"
        if (root / path).is_dir():
            if depth < _DEPTH_LIMIT and not (root / path).is_symlink():
                yield from _below(root, path, depth + 1)
        elif name.rpartition(".")[2].lower() in EXTENSIONS and (root / path).is_file():
            yield path


def _placed(file: str, found: dict[str, Node]) -> dict[str, Node]:
    """Put what a file of a configuration folder says below the keys that its name stands for."""
    stem = Path(file).stem.lower()
    if "/" not in file or stem in _NAMES:
        return found
    name, dot, language = stem.rpartition(".")
    keys = ["languages", language, *(["params"] if name == "params" else [])] if dot else [stem]
    unwrapped = name if dot else stem
    inner: Node = found[unwrapped] if len(found) == 1 and unwrapped in found else found
    for key in reversed(keys):
        inner = {key: inner}
    return inner if isinstance(inner, dict) else {}


def _read_file(root: Path, file: str) -> dict[str, Node]:
    try:
        with (root / file).open("rb") as stream:
            raw = stream.read(_SIZE_LIMIT + 1)
        text = raw.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"{file}: cannot be read ({error}). Save it as UTF-8, readable for Feedbell."
        ) from error
    found = _parse(file, text)
    if isinstance(found, Fault):
        where = f", line {found.line}, column {found.column}" if found.line is not None else ""
        raise ConfigurationError(f"{file}{where}: {found.reason}. Mend that line; `hugo` needs it as well.")
    return lower_keys(found)


def _parse(file: str, text: str) -> dict[str, Node] | Fault:
    if file.lower().endswith(".toml"):
        return read_toml(text, size_limit=_SIZE_LIMIT)
    if file.lower().endswith(".json"):
        return read_json(text, size_limit=_SIZE_LIMIT)
    node = read_yaml(text, size_limit=_SIZE_LIMIT)
    if node is None or (isinstance(node, Scalar) and node.null):
        return {}
    if isinstance(node, (Scalar, list)):
        return Fault(reason="is no list of `key: value` lines", line=1, column=1)
    return node
