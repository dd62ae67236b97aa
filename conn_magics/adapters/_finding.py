"""Find adapters by name: those that ship, and those of other packages."""

import inspect
from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final, Protocol

from conn_core import closest
from conn_core.errors import InvalidInput, MissingPackage, NotFound

from .._unattended import needs_person_explained
from ._context import Context

GROUP: Final = "jupyter_connections.adapters"
_OURS: Final = "conn_magics."
#: They want an argument, or return nothing that makes requests.
_NEEDING_MORE: Final = frozenset({"headers", "sqlalchemy_engine", "storage_options"})
#: Where the name that is imported is not the name that is installed.
_INSTALLED_AS: Final = {
    "azure": "azure-core",
    "github": "PyGithub",
    "google": "google-auth",
    "notion_client": "notion-client",
}


class Adapter(Protocol):
    """A function that makes an object of some library from a connection.

    Its further parameters are keyword-only; one without a default has to be given.
    """

    def __call__(self, context: Context, /, **options: Any) -> Any:
        """Return the object."""
        ...


def adapter_names(*, ready: bool = False) -> tuple[str, ...]:
    """Return the names of all adapters that are installed, sorted.

    Args:
        ready: Only those that need nothing but a connection, for ``--client``; those
            whose library is missing are among them, so that the error can say so.
    """
    names = {entry.name for entry in entry_points(group=GROUP)}
    return tuple(sorted(names - _NEEDING_MORE if ready else names))


def find_adapter(name: str) -> Adapter:
    """Return an adapter; its library is imported here.

    Args:
        name: Its name.

    Raises:
        NotFound: If there is none of this name.
        MissingPackage: If its library is not installed.
    """
    entry = _chosen(entry_points(group=GROUP, name=name))
    if entry is None:
        known = adapter_names()
        guess = closest(name, known)
        raise NotFound(
            f"There is no adapter called '{name[:60]}'",
            f"Did you mean '{guess}'?" if guess else f"There are: {', '.join(known)}",
        )
    try:
        found: Adapter = entry.load()
    except ModuleNotFoundError as error:
        raise _missing(name, error) from None
    return found


def open_adapter(name: str, context: Context, /, **options: Any) -> Any:
    """Return what an adapter makes of a connection.

    Args:
        name: The adapter.
        context: The connection.
        options: What the adapter takes beside it.

    Raises:
        NotFound: If there is no such adapter.
        MissingPackage: If its library is not installed.
        InvalidInput: If it takes other options, or cannot be used with the connection.
        ConnectionsError: If the connection cannot be used now.
    """
    make = find_adapter(name)
    try:
        inspect.signature(make).bind(context, **options)
    except TypeError as error:
        raise InvalidInput(f"Adapter '{name}': {error}") from None
    with needs_person_explained(context.link_name):
        return make(context, **options)


def _chosen(entries: Iterable[EntryPoint]) -> EntryPoint | None:
    """Ours first: no other package takes the place of an adapter that ships."""
    found = sorted(entries, key=lambda entry: not entry.value.startswith(_OURS))
    return found[0] if found else None


def _missing(name: str, error: ModuleNotFoundError) -> MissingPackage:
    module = (error.name or name).partition(".")[0]
    package = _INSTALLED_AS.get(module, module)
    return MissingPackage(
        f"Adapter '{name}' needs the {package} package",
        f"Run %pip install {package}",
    )
