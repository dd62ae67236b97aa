"""Logging a browser in with the hub; nothing of it is kept in this process.

The hub's own helper keeps the state of a log-in in memory, so it could only come back
to the replica where it began. Here it is in a signed cookie of the browser, with a name
of its own for each attempt.
"""

import hashlib
import json
import secrets
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from conn_core.errors import NotAllowed

from .._handler import checks_for_itself
from .._pages import PageHandler
from ._identity import HubIdentity

_SECONDS: Final = 600
_LONGEST: Final = 2000


class _LogIn(PageHandler):
    """What both pages of a log-in know."""

    @property
    def hub(self) -> HubIdentity:
        """Return who asks the hub.

        Raises:
            NotAllowed: If this service does not belong to a hub.
        """
        if not isinstance(self.identity_provider, HubIdentity):
            raise NotAllowed(
                "The proxy in front of this service did not say who you are",
                "Come through the proxy's own address",
            )
        return self.identity_provider

    def state_cookie(self, state: str) -> str:
        """Return the name of the cookie of one attempt."""
        mark = hashlib.sha256(state.encode()).hexdigest()[:12]
        return f"connections-log-in-{mark}"

    def attributes(self, seconds: int) -> dict[str, Any]:
        """Return the attributes of that cookie; Lax, because the hub leads back here."""
        return {
            "path": self.root,
            "httponly": True,
            "samesite": "Lax",
            "secure": self.request.protocol == "https",
            "max_age": seconds,
        }


class LogInPage(_LogIn):
    """``login``: from here the browser goes to the hub."""

    @checks_for_itself
    async def get(self) -> None:
        """Begin (RFC 6749 4.1.1, RFC 7636 4.3)."""
        auth = self.hub.hub_auth
        state = secrets.token_urlsafe(24)
        verifier, challenge, method = auth.generate_pkce_code_challenge()
        kept = {"next": self._next, "verifier": verifier}
        self.set_signed_cookie(
            self.state_cookie(state),
            json.dumps(kept),
            expires_days=None,
            **self.attributes(_SECONDS),
        )
        asked = {
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": method,
        }
        self.leave_for(f"{auth.login_url}&{urlencode(asked)}")

    @property
    def _next(self) -> str:
        """Where to go on to: a page of ours, whatever the address says."""
        wanted = self.get_query_argument("next", "")[:_LONGEST]
        parts = urlsplit(wanted)
        is_ours = (
            not parts.scheme
            and not parts.netloc
            and wanted.startswith(self.root)
            and wanted.isprintable()
            and "\\" not in wanted
        )
        return wanted if is_ours else self.root


class LoggedInPage(_LogIn):
    """``oauth_callback``: the hub sends the browser back here."""

    @checks_for_itself
    async def get(self) -> None:
        """Finish, and leave the address with the code (RFC 6749 4.1.3)."""
        auth = self.hub.hub_auth
        name = self.state_cookie(self.get_query_argument("state", ""))
        kept = self.get_signed_cookie(name, max_age_days=_SECONDS / 86_400)
        code = self.get_query_argument("code", "")
        if not kept or not code:
            raise NotAllowed(
                "This log-in was not begun in this browser, or took too long",
                "Open your connections again",
            )
        begun = json.loads(kept)
        token = await auth.token_for_code(
            code, code_verifier=begun["verifier"], sync=False
        )
        self.set_cookie(name, "", **self.attributes(0))
        auth.set_cookie(self, token)
        self.leave_for(begun["next"])
