"""Open the connections of a cell: check first, then bind all clients or none."""

import builtins
import sys
from collections.abc import Sequence
from types import FrameType
from typing import TYPE_CHECKING, Any

from conn_core import identifier_from
from conn_core.jobs import Use

from ._cell_line import CLIENTS, CellLine, read_cell_line
from ._holder import HOLDER, Holder
from ._surroundings import running_shell
from ._unattended import needs_person_explained

if TYPE_CHECKING:
    from conn_core.broker import Broker

#: Name, kind, timeout and needed scopes: what makes one client another.
ClientKey = tuple[str, str, float, tuple[str, ...]]


def open_cell(
    line: str, *, alone: bool = False, cell: tuple[str, str] | None = None
) -> None:
    """Bind the clients that the first line of a ``%%connection`` cell names.

    Cells call this: the first line is rewritten into it.

    Args:
        line: What follows ``%%connection``; nothing in it is evaluated.
        alone: There is no body: say that the connections are ready.
        cell: The body as IPython runs it, and the name tracebacks know it by; that of
            the calling cell when absent. ``--function`` makes it a function.

    Raises:
        UsageError: If the line is mistyped.
        ConnectionsError: If a connection cannot be used; then nothing is bound.
    """
    order = read_cell_line(line)
    opened = [_opened(use, order) for use in order.uses]
    variables = [variable for variable, _ in opened]
    function = None
    if order.function is not None:
        function = _defined(order, variables, cell or sys._getframe(1))  # noqa: SLF001 - a cell is known by nothing else
    _bind(opened, quiet=order.quiet)
    if function is not None:
        from .functions._showing import show_button_of

        show_button_of(order, function)
    if order.quiet:
        return
    if alone:
        _say_ready(order, variables)
    _say_what_needs_attention()


def _say_what_needs_attention() -> None:
    for note in HOLDER.attention.notes(HOLDER.broker):
        print(f"Note: {note}")  # noqa: T201 - a notice for people


def _bind(opened: Sequence[tuple[str, Any]], *, quiet: bool) -> None:
    names: dict[str, Any] = running_shell().user_ns
    for variable, client in opened:
        if not quiet:
            old = names.get(variable, getattr(builtins, variable, None))
            _say_what_it_hides(old, client, variable)
        names[variable] = client


def _defined(
    order: CellLine, variables: Sequence[str], cell: tuple[str, str] | FrameType
) -> Any:
    from .functions._from_cell import define, written_in

    source, filename = written_in(cell) if isinstance(cell, FrameType) else cell
    names: dict[str, Any] = running_shell().user_ns
    return define(
        order, variables=variables, source=source, filename=filename, names=names
    )


def open_client(
    name: str,
    *,
    kind: str = "httpx",
    timeout: float = 30.0,
    require: Sequence[str] = (),
    holder: Holder = HOLDER,
) -> Any:
    """Check a connection and return a client that uses it.

    The same client is returned again while it is open: building one costs a TLS
    context. It holds no secret and asks for a token itself, so that a revocation
    acts on its next call.

    Args:
        name: Link name or display name.
        kind: ``httpx``, ``async`` or the name of an adapter.
        timeout: Seconds for one request.
        require: Scopes without which the call is pointless.
        holder: Lends the broker.

    Returns:
        The client, or what the adapter makes: a new one each time.

    Raises:
        ConnectionsError: If the connection cannot be used now.
    """
    key = (name, kind, timeout, tuple(require))
    with needs_person_explained(name):
        if kind not in CLIENTS:
            return _adapted(holder, key)
        if (client := _still_good(holder, key)) is None:
            client = _new_client(holder.broker, key)
            holder.clients[key] = client
    return client


def _still_good(holder: Holder, key: ClientKey) -> Any:
    """Ask the broker about a client made earlier; None when there has to be a new one."""
    client = holder.clients.get(key)
    if client is None or client.is_closed:
        return None
    token = holder.broker.access_token(client.link_name, require=key[3])
    # Deleted and made again for another service, it has the name only in common.
    same_place = str(client.base_url).rstrip("/") == token.api_base_url.rstrip("/")
    return client if same_place else None


def _new_client(broker: "Broker", key: ClientKey) -> Any:
    from conn_core.http import connected_async_client, connected_client

    name, kind, timeout, require = key
    build = connected_async_client if kind == "async" else connected_client
    return build(broker, name, timeout=timeout, require=require)


def _adapted(holder: Holder, key: ClientKey) -> Any:
    from .adapters import Context, open_adapter

    name, kind, timeout, require = key
    link_name = holder.broker.connection(name).link_name
    context = Context(link_name, timeout=timeout, require=require, holder=holder)
    return open_adapter(kind, context)


def _opened(use: Use, order: CellLine) -> tuple[str, Any]:
    client = open_client(
        use.name, kind=order.client, timeout=order.timeout, require=order.require
    )
    return use.variable or identifier_from(_link_name(use.name, client)), client


def _link_name(name: str, client: Any) -> str:
    """Return what code writes for a connection that may be called by its display name."""
    known = getattr(client, "link_name", None)
    return known or HOLDER.broker.connection(name).link_name


def _say_what_it_hides(old: Any, client: Any, variable: str) -> None:
    if old is None or type(old) is type(client) or _is_a_client(old):
        return
    print(  # noqa: T201 - a notice for people
        f"Note: {variable} was something else ({type(old).__name__}), and is the client now. "
        f"Write '{variable} as NAME' to keep it"
    )


def _is_a_client(old: Any) -> bool:
    """Tell whether a variable holds what an earlier cell bound."""
    return hasattr(old, "is_closed") or type(old).__module__.startswith("conn_magics.")


def _say_ready(order: CellLine, variables: Sequence[str]) -> None:
    for use, variable in zip(order.uses, variables, strict=True):
        print(f"'{use.name}' is ready: use it as {variable}")  # noqa: T201 - as above
