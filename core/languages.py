"""Languages as BCP 47 writes them: which of them a post's is. Pure."""

from collections.abc import Sequence


def is_of(language: str, wanted: str) -> bool:
    """Tell whether a language is the wanted one or a regional form of it (RFC 4647, section 3.3.1)."""
    language, wanted = language.casefold(), wanted.casefold()
    return language == wanted or language.startswith(f"{wanted}-")


def closest(language: str, among: Sequence[str]) -> str:
    """Return the longest of these that a language is of; empty if none."""
    return max((one for one in among if is_of(language, one)), key=len, default="")
