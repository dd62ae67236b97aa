"""Where things are and what the operator allows. Made once, at the edge."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from ._relay_limits import RelayLimits
from .errors import InvalidInput

_YES = frozenset({"1", "true", "yes", "on"})
_PORTS = "JUPYTER_CONNECTIONS_ALLOWED_PORTS"
_ADMINISTRATORS = "JUPYTER_CONNECTIONS_ADMINISTRATORS"
_SHARE_WITH_EVERYBODY = "JUPYTER_CONNECTIONS_SHARE_WITH_EVERYBODY"
_MOST_CONNECTIONS = "JUPYTER_CONNECTIONS_MOST_CONNECTIONS"
_MOST_SERVICES = "JUPYTER_CONNECTIONS_MOST_SERVICES"
_KEY_HELD = "JUPYTER_CONNECTIONS_KEY_HELD_MINUTES"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a broker is told about its surroundings.

    Attributes:
        data_dir: Our own folder; made with mode 0700. Holds the database and, when
            there is no better place, the key file.
        runtime_dir: Where running servers leave the bearer for their kernels.
        user: As whom a broker opened by this process acts.
        allow_loopback: Services on this machine may be used (the practice service).
        allowed_networks: Internal networks whose authorization servers may be asked,
            such as ``10.20.0.0/16``.
        accept_shared: What others share may be used without agreeing to it first.
        sealed_only: Every connection is sealed: no kernel is lent a token.
        lend_tokens: Others may be lent tokens of connections whose owners lend them;
            such connections are sealed for others otherwise.
        allowed_ports: Ports beside 443 that people's own services may be at.
        administrators: Who looks after this deployment, where no hub says it: they see
            every connection and may stop, seal and hand on each, and use none by that.
        share_with_everybody: People may share a connection with everybody here at once.
            Administrators always may.
        most_connections: How many connections one person may have.
        most_services: How many services one person may describe.
        relay: How much, how long and how often requests are carried for somebody.
        key_file: The operator's master key file.
        key_wrapper: What unwraps the keys of that file, such as ``vault``; None where
            the file holds the keys themselves.
        key_held_minutes: For how long a process goes on with keys that this unwrapped
            once it does not any more.
        use_keyring: The operating system's key store may hold the master key.
        public_url: What this server's own pages start with, as browsers reach it,
            ending in ``connections/``; None where there is no server.
        catalog_paths: Folders or files with more predefined services (TOML).
    """

    data_dir: Path
    runtime_dir: Path
    user: str
    allow_loopback: bool = False
    allowed_networks: tuple[str, ...] = ()
    allowed_ports: tuple[int, ...] = ()
    accept_shared: bool = False
    administrators: tuple[str, ...] = ()
    share_with_everybody: bool = True
    most_connections: int = 1_000
    most_services: int = 100
    sealed_only: bool = False
    lend_tokens: bool = False
    relay: RelayLimits = RelayLimits()  # noqa: RUF009 - frozen
    key_file: Path | None = None
    key_wrapper: str | None = None
    key_held_minutes: int = 60
    use_keyring: bool = True
    public_url: str | None = None
    catalog_paths: tuple[Path, ...] = ()

    @classmethod
    def from_environment(
        cls,
        environ: Mapping[str, str],
        *,
        jupyter_data_dir: str | Path,
        jupyter_runtime_dir: str | Path,
        user: str,
    ) -> Self:
        """Read what the environment says; see the README for the variables."""
        folder = environ.get("JUPYTER_CONNECTIONS_DATA_DIR")
        key_file = environ.get("JUPYTER_CONNECTIONS_KEY_FILE")
        catalog = environ.get("JUPYTER_CONNECTIONS_CATALOG", "")
        networks = environ.get("JUPYTER_CONNECTIONS_ALLOWED_NETWORKS", "")
        return cls(
            data_dir=Path(folder) if folder else Path(jupyter_data_dir) / "connections",
            runtime_dir=Path(jupyter_runtime_dir),
            user=user,
            allow_loopback=_says_yes(environ, "JUPYTER_CONNECTIONS_ALLOW_LOOPBACK"),
            allowed_networks=tuple(networks.replace(",", " ").split()),
            allowed_ports=_ports_in(environ.get(_PORTS, "")),
            accept_shared=_says_yes(environ, "JUPYTER_CONNECTIONS_ACCEPT_SHARED"),
            administrators=_names_in(environ.get(_ADMINISTRATORS, "")),
            share_with_everybody=_says_yes(environ, _SHARE_WITH_EVERYBODY, unsaid="1"),
            most_connections=_number_in(environ, _MOST_CONNECTIONS, unsaid=1_000),
            most_services=_number_in(environ, _MOST_SERVICES, unsaid=100),
            sealed_only=_says_yes(environ, "JUPYTER_CONNECTIONS_SEALED_ONLY"),
            lend_tokens=_says_yes(environ, "JUPYTER_CONNECTIONS_LEND_TOKENS"),
            relay=RelayLimits.from_environment(environ),
            key_file=Path(key_file) if key_file else None,
            key_wrapper=environ.get("JUPYTER_CONNECTIONS_KEY_WRAPPER") or None,
            key_held_minutes=_number_in(environ, _KEY_HELD, unsaid=60, least=1),
            use_keyring=_says_yes(environ, "JUPYTER_CONNECTIONS_KEYRING", unsaid="1"),
            catalog_paths=tuple(Path(p) for p in catalog.split(os.pathsep) if p),
        )


def _says_yes(environ: Mapping[str, str], name: str, *, unsaid: str = "") -> bool:
    return environ.get(name, unsaid).lower() in _YES


def _ports_in(text: str) -> tuple[int, ...]:
    """Read the ports that an operator lists.

    Raises:
        InvalidInput: If one is none.
    """
    words = text.replace(",", " ").split()
    for word in words:
        if not (word.isascii() and word.isdecimal() and 0 < int(word) < 65536):
            raise InvalidInput(
                f"'{word}' among the allowed ports is no port",
                f"Write it like 8443 in {_PORTS}",
            )
    return tuple(map(int, words))


def _names_in(text: str) -> tuple[str, ...]:
    """Read names that an operator lists, parted by commas or blanks."""
    return tuple(text.replace(",", " ").split())


def _number_in(
    environ: Mapping[str, str], name: str, *, unsaid: int, least: int = 0
) -> int:
    """Read how many of something an operator allows.

    Raises:
        InvalidInput: If it is no whole number, or less than makes sense.
    """
    text = environ.get(name, "") or str(unsaid)
    if not (text.isascii() and text.isdecimal()):
        raise InvalidInput(
            f"'{text}' is no whole number", f"Write it like {unsaid} in {name}"
        )
    if int(text) < least:
        raise InvalidInput(
            f"{name} is {text}, and must be {least} at least",
            f"Write it like {unsaid}",
        )
    return int(text)
