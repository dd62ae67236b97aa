"""Ask once before something stops working."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from conn_core.errors import InteractionRequired

from ._blocks import Note, Sentence
from ._desk import Desk
from ._forms import show_confirm_form
from ._views import View

if TYPE_CHECKING:
    from conn_core import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a person is asked.

    Attributes:
        title: The question: ``Revoke 'github'?``.
        consequence: What will happen, whole sentences.
        doing: For jobs: ``revoking 'github'``.
        command: The line to write with ``-y``.
        places: Who or what is concerned, a line each.
        head: What stands above those lines.
        form: The form that asks and does it, where there is one.
    """

    title: str
    consequence: str
    doing: str
    command: str
    places: Sequence[str] = ()
    head: str = "It is used in:"
    form: Literal["revoke", "delete", ""] = ""


def confirmed(
    desk: Desk, question: Question, connection: "Connection | None" = None
) -> bool | None:
    """Ask once.

    Args:
        desk: Who is there, and how to ask.
        question: What to ask.
        connection: What it is about, where a form can ask about it.

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
    if desk.around.widgets and question.form and connection is not None:
        show_confirm_form(desk, connection, question.form)
        return None
    return _answered_yes(desk, question)


def unchanged() -> View:
    """Answer when a person said no."""
    return View(Note("Nothing was changed"), outcome="failed")


def _answered_yes(desk: Desk, question: Question) -> bool:
    if question.places:
        desk.show(View(Sentence(question.head), *map(Note, question.places)))
    try:
        answer = desk.ask(f"{question.title} {question.consequence} [y/N] ")
    except EOFError:
        return False
    return answer.strip().lower() in {"y", "yes"}
