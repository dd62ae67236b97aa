"""Read a ``%conn`` line. Everything, the help too, is made from the table of verbs."""

import argparse
import shlex
from collections.abc import Iterable
from typing import Any, NoReturn

from ._usage import UsageError, did_you_mean
from ._verb import Verb


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
    try:
        options = vars(parser_of(verb).parse_args(words))
    except argparse.ArgumentError as error:
        parser_of(verb).error(str(error))
    if isinstance(options.get("name"), list) and verb.takes_one_name:
        options["name"] = " ".join(options["name"])
    return {"json": False} | options


def verb_called(word: str, verbs: Iterable[Verb]) -> Verb:
    """Return the verb of a name.

    Raises:
        UsageError: With the most similar verb, if there is none.
    """
    known = {verb.name: verb for verb in verbs}
    if word in known:
        return known[word]
    guess = did_you_mean(f"%conn {word}", [f"%conn {name}" for name in known])
    raise UsageError(f"There is no %conn {word}.{guess} See %conn?")


def full_help(verbs: Iterable[Verb]) -> str:
    """Write the help of all verbs: what ``%conn?`` shows."""
    parts = [
        "Connections to third-party services.",
        "%conn alone says how things stand. NAME is a link name or a display name; "
        "TAB completes it.",
    ]
    for verb in verbs:
        usage = parser_of(verb).format_help().removeprefix("usage: ")
        parts.append(usage.rstrip())
    return "\n\n".join(parts)
