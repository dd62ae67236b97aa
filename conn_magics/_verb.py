"""A verb: its name, its arguments, and what it does. The table of verbs."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeVar

if TYPE_CHECKING:
    from ._views import View

Run = TypeVar("Run", bound=Callable[..., "View | None"])
Completes = Literal[
    "connection", "service", "custom service", "function", "schedule", "notebook", ""
]
#: Where a verb is typed: after ``%conn``, or after ``jupyter connections``.
Face = Literal["magic", "command"]


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument, in the words of ``argparse``.

    Attributes:
        flags: Its name or its options.
        options: What ``add_argument`` takes.
        completes: What TAB offers for its value.
        only: The face that has it; both when None.
    """

    flags: tuple[str, ...]
    options: dict[str, Any]
    completes: Completes = ""
    only: Face | None = None

    def add_to(self, parser: Any) -> None:
        """Add this argument to a parser."""
        action = parser.add_argument(*self.flags, **self.options)
        action.completes = self.completes  # ours, for TAB


@dataclass(frozen=True, slots=True)
class Verb:
    """What ``%conn NAME …`` and ``jupyter connections NAME …`` do.

    Attributes:
        name: What people type; two words where it is one of a verb's actions.
        run: Called with the desk and the arguments by name.
        arguments: What may be typed after it.
        reading: Changes nothing, so it has ``--json`` in a notebook too.
        only: The face that has it; both when None.
        actions: The verbs behind it by their second word: ``service show``.
        takes_command: What stands behind ``--`` is a command of somebody's.
    """

    name: str
    run: "Callable[..., View | None]"
    arguments: tuple[Argument, ...]
    reading: bool
    only: Face | None = None
    actions: "dict[str, Verb]" = field(default_factory=dict)
    takes_command: bool = False

    @property
    def summary(self) -> str:
        """The first line of what it says about itself."""
        return (self.run.__doc__ or "").strip().split("\n")[0].removesuffix(".")

    @property
    def takes_one_name(self) -> bool:
        """Several words after it are one display name."""
        return NAME in self.arguments

    @property
    def takes_words(self) -> bool:
        """It takes words itself, beside the actions behind it."""
        return any(not each.flags[0].startswith("-") for each in self.arguments)

    def arguments_at(self, face: Face) -> tuple[Argument, ...]:
        """Return what may be typed after it at one face."""
        return tuple(a for a in self.arguments if a.only in (None, face))


#: Every verb by name, in the order people read them. ``@verb`` is the only way in.
VERBS: dict[str, Verb] = {}


def verbs_at(face: Face) -> dict[str, Verb]:
    """Return the verbs that one face has, in the order people read them."""
    return {name: each for name, each in VERBS.items() if each.only in (None, face)}


def argument(
    *flags: str, completes: Completes = "", only: Face | None = None, **options: Any
) -> Argument:
    """Describe one argument of a verb."""
    return Argument(flags, options, completes, only)


#: One connection; several words are one display name.
NAME = argument(
    "name",
    metavar="NAME",
    help="link name or display name",
    completes="connection",
)
YES = argument("-y", "--yes", action="store_true", help="do not ask")
#: For scripts: a secret is never an argument, because others can read those.
SECRET_STDIN = argument(
    "--secret-stdin",
    action="store_true",
    help='read what is secret from standard input: {"api_key": "…"}',
    only="command",
)
OPEN = argument(
    "--open", action="store_true", help="open the link in a browser", only="command"
)


def verb(
    name: str,
    *arguments: Argument,
    reading: bool = False,
    only: Face | None = None,
    takes_command: bool = False,
) -> Callable[[Run], Run]:
    """Put a function into the table of verbs.

    Args:
        name: What people type. Two words put it behind the verb of the first one.
        arguments: What may follow.
        reading: It changes nothing; ``--json`` is added.
        only: The face that has it; both when None.
        takes_command: What stands behind ``--`` is a command of somebody's.
    """

    def enter(run: Run) -> Run:
        first, _, action = name.partition(" ")
        table, key = (VERBS[first].actions, action) if action else (VERBS, first)
        table[key] = Verb(
            name, run, arguments, reading, only, takes_command=takes_command
        )
        return run

    return enter
