"""What one check found."""

from dataclasses import asdict, dataclass
from typing import Literal

State = Literal["ok", "note", "problem"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one check found.

    Attributes:
        name: What was looked at.
        state: ``problem`` needs somebody, ``note`` is worth knowing.
        text: What was found, one sentence.
        command: What mends it; empty where nothing needs mending.
    """

    name: str
    state: State
    text: str
    command: str = ""

    def to_json(self) -> dict[str, str]:
        """Return it as ``--json`` shows it."""
        return asdict(self)


def fine(name: str, text: str) -> Finding:
    """Say that there is nothing to do."""
    return Finding(name=name, state="ok", text=text)


def note(name: str, text: str, command: str = "") -> Finding:
    """Say what is worth knowing."""
    return Finding(name=name, state="note", text=text, command=command)


def problem(name: str, text: str, command: str) -> Finding:
    """Say what is wrong and how it is mended."""
    mend = command or "Mend that, then run %conn doctor again"
    return Finding(name=name, state="problem", text=text, command=mend)
