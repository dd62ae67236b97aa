"""Where things are and what the operator allows. Made once, at the edge."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from .errors import InvalidInput

_YES = frozenset({"1", "true", "yes", "on"})
_PORTS = "JUPYTER_CONNECTIONS_ALLOWED_PORTS"


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
        allowed_ports: Ports beside 443 that people's own services may be at.
        key_file: The operator's master key file.
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
    key_file: Path | None = None
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
            key_file=Path(key_file) if key_file else None,
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


def os_user() -> str:
    """Return the account this process runs under, whatever the environment claims.

    Containers often run under a number that has no name.
    """
    if os.name != "posix":
        import getpass  # noqa: PLC0415 - elsewhere it would only cost time

        return getpass.getuser()
    import pwd  # noqa: PLC0415 - exists on POSIX only

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid-{os.getuid()}"
