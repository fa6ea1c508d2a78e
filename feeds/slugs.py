"""Terms as file names: readable, safe on every disk and in every URL, and never two terms with one name."""

import re
import unicodedata
from collections.abc import Callable
from hashlib import sha256

_LONGEST = 120  # bytes; with the hash, the extension and a temporary name still far below 255
_KEPT = frozenset("·-_.~")
_RUNS = re.compile(r"-{2,}")
_RESERVED = frozenset(
    ["index", "all", "feed", "con", "nul", "aux", "prn", "opml"]
    + [f"{device}{number}" for device in ("com", "lpt") for number in "0123456789¹²³"]
)


def slug_for(term: str) -> str:
    """Return a readable, file-name-safe candidate for the term; empty if nothing of it can stand in a name.

    Letters, marks and numbers of any script stay, in NFC, and `· - _ . ~`; runs of anything else become one `-`.
    At most 120 bytes in UTF-8.
    """
    return _cut(_candidate(term))


def slug_key(slug: str) -> str:
    """Return what must differ between two slugs: disks may not tell capitals, widths or compositions apart."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", slug).casefold())


def distinct_slug(term: str, taken: Callable[[str], bool]) -> str:
    """Return the term's slug: the candidate, with a hash of the term where it was cut, is reserved or `taken`.

    `taken` is asked with the candidate's `slug_key`, and for each term in the same order, the first one gets the name.
    A term's hashed slug depends on the term alone, so it is the same in every run.
    """
    whole = _candidate(term)
    candidate = _cut(whole)
    if not candidate:
        return f"term-{_hash(term)}"
    if candidate == whole and not _is_reserved(candidate) and not taken(slug_key(candidate)):
        return candidate
    return f"{candidate}-{_hash(term)}"


def _candidate(term: str) -> str:
    kept = "".join(
        character if character in _KEPT or unicodedata.category(character)[0] in "LMN" else "-"
        for character in unicodedata.normalize("NFC", term)
    )
    return _RUNS.sub("-", kept).strip("-.")


def _cut(slug: str) -> str:
    encoded = slug.encode()
    if len(encoded) <= _LONGEST:
        return slug
    return encoded[:_LONGEST].decode(errors="ignore").rstrip("-.")


def _is_reserved(slug: str) -> bool:
    # Windows reads a device's name before the first dot, and capitals and full-width letters alike.
    return slug_key(slug).partition(".")[0] in _RESERVED


def _hash(term: str) -> str:
    return sha256(term.encode(errors="surrogatepass")).hexdigest()[:8]
