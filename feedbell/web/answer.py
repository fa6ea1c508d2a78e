"""What the server answers."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.datastructures import Headers

Fields = dict[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent."""

    status: int
    fields: Fields
    body: bytes = b""
    make_body: Callable[[], bytes] | None = None  # where that takes a while


# Answers a request by its header fields, in a thread of its own: it may take a moment.
Page = Callable[[Headers], Answer]
