"""Ask once before something stops working."""

from dataclasses import dataclass

from conn_core.errors import InteractionRequired

from ._desk import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a person is asked.

    Attributes:
        title: The question: ``Revoke 'github'?``.
        consequence: What will happen, whole sentences.
        doing: For jobs: ``revoking 'github'``.
        command: The line to write with ``-y``.
    """

    title: str
    consequence: str
    doing: str
    command: str


def refuse_without_person(desk: Desk, question: Question) -> None:
    """Stop a job: nobody can answer there.

    Raises:
        InteractionRequired: If nobody is there.
    """
    if not desk.around.person:
        raise InteractionRequired(
            f"This notebook runs without a user, and {question.doing} asks first",
            f"Write {question.command} -y to do it without being asked",
        )


def confirmed_by_text(desk: Desk, question: Question) -> bool:
    """Ask in words; anything but yes means no.

    Raises:
        InteractionRequired: If nobody is there.
    """
    refuse_without_person(desk, question)
    try:
        answer = desk.ask(f"{question.title} {question.consequence} [y/N] ")
    except EOFError:
        return False
    return answer.strip().lower() in {"y", "yes"}
