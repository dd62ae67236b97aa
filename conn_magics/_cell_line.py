"""Read what follows ``%%connection``: names, variables, options. Nothing is evaluated."""

import builtins
import keyword
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from conn_core.jobs import USAGE, Mistyped, Use, names_and_options

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
_WHAT_HAPPENS: Final = """\
The client is bound to the link name made an identifier (finance-sheet gives
finance_sheet), or to VAR. The cell does not run when a connection cannot be used.
Example:"""


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
    try:
        uses, options = names_and_options(line)
    except Mistyped as error:
        raise UsageError(str(error)) from None
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
