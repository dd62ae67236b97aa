"""Where this server is: for its own kernels, and for browsers.

Neither is ever read from a request: whoever writes a ``Host`` header would choose
where a provider sends people's browsers.
"""

from typing import Any
from urllib.parse import urlsplit

#: The three spellings of this machine that browsers are sent to.
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})
_ANY_ADDRESS = frozenset({"", "*", "0.0.0.0", "localhost"})  # noqa: S104 - what operators write, not where we listen


def address_of(server: Any) -> str | None:
    """Return where this extension is reached on the machine of the server.

    ``127.0.0.1`` rather than ``localhost`` (RFC 8252 8.3): it means one thing only.

    Args:
        server: The running ``ServerApp``; its port is final once it listens.

    Returns:
        An address ending in ``connections/``; None when the server listens on a Unix
        socket, where no browser can come back to.
    """
    if server.sock:
        return None
    if server.ip in _ANY_ADDRESS:
        host = "127.0.0.1"
    else:
        host = "::1" if server.ip == "::" else server.ip
    shown = f"[{host}]" if ":" in host else host
    scheme = "https" if server.certfile else "http"
    return f"{scheme}://{shown}:{server.port}{server.base_url}connections/"


def is_other_spelling(host: str, *, public_url: str) -> bool:
    """Tell whether a ``Host`` header names this machine in another way than we do."""
    asked, ours = urlsplit(f"//{host}"), urlsplit(public_url)
    return (
        asked.hostname != ours.hostname
        and asked.hostname in LOOPBACK_HOSTS
        and ours.hostname in LOOPBACK_HOSTS
    )


def is_elsewhere(host: str, *, public_url: str) -> bool:
    """Tell whether a browser at ``host`` would not find its way back to ``public_url``.

    Only for an address that was worked out, not set by the operator: a proxy in
    between may well change the ``Host`` header.
    """
    asked, ours = urlsplit(f"//{host}"), urlsplit(public_url)
    same_machine = asked.hostname == ours.hostname or is_other_spelling(
        host, public_url=public_url
    )
    return not same_machine or _port(asked.netloc, ours.scheme) != ours.port


def _port(netloc: str, scheme: str) -> int | None:
    try:
        port = urlsplit(f"//{netloc}").port
    except ValueError:
        return None
    return port or (443 if scheme == "https" else 80)
