"""Read a line of words. Everything, the help too, is made from the table of verbs."""

import argparse
import shlex
from collections.abc import Iterable, Mapping
from typing import Any, Final, NoReturn

from ._usage import UsageError, did_you_mean, may_be_repeated
from ._verb import Face, Verb

_INTRODUCTION: Final = """\
Connections to third-party services.

%conn alone says how things stand. NAME is a link name or a display name; TAB
completes it. Reading verbs take --json."""
#: What is longer does not help anybody who mistyped one option.
_LONGEST_USAGE: Final = 160
_KINDS: Final = {int: "a whole number", float: "a number"}


class _Once(argparse._StoreAction):  # noqa: SLF001 - argparse has no public base for it
    """Keeps one value: an option that is given twice is a mistake somewhere."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        """Keep the value.

        Raises:
            ArgumentError: If there is one already.
        """
        given: set[str] = parser.__dict__.setdefault("given", set())
        if option_string is not None and self.dest in given:
            raise argparse.ArgumentError(self, "is given twice")
        given.add(self.dest)
        super().__call__(parser, namespace, values, option_string)


class Parser(argparse.ArgumentParser):
    """An argument parser for one line: it raises and never leaves Python.

    It says what an option takes, and never repeats what was typed as its value: a
    secret may stand in the wrong place.
    """

    def __init__(self, prog: str, **options: Any) -> None:
        super().__init__(
            prog=prog,
            add_help=False,
            allow_abbrev=False,
            exit_on_error=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            **options,
        )
        self._is_long = False
        self.register("action", None, _Once)
        self.register("action", "store", _Once)

    def error(self, message: str) -> NoReturn:
        """Raise what was wrong, and how it is written.

        Raises:
            UsageError: Always.
        """
        how = f"See {self.prog} --help" if self._is_long else f"Write: {self._usage()}"
        raise UsageError(f"{message[:1].upper()}{message[1:]}. {how}")

    def shorten(self) -> None:
        """Leave the options out of a usage that nobody reads to its end."""
        self._is_long = len(self._usage()) > _LONGEST_USAGE
        if self._is_long:
            words = [_written(a) for a in self._actions if not a.option_strings]
            self.usage = " ".join(["%(prog)s [OPTION …]", *words])

    def _usage(self) -> str:
        return " ".join(self.format_usage().removeprefix("usage: ").split())

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            among = ", ".join(action.choices)
            raise argparse.ArgumentError(action, f"takes one of {among}")

    def _get_value(self, action: argparse.Action, arg_string: str) -> Any:
        try:
            return super()._get_value(action, arg_string)
        except argparse.ArgumentError:
            kind = _KINDS[action.type]  # type: ignore[index]  # verbs convert to these only
            raise argparse.ArgumentError(action, f"takes {kind}") from None


def _written(action: argparse.Action) -> str:
    word = str(action.metavar or action.dest)
    return f"[{word}]" if action.nargs in {"?", "*"} else word


def words_of(line: str) -> list[str]:
    """Split a line at blanks; quotation marks keep words together.

    Raises:
        UsageError: If a quotation mark is not closed.
    """
    try:
        return shlex.split(line.strip().removesuffix(";"))
    except ValueError:
        raise UsageError("A quotation mark is opened and not closed") from None


def parser_of(verb: Verb, *, face: Face = "magic") -> Parser:
    """Make the parser of one verb, as one face has it."""
    parser = Parser(f"%conn {verb.name}", description=verb.summary)
    for argument in verb.arguments_at(face):
        argument.add_to(parser)
    if verb.reading or face == "command":
        parser.add_argument("--json", action="store_true", help="answer as JSON")
    parser.shorten()
    return parser


def options_of(verb: Verb, words: list[str], *, face: Face = "magic") -> dict[str, Any]:
    """Read the words after a verb.

    Args:
        verb: The verb.
        words: What follows it.
        face: Where they were typed.

    Returns:
        The arguments by name, ready for ``verb.run``, and ``json``.

    Raises:
        UsageError: If they cannot be read.
    """
    parser = parser_of(verb, face=face)
    try:
        found, rest = parser.parse_known_args(words)
    except argparse.ArgumentError as error:
        parser.error(_explained(error))
    if unknown := [word for word in rest if word.startswith("-")]:
        _refuse_option(unknown[0], parser)
    options = {"json": False} | vars(found)
    if rest and not verb.takes_one_name:
        last = f"'{rest[0]}'" if may_be_repeated(rest[0]) else "what stands at the end"
        parser.error(f"{last} is one word too many")
    if rest:  # a display name of several words, without quotation marks
        options["name"] = " ".join((options["name"], *rest))
    return options


def _explained(error: argparse.ArgumentError) -> str:
    if error.message.startswith("expected"):
        return f"{error.argument_name} wants a value"
    if error.message.startswith("ignored"):
        return f"{error.argument_name} takes no value"
    return f"{error.argument_name} {error.message}"


def _refuse_option(word: str, parser: Parser) -> NoReturn:
    known = [flag for action in parser._actions for flag in action.option_strings]  # noqa: SLF001 - argparse has no public list
    flag = word.partition("=")[0]
    shown = flag if may_be_repeated(flag) else "like that"
    guess = did_you_mean(flag, known)
    raise UsageError(
        f"{parser.prog} has no option {shown}.{guess} See {parser.prog} --help"
    )


def verb_called(words: list[str], verbs: Mapping[str, Verb]) -> tuple[Verb, list[str]]:
    """Return the verb that a line begins with, and the words after it.

    Args:
        words: The line.
        verbs: The table.

    Raises:
        UsageError: With the most similar verb, if there is none.
    """
    word, *rest = words
    if word not in verbs:
        raise no_such_verb(word, verbs)
    verb = verbs[word]
    if not verb.actions or not rest or rest[0].startswith("-"):
        return verb, rest
    if rest[0] not in verb.actions and verb.takes_words:
        return verb, rest  # what it takes itself, such as a notebook
    if rest[0] not in verb.actions:
        before = f"%conn {verb.name} "
        raise _no_such(rest[0], verb.actions, before=before, see=f"{before}--help")
    return verb.actions[rest[0]], rest[1:]


def no_such_verb(word: str, known: Iterable[str]) -> UsageError:
    """Return the error that names the verb most like a word."""
    return _no_such(word, known, before="%conn ", see="%conn?")


def _no_such(word: str, known: Iterable[str], *, before: str, see: str) -> UsageError:
    guess = did_you_mean(word, known, before=before)
    shown = word if may_be_repeated(word) else "like that"
    return UsageError(f"There is no {before}{shown}.{guess} See {see}")


def help_of(verb: Verb, *, face: Face = "magic") -> str:
    """Write the help of one verb, and of the actions behind it."""
    whole = [verb, *verb.actions.values()]
    parts = [parser_of(each, face=face).format_help() for each in whole]
    return "\n\n".join(part.removeprefix("usage: ").rstrip() for part in parts)


def full_help(verbs: Iterable[Verb]) -> str:
    """Write the help of all verbs: what ``%conn?`` shows."""
    return "\n\n".join([_INTRODUCTION, *map(help_of, verbs)])
