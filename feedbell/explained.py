"""Why a subscription does not take an event, in a sentence. Pure."""

from collections.abc import Sequence

from notifier.subscription import Explanation, Reason

_SHOWN = 5


def filtered(explanation: Explanation) -> str:
    """Say by what an event was filtered."""
    assert explanation.reason is not None, "the subscription takes the event"
    return f"filtered by {explanation.reason}: {_why(explanation.reason, explanation)}"


def _why(reason: Reason, explanation: Explanation) -> str:
    wanted = listed(explanation.wanted)
    match reason:
        case Reason.EVENT:
            return f"wants {wanted}, this is {listed(explanation.found)}"
        case Reason.WORDS:
            return f"wants one of {wanted}, none stands in the post"
        case Reason.PATTERNS:
            return f"wants one of {wanted}, none matches in the post"
        case Reason.ANY:
            return f"wants one of {wanted}, the post has none of them"
        case Reason.ALL:
            return f"wants {wanted}, the post does not have it"
        case Reason.NONE:
            return f"wants nothing with {wanted}, the post has it"
    return f"wants {wanted}, the post has {listed(explanation.found) or 'none'}"


def listed(values: Sequence[str]) -> str:
    """Return the first few of these, and how many more there are."""
    more = len(values) - _SHOWN
    return ", ".join(values[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
