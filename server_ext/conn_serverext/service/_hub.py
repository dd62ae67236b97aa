"""What the hub knows: who a token belongs to, who is here, and in which groups."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from jupyterhub.httpclient import fetch
from jupyterhub.services.auth import HubOAuth
from jupyterhub.utils import make_ssl_context

from conn_core.errors import BrokerUnavailable

#: So long the hub's word about a token counts: a stopped server's token, or that of
#: somebody who was removed, is of no use after that. The hub's own default is 300.
TOKEN_SECONDS: Final = 5
#: And so long what it says of a person: removed there, they are out here within ten.
_MODEL_SECONDS: Final = 8.0
_PATIENCE: Final = 8.0
_MOST_KNOWN: Final = 10_000


def hub_auth() -> HubOAuth:
    """Return what asks the hub, as the hub's environment variables say."""
    cookies = {"samesite": "Lax"}
    return HubOAuth(cache_max_age=TOKEN_SECONDS, cookie_options=cookies)


def silent_hub() -> BrokerUnavailable:
    """Return the error for a hub that does not answer, or refuses to."""
    return BrokerUnavailable(
        "The hub cannot be asked who is here", "Try again, or tell who runs this hub"
    )


class _Known(NamedTuple):
    at: float
    model: Mapping[str, Any] | None


class HubPeople:
    """The people of a hub. Called in threads; the questions are asked on the loop.

    Args:
        auth: What asks the hub; its service needs the scope ``read:users``.
        loop: The loop of the service.
        administrators: Whom the operator named, beside the hub's own administrators.
        groups: Groups whose members are administrators too.
        clock: Never goes back.
    """

    def __init__(
        self,
        auth: HubOAuth,
        loop: asyncio.AbstractEventLoop,
        *,
        administrators: tuple[str, ...] = (),
        groups: tuple[str, ...] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._auth = auth
        self._loop = loop
        self._administrators = frozenset(administrators)
        self._groups = frozenset(groups)
        self._clock = clock
        self._known: dict[str, _Known] = {}

    def is_active(self, name: str) -> bool:
        """Tell whether the hub has such a user."""
        return self._model_of(name) is not None

    def is_known_active(self, name: str) -> bool:
        """Tell whether the hub said so a moment ago."""
        known = self._fresh(name)
        return known is not None and known.model is not None

    def groups_of(self, name: str) -> tuple[str, ...]:
        """Return the groups that the hub has somebody in."""
        model = self._model_of(name)
        return tuple(model.get("groups", ())) if model else ()

    def is_administrator(self, name: str) -> bool:
        """Tell whether the hub or the operator says so; only of who is still here."""
        model = self._model_of(name)
        if model is None:
            return False
        return (
            bool(model.get("admin"))
            or name in self._administrators
            or not self._groups.isdisjoint(model.get("groups", ()))
        )

    def has_administrators(self) -> bool:
        """Say yes: a hub has some."""
        return True

    def _model_of(self, name: str) -> Mapping[str, Any] | None:
        now, known = self._clock(), self._fresh(name)
        if known is not None:
            return known.model
        asking = asyncio.run_coroutine_threadsafe(self._ask(name), self._loop)
        try:
            model = asking.result(_PATIENCE)
        except BrokerUnavailable:
            raise
        except Exception:  # noqa: BLE001 - whatever a network and its client come up with
            asking.cancel()
            raise silent_hub() from None
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known[name] = _Known(now, model)
        return model

    def _fresh(self, name: str) -> _Known | None:
        known = self._known.get(name)
        if known is None or self._clock() - known.at >= _MODEL_SECONDS:
            return None
        return known

    async def _ask(self, name: str) -> Mapping[str, Any] | None:
        answer = await fetch(
            f"{self._auth.api_url.rstrip('/')}/users/{quote(name, safe='')}",
            headers={"Authorization": f"token {self._auth.api_token}"},
            raise_for_status=False,
            **self._certificates(),
        )
        async with answer:  # its connection is kept for the next question
            if answer.status == 404:
                await answer.read()
                return None
            if answer.status != 200:
                raise silent_hub()
            model = await answer.json()
        return model if isinstance(model, dict) else None

    def _certificates(self) -> dict[str, Any]:
        """Return what a hub with ``internal_ssl`` asks for."""
        auth = self._auth
        if not auth.certfile and not auth.keyfile:
            return {}
        return {
            "ssl": make_ssl_context(auth.keyfile, auth.certfile, cafile=auth.client_ca)
        }
