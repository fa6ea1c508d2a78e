"""Words that people look for in texts of any script."""

import re
import unicodedata
from collections.abc import Iterable

# Scripts that set no space between words, and Hangul, whose particles hang on the word: Thai to Burmese, Khmer, Tai,
# Chinese, Japanese, Korean and their supplements.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u1950-\u19df\u1a20-\u1aaf\u2e80-\u9fff\ua960-\ua97f"
    "\uaa60-\uaadf\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc\U0001aff0-\U0001b16f\U00020000-\U0003ffff"
)
_LETTER = f"[^\\W_{_UNSPACED}]"


def folded(text: str) -> str:
    """Return the text as it is compared: without widths, capitals and compositions."""
    # Case folding can undo a normal form, hence once more (Unicode, section 3.13, D146).
    once = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", once)


class Words:
    """Words made ready to be looked for in many texts.

    Where a word begins or ends with a letter or number of a script that sets spaces between words, it is found as a
    whole word alone: `cat` is not in `category`. In Chinese and its like it is found wherever its characters stand.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._wanted = [(word, _whole(word)) for word in dict.fromkeys(map(folded, words))]

    def any_in(self, text: str) -> bool:
        """Tell whether one of the words stands in a `folded` text."""
        return any(word in text and whole.search(text) is not None for word, whole in self._wanted)

    def all_in(self, text: str) -> bool:
        """Tell whether every word stands in a `folded` text."""
        return all(word in text and whole.search(text) is not None for word, whole in self._wanted)


def _whole(word: str) -> re.Pattern[str]:
    begins = f"(?<!{_LETTER})" if re.match(_LETTER, word) else ""
    ends = f"(?!{_LETTER})" if re.match(_LETTER, word[-1:]) else ""
    return re.compile(begins + re.escape(word) + ends)
