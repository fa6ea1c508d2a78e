"""What a post with Liquid may depend on beyond its own file: the configuration, the includes, the data files."""

from pathlib import Path

from feeds.sources.fields import text_of
from feeds.sources.jekyll.config import JekyllConfig
from feeds.sources.templates import Templates, read_templates


def find_templates(root: Path, config: JekyllConfig) -> Templates:
    """Look at the folders of includes and data files."""
    usual = {"includes_dir": "_includes", "data_dir": "_data"}
    folders = [text_of(config.values, key) or folder for key, folder in usual.items()]
    return read_templates(root, folders, seed=repr(config.values))
