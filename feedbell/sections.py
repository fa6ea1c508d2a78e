"""What every section of feedbell.toml has in common."""

from collections.abc import Callable
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

# An empty list would match nothing, which nobody means.
Chosen = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]


class Section(BaseModel):
    """A table of the file; a key that it does not have is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def read_by(read: Callable[[str], object]) -> Callable[[str], str]:
    """Return a validator that keeps a text as it is written, if it can be read."""

    def check(text: str) -> str:
        read(text)
        return text

    return check
