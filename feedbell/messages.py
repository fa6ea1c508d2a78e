"""What channels that write for people say of an event."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from notifier.model import Item


def read_item(body: Mapping[str, Any]) -> Item:
    """Return what to say of an event, given its body as webhooks get it."""
    kind = body["type"].rpartition(".")[2]
    if "endpoint" in body["data"]:
        endpoint = body["data"]["endpoint"]
        return Item(
            kind=kind,
            title=f"{endpoint['name']} gets nothing more",
            url="",
            summary=endpoint["reason"],
            published=datetime.fromisoformat(body["timestamp"]),
            id=endpoint["name"],
        )
    post = body["data"]["post"]
    return Item(
        kind=kind,
        title=post["title"],
        url=post["url"],
        summary=post["summary"],
        published=datetime.fromisoformat(post["published"]),
        authors=tuple(author["name"] for author in post["authors"]),
        categories=tuple(term["label"] for term in post["categories"]),
        tags=tuple(term["label"] for term in post["tags"]),
        image=post.get("image"),
        source=post["source"],
        language=post.get("language"),
        id=post["id"],
    )
