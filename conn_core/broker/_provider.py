"""The way out: what the core needs of ``conn_core.http``."""

from collections.abc import Mapping
from typing import Any, Protocol


class Provider(Protocol):
    """Sends requests to authorization servers; returns whatever they answer."""

    def post_form(
        self, url: str, fields: Mapping[str, str], *, headers: Mapping[str, str]
    ) -> Any:
        """Send a form and return ``status``, ``headers`` and ``body``."""
        ...

    def get(
        self, url: str, *, headers: Mapping[str, str], timeout: float | None = None
    ) -> Any:
        """Fetch an address and return ``status``, ``headers`` and ``body``."""
        ...

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        content: bytes,
        timeout: float | None = None,
    ) -> Any:
        """Send any request and return ``status``, ``headers`` and ``body``."""
        ...

    def close(self) -> None:
        """Close what is open."""
        ...
