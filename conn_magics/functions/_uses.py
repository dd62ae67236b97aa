"""``@cm.uses``: a function whose clients are checked, opened and given per call."""

import contextvars
import functools
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar, cast

from conn_core import identifier_from, link_name_from
from conn_core.errors import InvalidInput

from .._holder import HOLDER, Holder
from .._opening import open_client

F = TypeVar("F", bound=Callable[..., Any])
#: What a function carries that uses connections.
MARK: Final = "__connections__"
#: Who lends clients here: a run that can be stopped has some of its own.
LENDER: contextvars.ContextVar[Holder] = contextvars.ContextVar(
    "LENDER", default=HOLDER
)
_BY_NAME: Final = (
    inspect.Parameter.KEYWORD_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A client that each call of a function is given.

    Attributes:
        variable: The parameter that gets it.
        name: The connection.
        client: ``httpx``, ``async`` or an adapter.
        timeout: Seconds for one request.
        require: Scopes without which a call is pointless.
    """

    variable: str
    name: str
    client: str = "httpx"
    timeout: float = 30.0
    require: tuple[str, ...] = ()

    def open(self) -> Any:
        """Check the connection and return its client."""
        return open_client(
            self.name,
            kind=self.client,
            timeout=self.timeout,
            require=self.require,
            holder=LENDER.get(),
        )


def uses(
    *names: str,
    client: str = "httpx",
    timeout: float = 30.0,
    require: Sequence[str] = (),
    **named: str,
) -> Callable[[F], F]:
    """Give a function the clients of connections, each call anew.

    Each call checks first: a function whose connection cannot be used does not run.
    Whoever passes a client by name, such as a test, gets no other.

    Args:
        names: Connections; each is given as its link name made an identifier.
        client: ``httpx``, ``async`` for async functions, or an adapter.
        timeout: Seconds for one request.
        require: Scopes without which a call is pointless.
        named: Connections by the parameter that gets them.

    Raises:
        InvalidInput: If the function has no such parameter.

    Examples:
        >>> @cm.uses("github", slack="team-slack")
        ... def report(repo, *, github, slack): ...
        >>> report("pandas-dev/pandas")
    """
    pairs = [*((variable_of(name), name) for name in names), *named.items()]
    wanted = tuple(
        Wanted(
            variable=variable,
            name=name,
            client=client,
            timeout=timeout,
            require=tuple(require),
        )
        for variable, name in pairs
    )
    return lambda function: giving(function, wanted)


def giving(function: F, wanted: tuple[Wanted, ...]) -> F:
    """Wrap a function so that each call is given its clients.

    Args:
        function: Takes each client by name.
        wanted: The clients.

    Raises:
        InvalidInput: If it does not.
    """
    shown = _without(function, wanted)
    wrapper = _wrapped(function, wanted)
    wrapper.__signature__ = shown
    setattr(wrapper, MARK, (*(wanted_by(function) or ()), *wanted))
    return cast("F", wrapper)  # it takes what the function takes


def wanted_by(function: Any) -> tuple[Wanted, ...] | None:
    """Return what a function is given, None for one that uses no connections."""
    found = getattr(function, MARK, None)
    return found if isinstance(found, tuple) else None


def variable_of(name: str) -> str:
    """Return the parameter that gets the client of a connection.

    Args:
        name: Link name, display name, or ``owner/link_name``.

    Raises:
        InvalidInput: If no identifier can be made of it.
    """
    variable = identifier_from(link_name_from(str(name).rpartition("/")[2]))
    if not variable:
        raise InvalidInput(
            f"No variable can be made of '{name}'",
            "Write @cm.uses(variable='the name')",
        )
    return variable


def _wrapped(function: Callable[..., Any], wanted: tuple[Wanted, ...]) -> Any:
    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def waiting(*args: Any, **given: Any) -> Any:
            __tracebackhide__ = True
            return await function(*args, **_with_clients(wanted, given))

        return waiting

    @functools.wraps(function)
    def calling(*args: Any, **given: Any) -> Any:
        __tracebackhide__ = True
        return function(*args, **_with_clients(wanted, given))

    return calling


def _with_clients(wanted: tuple[Wanted, ...], given: dict[str, Any]) -> dict[str, Any]:
    __tracebackhide__ = True
    missing = [each for each in wanted if each.variable not in given]
    return given | {each.variable: each.open() for each in missing}


def _without(
    function: Callable[..., Any], wanted: tuple[Wanted, ...]
) -> inspect.Signature:
    """Return the signature without the clients, which nobody needs to pass."""
    signature = inspect.signature(function)
    words = signature.parameters
    anything = any(p.kind is p.VAR_KEYWORD for p in words.values())
    for each in wanted:
        found = words.get(each.variable)
        if not (anything if found is None else found.kind in _BY_NAME):
            called = getattr(function, "__name__", "The function")
            raise InvalidInput(
                f"{called}() takes nothing by the name {each.variable}, "
                f"which would be the client of '{each.name}'",
                f"Write def {called}(…, *, {each.variable})",
            )
    hidden = {each.variable for each in wanted}
    kept = [p for name, p in words.items() if name not in hidden]
    return signature.replace(parameters=kept)
