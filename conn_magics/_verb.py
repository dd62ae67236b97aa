"""A verb of ``%conn``: its name, its arguments, and what it does. The table of verbs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar

if TYPE_CHECKING:
    from ._views import View

Run = TypeVar("Run", bound=Callable[..., "View | None"])
Completes = Literal["connection", "service", ""]


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument, in the words of ``argparse``.

    Attributes:
        flags: Its name or its options.
        options: What ``add_argument`` takes.
        completes: What TAB offers for its value.
    """

    flags: tuple[str, ...]
    options: dict[str, Any]
    completes: Completes = ""

    def add_to(self, parser: Any) -> None:
        """Add this argument to a parser."""
        action = parser.add_argument(*self.flags, **self.options)
        action.completes = self.completes  # ours, for TAB


@dataclass(frozen=True, slots=True)
class Verb:
    """What ``%conn NAME …`` does.

    Attributes:
        name: What people type.
        run: Called with the desk and the arguments by name.
        arguments: What may be typed after it.
        reading: Changes nothing, so it has ``--json``.
    """

    name: str
    run: "Callable[..., View | None]"
    arguments: tuple[Argument, ...]
    reading: bool

    @property
    def summary(self) -> str:
        """The first line of what it says about itself."""
        return (self.run.__doc__ or "").strip().split("\n")[0].removesuffix(".")

    @property
    def takes_one_name(self) -> bool:
        """Several words after it are one display name."""
        return NAME in self.arguments


#: Every verb by name, in the order people read them. ``@verb`` is the only way in.
VERBS: dict[str, Verb] = {}


def argument(*flags: str, completes: Completes = "", **options: Any) -> Argument:
    """Describe one argument of a verb."""
    return Argument(flags, options, completes)


#: One connection; several words are one display name.
NAME = argument(
    "name",
    metavar="NAME",
    help="link name or display name",
    completes="connection",
)
YES = argument("-y", "--yes", action="store_true", help="do not ask")


def verb(
    name: str, *arguments: Argument, reading: bool = False
) -> Callable[[Run], Run]:
    """Put a function into the table of verbs.

    Args:
        name: What people type after ``%conn``.
        arguments: What may follow.
        reading: It changes nothing; ``--json`` is added.
    """

    def enter(run: Run) -> Run:
        VERBS[name] = Verb(name, run, arguments, reading)
        return run

    return enter
