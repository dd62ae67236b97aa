"""Read a ``%conn`` line. Everything, the help too, is made from the table of verbs."""

import argparse
import shlex
from collections.abc import Iterable
from typing import Any, Final, NoReturn

from ._usage import UsageError, did_you_mean
from ._verb import Verb

_INTRODUCTION: Final = """\
Connections to third-party services.

%conn alone says how things stand. NAME is a link name or a display name; TAB
completes it. Reading verbs take --json."""


class Parser(argparse.ArgumentParser):
    """An argument parser for one magic line: it raises and never leaves Python."""

    def __init__(self, prog: str, **options: Any) -> None:
        super().__init__(
            prog=prog,
            add_help=False,
            allow_abbrev=False,
            exit_on_error=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            **options,
        )

    def error(self, message: str) -> NoReturn:
        """Raise what was wrong, and how it is written.

        Raises:
            UsageError: Always.
        """
        usage = " ".join(self.format_usage().removeprefix("usage: ").split())
        raise UsageError(f"{message[:1].upper()}{message[1:]}. Write: {usage}")


def words_of(line: str) -> list[str]:
    """Split a line at blanks; quotation marks keep words together.

    Raises:
        UsageError: If a quotation mark is not closed.
    """
    try:
        return shlex.split(line.strip().removesuffix(";"))
    except ValueError:
        raise UsageError("A quotation mark is opened and not closed") from None


def parser_of(verb: Verb) -> Parser:
    """Make the parser of one verb."""
    parser = Parser(f"%conn {verb.name}", description=verb.summary)
    for argument in verb.arguments:
        argument.add_to(parser)
    if verb.reading:
        parser.add_argument("--json", action="store_true", help="answer as JSON")
    return parser


def options_of(verb: Verb, words: list[str]) -> dict[str, Any]:
    """Read the words after a verb.

    Returns:
        The arguments by name, ready for ``verb.run``, and ``json``.

    Raises:
        UsageError: If they cannot be read.
    """
    parser = parser_of(verb)
    try:
        found, rest = parser.parse_known_args(words)
    except argparse.ArgumentError as error:
        parser.error(str(error))
    if unknown := [word for word in rest if word.startswith("-")]:
        _refuse_option(unknown[0], parser)
    options = {"json": False} | vars(found)
    if rest and not verb.takes_one_name:
        parser.error(f"'{rest[0]}' is one word too many")
    if rest:  # a display name of several words, without quotation marks
        options["name"] = " ".join((options["name"], *rest))
    return options


def _refuse_option(word: str, parser: Parser) -> NoReturn:
    known = [flag for action in parser._actions for flag in action.option_strings]  # noqa: SLF001 - argparse has no public list
    guess = did_you_mean(word, known)
    raise UsageError(
        f"{parser.prog} has no option {word}.{guess} See {parser.prog} --help"
    )


def verb_called(word: str, verbs: Iterable[Verb]) -> Verb:
    """Return the verb of a name.

    Raises:
        UsageError: With the most similar verb, if there is none.
    """
    known = {verb.name: verb for verb in verbs}
    if word in known:
        return known[word]
    guess = did_you_mean(word, known, before="%conn ")
    raise UsageError(f"There is no %conn {word}.{guess} See %conn?")


def full_help(verbs: Iterable[Verb]) -> str:
    """Write the help of all verbs: what ``%conn?`` shows."""
    parts = [parser_of(verb).format_help() for verb in verbs]
    return "\n\n".join(
        [_INTRODUCTION, *(part.removeprefix("usage: ").rstrip() for part in parts)]
    )
