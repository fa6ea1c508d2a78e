"""What `feedbell check` finds, and how it is told to people and to GitHub."""

import os
from dataclasses import dataclass
from typing import Literal

from core.text import printable
from feedbell.settings import CONFIG_NAME
from feedbell.wiring import App

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that the owner of the site can mend."""

    source: str
    path: str
    line: int | None = None
    column: int | None = None
    code: str
    reason: str
    severity: Severity = "error"  # an error keeps the post from being published

    def told(self) -> str:
        """Say it in the form that editors and CI systems know."""
        place = "".join(f":{number}" for number in (self.line, self.column) if number is not None)
        return printable(f"{self.path}{place}: {self.severity}: {self.reason} [{self.code}]")

    def annotation(self, root: str) -> str:
        """Say it as a workflow command that GitHub shows beside the line; `root` is the source's folder."""
        path = os.path.relpath(os.path.join(root, self.path))
        places = {"file": path, "line": self.line, "col": self.column, "title": self.code}
        said = ",".join(f"{key}={_property(str(value))}" for key, value in places.items() if value is not None)
        return f"::{self.severity} {said}::{_message(self.reason)}"


def of_settings(app: App, code: str, reason: str, severity: Severity = "warning") -> Problem:
    """Return a problem that is mended in feedbell.toml."""
    # As seen from the first folder, as all paths of problems are.
    root = app.sources[0].root if app.sources else str(app.place.folder)
    path = os.path.relpath(app.place.config or CONFIG_NAME, root)
    return Problem(
        source=app.sources[0].name if app.sources else "", path=path, code=code, reason=reason, severity=severity
    )


def _message(text: str) -> str:
    # https://docs.github.com/actions/reference/workflow-commands: a message ends with its line.
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return printable(escaped)


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
