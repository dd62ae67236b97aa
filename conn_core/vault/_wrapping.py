"""Master keys that somebody else wraps: Vault, or the key management of a cloud.

A wrapper is found by the entry point group ``jupyter_connections.keys``. An entry is a
function without arguments that returns a `KeyWrapper`; it takes its own settings from
where that service's tools take them.
"""

from importlib.metadata import entry_points
from typing import Final, Protocol

from ..errors import ConnectionsError, StoreLocked
from ._key import KEY_BYTES

GROUP: Final = "jupyter_connections.keys"


class KeyWrapper(Protocol):
    """Wraps master keys with a key that never leaves its service.

    Attributes:
        name: The service in words for people, such as ``Vault at vault.example``.
    """

    name: str

    def wrap(self, material: bytes) -> str:
        """Return a key wrapped, in one line of text."""
        ...

    def unwrap(self, blob: str) -> bytes:
        """Return the key that was wrapped."""
        ...


def wrapper_called(name: str) -> KeyWrapper:
    """Make the wrapper of a name.

    Raises:
        StoreLocked: If nobody brings it, or it does not work.
        MissingPackage: If a package that it needs is not installed.
    """
    found = {entry.name: entry for entry in entry_points(group=GROUP)}
    if name not in found:
        known = ", ".join(sorted(found)) or "none"
        raise StoreLocked(
            f"Nothing here wraps keys by the name of '{name[:80]}' (there is: {known})",
            "Name another in JUPYTER_CONNECTIONS_KEY_WRAPPER, or install what brings it",
        )
    try:
        wrapper: KeyWrapper = found[name].load()()
    except ConnectionsError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever another package raises
        raise _did_not(name, "be opened", error) from None
    return wrapper


def wrapped(wrapper: KeyWrapper, material: bytes) -> str:
    """Wrap a key, and make sure that it comes back.

    Raises:
        StoreLocked: If it does not.
    """
    try:
        blob = wrapper.wrap(material)
    except ConnectionsError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever another package raises
        raise _did_not(wrapper.name, "wrap the key", error) from None
    if len(blob.splitlines()) != 1 or unwrapped(wrapper, blob) != material:
        raise StoreLocked(
            f"{wrapper.name} wrapped the key, but does not give the same back. Nothing "
            "was changed"
        )
    return blob


def unwrapped(wrapper: KeyWrapper, blob: str) -> bytes:
    """Unwrap a key.

    Raises:
        StoreLocked: If it cannot be unwrapped now, or never.
    """
    try:
        material = wrapper.unwrap(blob)
    except ConnectionsError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever another package raises
        raise _did_not(wrapper.name, "unwrap the store's key", error) from None
    if len(material) != KEY_BYTES:
        raise StoreLocked(f"What {wrapper.name} unwrapped is no key")
    return material


def _did_not(name: str, what: str, error: Exception) -> StoreLocked:
    # The error's own words may hold what it was given.
    return StoreLocked(
        f"{name} could not {what} ({type(error).__name__})",
        "Mend that, then try again. Servers that run keep their keys for "
        "JUPYTER_CONNECTIONS_KEY_HELD_MINUTES (60)",
    )
