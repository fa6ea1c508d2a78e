"""The hub's own address: what POST requests to it are answered."""

from feedbell.web.answer import Answer
from feedbell.web.receiver import Call, Intake, plain
from feedbell.websub.asking import Publish, Refusal, read_form
from feedbell.websub.hub import Hub

_LONGEST = 16_384  # bytes


def hub_intake(hub: Hub) -> Intake:
    """Return what takes requests to the hub."""

    def receive(call: Call) -> Answer:
        asked = read_form(call.headers.get("content-type", ""), call.body)
        if isinstance(asked, Publish):
            return plain(204, "")
        refusal = asked if isinstance(asked, Refusal) else hub.ask(asked)
        return plain(202, "Taken; the callback will be asked.") if refusal is None else _refused(refusal)

    return Intake(receive=receive, max_bytes=_LONGEST)


def _refused(refusal: Refusal) -> Answer:
    waits = {} if refusal.wait is None else {"retry_after": str(refusal.wait)}
    return plain(refusal.status, refusal.reason, **waits)
