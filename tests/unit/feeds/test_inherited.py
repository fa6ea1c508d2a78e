"""Where a site's former feeds may stand."""

import pytest

from feeds.inherited import safe_path


@pytest.mark.parametrize(
    ("path", "safe"),
    [
        ("/feed.xml", "feed.xml"),
        ("feed/by_tag/news.xml", "feed/by_tag/news.xml"),
        ("/feed/Wirtschaft und Geld.xml", "feed/Wirtschaft und Geld.xml"),
        ("/新闻/feed.xml", "新闻/feed.xml"),
        ("/../secret.xml", None),
        ("/a/../../secret.xml", None),
        ("//host/feed.xml", None),
        ("/.well-known/feed.xml", None),
        ("/feeds/all.atom", None),  # ours
        ("/FEEDS/all.atom", None),  # ours, on a disk that ignores case
        ("/de/feeds/all.atom", None),  # ours, of another set
        ("/feeds/posts.xml", "feeds/posts.xml"),  # ours all end otherwise
        ("/feeds/by_tag/news.xml", "feeds/by_tag/news.xml"),
        ("/feeds/opml.xml", None),
        ("/feeds/index.html", None),
        ("/feeds/all.atom/x.xml", None),
        ("/a\\b.xml", None),
        ("/a\nb.xml", None),
        ("/a\x00b.xml", None),
        ("/" + "中" * 70 + ".xml", None),
        ("/folder/", None),
        ("", None),
    ],
)
def test_it_stays_in_the_output_folder_and_off_our_files(path: str, safe: str | None) -> None:
    assert safe_path(path) == safe
