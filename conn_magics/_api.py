"""``import conn_magics as cm``: the verbs as functions, and clients."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ._connection import Connection, handle_of
from ._desk import Desk
from ._holder import HOLDER
from ._opening import open_client
from ._unattended import needs_person_explained
from ._views import ListView, View
from ._words import key_of

if TYPE_CHECKING:
    import conn_core
    from conn_core._values import AskedWay, Group, Status


def connect(
    name: str,
    *,
    client: str = "httpx",
    timeout: float = 30.0,
    require: Sequence[str] = (),
) -> Any:
    """Return a client of a connection: base URL set, token kept fresh.

    Args:
        name: Link name or display name.
        client: ``httpx`` for an ``httpx.Client``, ``async`` for an ``httpx.AsyncClient``,
            or an adapter such as ``requests`` or ``gspread``.
        timeout: Seconds for one request.
        require: Scopes without which it is pointless.

    Raises:
        ConnectionsError: If the connection cannot be used now.
    """
    return open_client(name, kind=client, timeout=timeout, require=tuple(require))


def get(name: str) -> Connection:
    """Return a connection: status, service, scopes, account, clients.

    Args:
        name: Link name or display name.

    Raises:
        ConnectionNotFound: If there is none of this name.
    """
    return handle_of(HOLDER.broker.connection(name))


def list(  # noqa: A001 - `cm.list()` is the public name
    pattern: str = "",
    *,
    group: "Group | None" = None,
    service: str | None = None,
    status: "Status | None" = None,
) -> ListView[Connection]:
    """List connections; shows itself as a table.

    Args:
        pattern: Part of a name.
        group: ``my``, ``organisation`` or ``internal``; ``all`` that there are, as an
            administrator.
        service: Only of this service.
        status: Only with this status.
    """
    from ._verbs._listing import list_connections

    return list_connections(
        Desk(), pattern=pattern, group=group, service=service, status=status
    )


def create(
    service: str,
    *,
    name: str = "",
    scopes: Sequence[str] | None = None,
    use_login_user: bool = False,
    parameters: Mapping[str, str] | None = None,
    shared_with: Sequence[str] | None = None,
    secret: Mapping[str, str] | None = None,
    sealed: bool = False,
    lend_token: bool = False,
    rules: Mapping[str, Sequence[str]] | None = None,
) -> Connection:
    """Create a connection; authorize it next.

    Args:
        service: The service's id.
        name: What people read; the service's name when empty.
        scopes: What to ask for; the service's usual ones when absent.
        use_login_user: Each person authorizes and uses their own credentials.
        parameters: Values the service needs, such as a sub-domain.
        shared_with: Who else may use it: ``*`` (everybody here), ``user:NAME`` or
            ``group:NAME`` each; nobody when empty. Everybody here when it is not said,
            where the operator lets people share so.
        secret: What proves who you are, where no page is opened: ``{"api_key": …}``,
            ``{"username": …, "password": …}``. It is connected at once then. Read it
            from where it is kept, such as ``getpass.getpass()``: what is written in a
            cell is in the notebook.
        sealed: The token stays with the broker, and requests go through it.
        lend_token: Others may be lent the token, where the operator allows it, too.
        rules: Which requests it may be used for: ``{"methods": ["GET"], "paths":
            ["/v2/orders"]}``, both or one of them. It is sealed then.

    Raises:
        ConnectionsError: If it cannot be created; then nothing was stored.
    """
    from conn_core import ConnectionDraft, read_draft

    shared = {} if shared_with is None else {"shared_with": [*shared_with]}
    draft = read_draft(
        ConnectionDraft,
        {
            "service": service,
            "name": name,
            "scopes": scopes,
            "use_login_user_credentials": use_login_user,
            "parameters": dict(parameters or {}),
            "secret": dict(secret or {}),
            "exposure": "sealed" if sealed else None,
            "lend_token": lend_token,
            "rules": None if rules is None else dict(rules),
        }
        | shared,
    )
    return handle_of(HOLDER.broker.create(draft))


def authorize(
    name: str,
    *,
    flow: "AskedWay" = "auto",
    secret: Mapping[str, str] | None = None,
    wait: bool = False,
    timeout: float | None = None,
) -> View | None:
    """Authorize a connection: in the browser, by a code, or by what you type.

    Args:
        name: Link name or display name.
        flow: ``browser``, ``device`` (a code on another device), ``paste`` (bring back
            the address that the browser was sent to); ``auto`` chooses and says why.
        secret: What proves who you are, where no page is opened; asked for when absent.
        wait: Wait until it is done.
        timeout: Seconds to wait; 300, or as long as a code works, when absent.

    Returns:
        The link to open, or how it ended; None where a form was shown.

    Raises:
        InteractionRequired: If somebody is needed and nobody is there.
    """
    from ._verbs import _making

    return _making.authorize(
        Desk(), name=name, flow=flow, secret=secret, wait=wait, timeout=timeout
    )


def edit(
    name: str, *, new_name: str | None = None, scopes: Sequence[str] | None = None
) -> Connection:
    """Change the name or the scopes of a connection.

    Args:
        name: Link name or display name.
        new_name: A new display name; the link name stays.
        scopes: Exactly these scopes; they need consent when there are new ones.

    Raises:
        NotEditable: If anything else is asked for.
        VersionConflict: If somebody else changed it at the same moment.
    """
    from conn_core import ConnectionEdit, read_draft

    before = HOLDER.broker.connection(name)
    change = read_draft(ConnectionEdit, {"name": new_name, "scopes": scopes})
    after = HOLDER.broker.edit(key_of(before), change, version=before.version)
    return handle_of(after)


def test(name: str, *, timeout: float = 10.0) -> "conn_core.TestResult":  # noqa: PT028 - no test of pytest's
    """Make one harmless call; never changes a token.

    Args:
        name: Link name or display name.
        timeout: Seconds to wait for the answer.
    """
    with needs_person_explained(name):
        result: conn_core.TestResult = HOLDER.broker.test(name, timeout=timeout)
    return result


def refresh(name: str) -> Connection:
    """Obtain a new access token now.

    Args:
        name: Link name or display name.
    """
    with needs_person_explained(name):
        return handle_of(HOLDER.broker.refresh(name))


def snippet(name: str, *, library: str = "httpx") -> str:
    """Return code to copy that uses a connection; it holds no secret.

    Args:
        name: Link name or display name.
        library: What the code is for; ``%conn snippet --help`` lists them.
    """
    from conn_core import snippet as code_for

    facts = HOLDER.broker.connection(name)
    service = HOLDER.broker.service(facts.service)
    return code_for(facts, library=library, service=service)


def log(name: str | None = None, *, limit: int = 20) -> "ListView[conn_core.AuditLine]":
    """Return who used, refreshed, changed or revoked a connection; newest first.

    Args:
        name: Link name or display name; None for everything that concerns you.
        limit: How many lines.
    """
    from ._verbs import _details

    return _details.log(Desk(), name=name, limit=limit)


def ui() -> View | None:
    """Open the panel with all connections."""
    from ._verbs import _about

    return _about.ui(Desk())


@contextmanager
def override(
    name: str, *, token: str, base_url: str = "", hosts: Sequence[str] = ()
) -> Iterator[None]:
    """Answer for one connection with a fixed token: for unit tests.

    Within the block the connection exists and is connected, whatever the store says;
    all others are as ever.

    Args:
        name: The link name.
        token: What requests carry. Not a real one: it stands in your test.
        base_url: What relative addresses are relative to; that of the connection, or
            of the service of this name, when empty.
        hosts: Where it may be sent; the host of ``base_url`` when empty.

    Examples:
        >>> with cm.override("github", token="test", base_url="http://127.0.0.1:9000"):
        ...     cm.connect("github").get("/user")
    """
    from ._override import OverridingBroker

    broker = OverridingBroker(
        HOLDER, name, token=token, base_url=base_url, hosts=tuple(hosts)
    )
    with HOLDER.using(broker):
        yield
