"""Words as parts of addresses, as each generator makes them, as far as that goes without its tables of transliteration.

Latin letters lose their accents; letters of other scripts stay as they are, where the generators write them in Latin
ones (`日本` is `ri-ben` in Zola). Such a post gets a notice: its address has to be written into its front matter.
"""

import re
import unicodedata
from collections.abc import Sequence

from feeds.slugs import slug_for

_SPECIAL = str.maketrans(
    {
        "ß": "ss",
        "æ": "ae",
        "Æ": "AE",
        "œ": "oe",
        "Œ": "OE",
        "ø": "o",
        "Ø": "O",
        "đ": "d",
        "Đ": "D",
        "ð": "d",
        "Ð": "D",
        "þ": "th",
        "Þ": "Th",
        "ł": "l",
        "Ł": "L",
        "ı": "i",
        "ħ": "h",
        "Ħ": "H",
        "ŋ": "ng",
        "Ŋ": "NG",
        "‘": "'",
        "’": "'",
        "“": '"',
        "”": '"',
        "–": "-",
        "—": "-",
        "…": "...",
        "\u00a0": " ",
    }
)
_NOT_WORD = re.compile(r"[\W_]+")
_NOT_PELICAN = re.compile(r"[^\w\s-]")
_PELICAN_SPACES = re.compile(r"[-\s]+")
_LONGEST = 1000
_TAG = re.compile(r"<[^<>]*>")
_CONTRACTION = re.compile(r"([a-z\d]+)['’]([ts])(?=\s|$)", re.IGNORECASE)
_FORBIDDEN_IN_NAMES = str.maketrans("", "", '<>:"/\\|?*')


def in_latin(text: str) -> str:
    """Return the text with its Latin letters in ASCII."""
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text.translate(_SPECIAL))
    return unicodedata.normalize("NFC", "".join(letter for letter in decomposed if not "\u0300" <= letter <= "\u036f"))


def needs_table(slug: str) -> bool:
    """Whether the generator would have written some of the slug in Latin letters."""
    return not slug.isascii()


def zola_slug(text: str, strategy: str) -> str:
    """Slugs as Zola makes them of paths: `on`, `safe` or `off`."""
    if strategy == "off":
        return text
    if strategy == "safe":
        return text.rstrip(" .").translate(_FORBIDDEN_IN_NAMES)
    return _NOT_WORD.sub("-", in_latin(text).lower()).strip("-")


def eleventy_slug(text: str) -> str:
    """Slugs as Eleventy's `slugify` filter makes them."""
    text = _CONTRACTION.sub(r"\1\2", in_latin(text).replace("&", " and "))
    return _NOT_WORD.sub("-", text.lower()).strip("-")


def pelican_slug(
    text: str,
    *,
    use_unicode: bool = False,
    preserve_case: bool = False,
    substitutions: Sequence[tuple[str, str]] | None = None,
) -> str:
    """Slugs as Pelican 4 makes them; None stands for its default substitutions."""
    text = unicodedata.normalize("NFKC", _TAG.sub("", text))
    if not use_unicode:
        text = in_latin(text)
    if substitutions is None:
        text = _PELICAN_SPACES.sub("-", _NOT_PELICAN.sub("", text).strip())
    else:
        for pattern, instead in substitutions:
            text = re.sub(pattern, instead, text[:_LONGEST], flags=re.IGNORECASE)
    return (text if preserve_case else text.lower()).strip()


def plain_slug(text: str) -> str:
    """Slugs of plain folders: letters, marks and digits of any script in small letters, all else is `-`."""
    return slug_for(text.replace(".", "-").replace("_", "-")).lower()
