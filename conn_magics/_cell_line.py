"""Read what follows ``%%connection``: names, variables, options. Nothing is evaluated."""

import builtins
import keyword
import re
import shlex
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from ._parser import Parser
from ._usage import UsageError, did_you_mean

CLIENTS: Final = ("httpx", "async")
OPTIONS: Final = (
    "--client",
    "--require",
    "--timeout",
    "--function",
    "--button",
    "--quiet",
)
USAGE: Final = (
    "%%connection NAME [as VAR], NAME … [--client httpx|async|ADAPTER] "
    "[--require SCOPE,…] [--timeout S] [--function FNAME] [--button LABEL] [--quiet]"
)
#: Nobody types more, and what is pasted by mistake is not looked at.
_LONGEST: Final = 10_000
_WHAT_HAPPENS: Final = """\
The client is bound to the link name made an identifier (finance-sheet gives
finance_sheet), or to VAR. The cell does not run when a connection cannot be used.
Example:"""
_WORD = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|(,)|([^\s,"']+))""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One connection of a cell, and the variable it was given."""

    name: str
    variable: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CellLine:
    """What the first line of a cell asks for."""

    uses: tuple[Use, ...]
    client: str = "httpx"
    require: tuple[str, ...] = ()
    timeout: float = 30.0
    function: str | None = None
    button: str | None = None
    quiet: bool = False


def read_cell_line(line: str) -> CellLine:
    """Read the line.

    Args:
        line: What follows ``%%connection``.

    Raises:
        UsageError: If it is mistyped.
    """
    if len(line) > _LONGEST:
        raise UsageError(f"The line is longer than {_LONGEST:,} characters")
    names, options = _split_at_options(line)
    uses = _uses(names)
    return CellLine(uses=uses, **_options(options))


def options_parser() -> Parser:
    """Make the parser of the options; help and completion are made from it too."""
    parser = Parser("%%connection", usage=USAGE.replace("%", "%%"))
    parser.add_argument(
        "--client",
        default="httpx",
        metavar="KIND",
        help="httpx (the default), async, or an adapter such as requests or gspread",
    )
    parser.add_argument(
        "--require",
        default="",
        metavar="SCOPE,…",
        help="fail unless these scopes are granted",
    )
    parser.add_argument(
        "--timeout",
        type=float,
        default=30.0,
        metavar="S",
        help="seconds for one request",
    )
    parser.add_argument(
        "--function",
        metavar="FNAME",
        help="make the body a function; assignments at its top are the parameters",
    )
    parser.add_argument(
        "--button", metavar="LABEL", help="show a button that runs the function"
    )
    parser.add_argument("--quiet", action="store_true", help="no notices")
    return parser


def help_text() -> str:
    """Write what ``%%connection?`` shows."""
    return "\n\n".join(
        (
            "Run a cell with authenticated clients.",
            options_parser().format_help().removeprefix("usage: ").rstrip(),
            _WHAT_HAPPENS,
            '    %%connection github\n    github.get("/user").json()',
        )
    )


def _split_at_options(line: str) -> tuple[str, list[str]]:
    found = re.search(r"(?:^|\s)--(?=\w)", line)
    if found is None:
        return line, []
    try:
        return line[: found.start()], shlex.split(line[found.start() :])
    except ValueError:
        raise UsageError("A quotation mark is opened and not closed") from None


def _uses(text: str) -> tuple[Use, ...]:
    groups: list[list[str]] = [[]]
    position = 0
    text = text.strip()
    while position < len(text):
        found = _WORD.match(text, position)
        if found is None:
            raise UsageError("A quotation mark is opened and not closed")
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
            raise UsageError(f"The name of a connection is missing. Write: {USAGE}")
    shown = " ".join(words)
    raise UsageError(
        f"'{shown}' is not NAME or NAME as VAR. Names with blanks go into quotation marks, "
        "names are separated by commas"
    )


def _checked_variable(variable: str) -> str:
    if variable.isidentifier() and not keyword.iskeyword(variable):
        return variable
    raise UsageError(f"'{variable}' cannot be a variable of Python")


def _refuse_twins(uses: tuple[Use, ...]) -> None:
    variables = [use.variable or use.name for use in uses]
    for variable in variables:
        if variables.count(variable) > 1:
            raise UsageError(f"'{variable}' stands there twice. Write: NAME as VAR")


def _options(words: list[str]) -> dict[str, Any]:
    import argparse

    try:
        options, rest = options_parser().parse_known_args(words)
    except argparse.ArgumentError as error:
        options_parser().error(str(error))
    if rest:
        _refuse_rest(rest[0])
    if options.client not in CLIENTS:
        _check_adapter(options.client)
    if not 0 < options.timeout < float("inf"):
        raise UsageError("--timeout takes a number of seconds above 0")
    _check_function(options.function, options.button)
    scopes = tuple(scope for scope in options.require.split(",") if scope)
    return vars(options) | {"require": scopes}


def _check_function(name: str | None, button: str | None) -> None:
    if name is None:
        if button is not None:
            raise UsageError(
                "--button needs --function FNAME: the function that the button runs"
            )
        return
    if not name.isidentifier() or keyword.iskeyword(name):
        raise UsageError(f"'{name}' cannot be the name of a function")
    if hasattr(builtins, name):
        raise UsageError(f"'{name}' is a function of Python. Give yours another name")


def client_names() -> tuple[str, ...]:
    """Return what ``--client`` takes: our own clients, then the adapters."""
    from .adapters import adapter_names

    return (*CLIENTS, *adapter_names(ready=True))


def _check_adapter(name: str) -> None:
    known = client_names()
    if name not in known:
        raise UsageError(
            f"There is no client called '{name}'.{did_you_mean(name, known)} "
            f"There are: {', '.join(known)}"
        )


def _refuse_rest(word: str) -> NoReturn:
    if word.startswith("-"):
        raise UsageError(
            f"%%connection has no option {word}.{did_you_mean(word, OPTIONS)} See %%connection?"
        )
    raise UsageError(f"Names come before options. Write: {USAGE}")
