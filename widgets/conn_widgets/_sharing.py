"""Who may use a connection: everybody here, only me, or people and groups by name."""

from collections.abc import Sequence

import ipywidgets

from conn_core import principals_in, typed_principals

from ._fields import Field, Segments
from ._stage import show_only_if

_EVERYBODY, _ONLY_ME, _NAMED = "*", "", "named"


class SharingField:
    """The question, and the names where these are the answer.

    Args:
        with_everybody: Everybody here at once is among the answers.
        begins_with: Who may use it so far; None where nobody has said.
    """

    def __init__(
        self, *, with_everybody: bool, begins_with: Sequence[str] | None = None
    ) -> None:
        everybody = [[_EVERYBODY, "Everybody here"]] if with_everybody else []
        self.choice = Segments(
            label="Who may use it",
            choices=[*everybody, [_ONLY_ME, "Only me"], [_NAMED, "These"]],
            value=_answer_of(begins_with, with_everybody=with_everybody),
        )
        self.names = Field(
            label="People and groups",
            help="User names, with commas; `group:NAME` for a group.",
            placeholder="grace, group:Data team",
            value=(
                typed_principals(begins_with or ())
                if self.choice.value == _NAMED
                else ""
            ),
        )
        self._whose = "as you"
        self.choice.observe(lambda _change: self._show(), "value")
        self._show()

    @property
    def widgets(self) -> list[ipywidgets.DOMWidget]:
        """The fields, in their order."""
        return [self.choice, self.names]

    @property
    def is_named(self) -> bool:
        """People and groups are named."""
        return bool(self.choice.value == _NAMED)

    def principals(self) -> list[str]:
        """Return who may use it, as a draft says it."""
        match self.choice.value:
            case "*":
                return ["*"]
            case "named":
                return principals_in(self.names.value)
        return []

    def wrong(self) -> dict[str, str]:
        """Say what is missing, by member of the draft."""
        named = self.choice.value == _NAMED
        return {"shared_with": "is needed"} if named and not self.principals() else {}

    def say_whose(self, whose: str) -> None:
        """Say with whose credentials others use it."""
        self._whose = whose
        self._show()

    def _show(self) -> None:
        match self.choice.value:
            case "*":
                said = (
                    f"Everybody who works here can use this connection, {self._whose}."
                )
            case "named":
                said = f"Whom you name can use this connection, {self._whose}."
            case _:
                said = "Nobody else sees this connection."
        self.choice.help = said
        show_only_if(self.names, wanted=self.choice.value == _NAMED)


def _answer_of(principals: Sequence[str] | None, *, with_everybody: bool) -> str:
    if principals is None:
        return _EVERYBODY if with_everybody else _ONLY_ME
    if "*" in principals:
        return _EVERYBODY
    return _NAMED if principals else _ONLY_ME
