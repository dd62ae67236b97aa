"""SQLAlchemy: a database that takes a token, or user and password, of a connection."""

import base64
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from sqlalchemy import event

from conn_core._urls import is_loopback
from conn_core.errors import HostNotAllowed, InvalidInput

from ._context import Context

if TYPE_CHECKING:
    import conn_core

#: Where databases listen that are not told a port; all others are taken for https.
_PORTS: Final = {
    "cockroachdb": 26257,
    "mariadb": 3306,
    "mssql": 1433,
    "mysql": 3306,
    "oracle": 1521,
    "postgresql": 5432,
    "redshift": 5439,
}
#: Options of drivers that lead elsewhere than the address says.
_ELSEWHERE: Final = frozenset(
    {
        "dsn",
        "host",
        "hostaddr",
        "odbc_connect",
        "passfile",
        "port",
        "server",
        "service",
        "servicefile",
        "unix_socket",
    }
)
#: Drivers that would also talk in clear, and what they are told instead.
_ENCRYPTED: Final = {
    "psycopg": {"sslmode": "require"},
    "psycopg2": {"sslmode": "require"},
}
_NOT_ENCRYPTED: Final = frozenset({"disable", "allow", "prefer"})


def sqlalchemy_engine(
    context: Context, *, url: str | sa.URL, **options: Any
) -> sa.Engine:
    """Return an engine that asks for the credential at each new database connection.

    Args:
        context: The connection. Its allowed hosts name the database's host and port.
        url: The address, without a password. The user is the one of the connection
            where it has user and password, else the address names it.
        options: Those of ``sqlalchemy.create_engine``.

    Raises:
        HostNotAllowed: If the address is not one of the connection's hosts.
        InvalidInput: If it holds a password, or the engine would not ask us.
        ConnectionsError: If the connection cannot be used now.
    """
    address = sa.make_url(url)
    _check(address, options, context)
    context.token()  # what is wrong with the connection is said now
    engine = sa.create_engine(address, **options)
    event.listen(engine, "do_connect", _Connecting(context, address))
    return engine


def _check(address: sa.URL, options: dict[str, Any], context: Context) -> None:
    """Raise unless the credential may be sent to this database."""
    name, host = context.link_name, address.host or ""
    if address.password is not None:
        raise InvalidInput(
            f"'{name}' brings its own password, and the address must not hold one"
        )
    if not host:
        raise HostNotAllowed(
            f"'{name}' needs the host of the database in the address. Nothing was sent"
        )
    _refuse_detours(address, options, name)
    port = address.port or _PORTS.get(address.get_backend_name(), 443)
    context.check(f"https://{f'[{host}]' if ':' in host else host}:{port}/")
    asked = {**address.query, **options.get("connect_args", {})}.get("sslmode")
    if not is_loopback(host) and asked in _NOT_ENCRYPTED:
        raise HostNotAllowed(
            f"'{name}' sends its password over an encrypted connection only. "
            "Nothing was sent"
        )


def _refuse_detours(address: sa.URL, options: dict[str, Any], name: str) -> None:
    given = address.query.keys() | options.get("connect_args", {}).keys()
    found = sorted(_ELSEWHERE & given) + ["creator"] * ("creator" in options)
    if found:
        raise HostNotAllowed(
            f"'{name}' connects to the host of the address, and {found[0]} would lead "
            "elsewhere. Nothing was sent"
        )


class _Connecting:
    """Opens database connections with the credential of the moment."""

    def __init__(self, context: Context, address: sa.URL) -> None:
        self._context = context
        self._address = address

    def __call__(
        self, dialect: Any, record: Any, positional: list[Any], named: dict[str, Any]
    ) -> Any:
        del record, positional
        try:
            # No local may hold the password: tracebacks show them.
            return _open(dialect, self._filled(self._context.token()), named)
        except dialect.loaded_dbapi.Error as error:
            problem = error.with_traceback(None)
        raise problem

    def _filled(self, token: "conn_core.AccessToken") -> sa.URL:
        if token.param_prefix != "Basic ":
            return self._address.set(password=token.access_token.reveal())
        user, _, password = (
            base64.b64decode(token.access_token.reveal()).decode().partition(":")
        )
        return self._address.set(username=user, password=password)


def _open(dialect: Any, filled: sa.URL, named: dict[str, Any]) -> Any:
    positional, made = dialect.create_connect_args(filled)
    usual = {} if is_loopback(filled.host or "") else _ENCRYPTED.get(dialect.driver, {})
    return dialect.connect(*positional, **{**usual, **named, **made})
