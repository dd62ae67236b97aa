"""What the first line of a ``%%connection`` cell names: connections, before the options."""

import keyword
import re
import shlex
from dataclasses import dataclass
from typing import Final

USAGE: Final = (
    "%%connection NAME [as VAR], NAME … [--client httpx|async|ADAPTER] "
    "[--require SCOPE,…] [--timeout S] [--function FNAME] [--button LABEL] [--quiet]"
)
#: Nobody types more, and what is pasted by mistake is not looked at.
_LONGEST: Final = 10_000
_WORD: Final = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|(,)|([^\s,"']+))""")
_NOT_CLOSED: Final = "A quotation mark is opened and not closed"


class Mistyped(ValueError):
    """A line cannot be read; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One connection of a cell, and the variable it was given."""

    name: str
    variable: str | None = None


def names_and_options(line: str) -> tuple[tuple[Use, ...], list[str]]:
    """Split the line into connections and the words of its options.

    Args:
        line: What follows ``%%connection``.

    Raises:
        Mistyped: If a name or a quotation mark is wrong.
    """
    if len(line) > _LONGEST:
        raise Mistyped(f"The line is longer than {_LONGEST:,} characters")
    names, options = _split_at_options(line)
    return _uses(names), options


def option_in(options: list[str], flag: str) -> str | None:
    """Return the value of an option, None where it is not there.

    Args:
        options: The words of the options.
        flag: ``--require``, say.
    """
    for place, word in enumerate(options):
        if word == flag:
            return next(iter(options[place + 1 :]), None)
        if word.startswith(f"{flag}="):
            return word.removeprefix(f"{flag}=")
    return None


def _split_at_options(line: str) -> tuple[str, list[str]]:
    found = re.search(r"(?:^|\s)--(?=\w)", line)
    if found is None:
        return line, []
    try:
        return line[: found.start()], shlex.split(line[found.start() :])
    except ValueError:
        raise Mistyped(_NOT_CLOSED) from None


def _uses(text: str) -> tuple[Use, ...]:
    groups: list[list[str]] = [[]]
    position = 0
    text = text.strip()
    while position < len(text):
        found = _WORD.match(text, position)
        if found is None:
            raise Mistyped(_NOT_CLOSED)
        double, single, comma, plain = found.groups()
        position = found.end()
        if comma:
            groups.append([])
        else:
            groups[-1].append(next(w for w in (double, single, plain) if w is not None))
    uses = tuple(_use(group) for group in groups)
    _refuse_twins(uses)
    return uses


def _use(words: list[str]) -> Use:
    match words:
        case [name] if name:
            return Use(name=name)
        case [name, "as", variable] if name:
            return Use(name=name, variable=_checked_variable(variable))
        case [] | [""]:
            raise Mistyped(f"The name of a connection is missing. Write: {USAGE}")
    shown = " ".join(words)
    raise Mistyped(
        f"'{shown}' is not NAME or NAME as VAR. Names with blanks go into quotation marks, "
        "names are separated by commas"
    )


def _checked_variable(variable: str) -> str:
    if variable.isidentifier() and not keyword.iskeyword(variable):
        return variable
    raise Mistyped(f"'{variable}' cannot be a variable of Python")


def _refuse_twins(uses: tuple[Use, ...]) -> None:
    variables = [use.variable or use.name for use in uses]
    for variable in variables:
        if variables.count(variable) > 1:
            raise Mistyped(f"'{variable}' stands there twice. Write: NAME as VAR")
