"""The seam to who cleans the texts of posts."""

from typing import Protocol

from feeds.model import Body, Rendering


class RendersBody(Protocol):
    """Makes what readers get of a text."""

    def render_body(
        self, body: Body, *, base_url: str, image: str | None, summary: str | None, title: str = ""
    ) -> Rendering: ...
