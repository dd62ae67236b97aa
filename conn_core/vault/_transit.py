"""Vault's transit engine: the master key is wrapped by a key that never leaves Vault.

The address and the token are found as Vault's own tools find them: ``VAULT_ADDR``,
``VAULT_TOKEN``, ``VAULT_NAMESPACE``, ``VAULT_CACERT``, ``~/.vault-token``. An agent that renews the token
writes it into a file, which is read anew for each call.
"""

import base64
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from .._secret import Secret
from ..errors import MissingPackage, StoreLocked

_KEY: Final = "JUPYTER_CONNECTIONS_VAULT_KEY"
_MOUNT: Final = "JUPYTER_CONNECTIONS_VAULT_MOUNT"
_TOKEN_FILE: Final = "JUPYTER_CONNECTIONS_VAULT_TOKEN_FILE"
_SECONDS: Final = 5
_AGAIN: Final = (
    "Servers that run keep their keys for JUPYTER_CONNECTIONS_KEY_HELD_MINUTES (60)"
)


class VaultTransit:
    """Wraps and unwraps by ``transit/encrypt`` and ``transit/decrypt``.

    Args:
        client: Makes a client of hvac.
        key: The name of the key in Vault.
        mount: Where the transit engine is mounted.
        host: Vault's host, for people.
    """

    def __init__(
        self, client: Callable[[], Any], *, key: str, mount: str, host: str
    ) -> None:
        self._client = client
        self._key = key
        self._mount = mount
        self.name = f"Vault at {host} (transit key {key})"

    def wrap(self, material: bytes) -> str:
        """Return a key wrapped, as Vault writes it.

        Raises:
            StoreLocked: If Vault does not do it.
        """
        plaintext = base64.b64encode(material).decode("ascii")
        found = self._asked("encrypt_data", plaintext=plaintext)
        return str(found["ciphertext"])

    def unwrap(self, blob: str) -> bytes:
        """Return the key that was wrapped.

        Raises:
            StoreLocked: If Vault does not do it.
        """
        found = self._asked("decrypt_data", ciphertext=blob)
        return base64.b64decode(found["plaintext"], validate=True)

    def _asked(self, call: str, **content: str) -> Mapping[str, Any]:
        try:
            ask = getattr(self._client().secrets.transit, call)
            answer = ask(name=self._key, mount_point=self._mount, **content)
            data: Mapping[str, Any] = answer["data"]
        except Exception as error:  # noqa: BLE001 - of hvac, requests and the disk
            raise self._locked(error) from None
        return data

    def _locked(self, error: Exception) -> StoreLocked:
        kind = type(error).__name__
        if kind in {"Forbidden", "Unauthorized"}:
            return StoreLocked(
                f"{self.name} refuses us ({kind})",
                "Run vault token lookup. Give the token update rights on "
                f"{self._mount}/encrypt/{self._key} and "
                f"{self._mount}/decrypt/{self._key}. {_AGAIN}",
            )
        if kind in {"InvalidRequest", "InvalidPath"}:
            return StoreLocked(
                f"{self.name} has no such key any more, or it is disabled ({kind})",
                f"Run vault read {self._mount}/keys/{self._key}, and enable it. {_AGAIN}",
            )
        return StoreLocked(
            f"{self.name} does not answer ({kind})",
            f"Run vault status. Start or unseal it, then try again. {_AGAIN}",
        )


def vault_transit(environ: Mapping[str, str] = os.environ) -> VaultTransit:
    """Make the wrapper that the environment describes.

    Raises:
        MissingPackage: If hvac is not installed.
        StoreLocked: If no address is named.
    """
    try:
        import hvac  # noqa: PLC0415 - an extra, and half a second
    except ImportError:
        raise MissingPackage(
            "Keys wrapped by Vault need the hvac package",
            "Run %pip install 'jupyter-connections[vault]'",
        ) from None
    address = environ.get("VAULT_ADDR", "")
    host = urlsplit(address).hostname
    if host is None:
        raise StoreLocked(
            "VAULT_ADDR does not name Vault's address",
            "Set it, such as VAULT_ADDR=https://vault.example:8200",
        )

    def client() -> Any:
        token = _token(environ)
        return hvac.Client(
            url=address,
            token=None if token is None else token.reveal(),
            namespace=environ.get("VAULT_NAMESPACE"),
            timeout=_SECONDS,
        )

    return VaultTransit(
        client,
        key=environ.get(_KEY, "jupyter-connections"),
        mount=environ.get(_MOUNT, "transit"),
        host=host,
    )


def _token(environ: Mapping[str, str]) -> Secret | None:
    """Return what an agent wrote; None where hvac finds its own."""
    file = environ.get(_TOKEN_FILE)
    return Secret(Path(file).read_text().strip()) if file else None
