"""Ask once before something stops working."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from conn_core.errors import InteractionRequired

from ._desk import Desk
from ._forms import show_confirm_form

if TYPE_CHECKING:
    from conn_core import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a person is asked.

    Attributes:
        action: What would be done.
        title: The question: ``Revoke 'github'?``.
        consequence: What will happen, whole sentences.
        doing: For jobs: ``revoking 'github'``.
        command: The line to write with ``-y``.
    """

    action: Literal["revoke", "delete"]
    title: str
    consequence: str
    doing: str
    command: str


def confirmed(desk: Desk, question: Question, connection: "Connection") -> bool | None:
    """Ask once.

    Args:
        desk: Who is there, and how to ask.
        question: What to ask.
        connection: What it is about.

    Returns:
        The answer; None when a form was shown that does the rest itself: a kernel
        cannot wait for a click.

    Raises:
        InteractionRequired: If nobody is there to answer.
    """
    if not desk.around.person:
        raise InteractionRequired(
            f"This notebook runs without a user, and {question.doing} asks first",
            f"Write {question.command} -y",
        )
    if desk.around.widgets:
        show_confirm_form(desk, connection, question.action)
        return None
    return _answered_yes(desk, question)


def _answered_yes(desk: Desk, question: Question) -> bool:
    try:
        answer = desk.ask(f"{question.title} {question.consequence} [y/N] ")
    except EOFError:
        return False
    return answer.strip().lower() in {"y", "yes"}
