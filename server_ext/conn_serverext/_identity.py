"""Who is the user.

Jupyter Server's default identity provider makes a new anonymous user for each
request: nothing can be keyed on it, and everybody who can log in is the person who
runs the server anyway.
"""

import hashlib
from collections.abc import Mapping
from functools import cache
from typing import Any

from jupyter_server.auth.identity import (
    IdentityProvider,
    LegacyIdentityProvider,
    User,
)

_MOST_CHARACTERS = 256
_WHAT_NAMES_PEOPLE = (
    "get_user",
    "get_user_token",
    "get_user_cookie",
    "generate_anonymous_user",
)


def names_people(provider: Any) -> bool:
    """Tell whether an identity provider knows who somebody is.

    Jupyter's own three do not: they know that somebody may come in.
    """
    if isinstance(provider, LegacyIdentityProvider):
        return False
    return any(
        getattr(type(provider), name) is not getattr(IdentityProvider, name)
        for name in _WHAT_NAMES_PEOPLE
    )


def owner_of(provider: Any, *, environ: Mapping[str, str], os_user: str) -> str:
    """Return as whom the kernels, terminals and jobs of this server act.

    On a hub that is the hub's user, whatever the account in the container is called.
    """
    on_hub = names_people(provider) and environ.get("JUPYTERHUB_USER")
    return on_hub or os_user


def person_of(user: Any, *, provider: Any, owner: str) -> str:
    """Return who is asking.

    Args:
        user: Whom the server let in.
        provider: Who let them in.
        owner: The person who runs this server.
    """
    if isinstance(provider, KernelIdentity) or not names_people(provider):
        return owner
    return _short(str(user.username))


def _short(name: str) -> str:
    """Keep names of any length apart, and out of the way of logs."""
    if len(name) <= _MOST_CHARACTERS:
        return name
    mark = hashlib.sha256(name.encode()).hexdigest()
    return f"{name[: _MOST_CHARACTERS - len(mark) - 1]}-{mark}"


class KernelIdentity(IdentityProvider):  # type: ignore[misc]  # untyped base
    """Whoever shows the bearer of this server's own handle file.

    Only processes of the account that runs the server can read that file. It comes in
    an ``Authorization`` header, so a browser never sends it by itself, and there is no
    cross-site request to forge.

    Args:
        owner: As whom these processes act.
    """

    def __init__(self, owner: str) -> None:
        super().__init__()
        self._owner = owner

    def get_user(self, handler: Any) -> User:  # noqa: ARG002 - the base decides
        """Return the owner of the server."""
        return User(username=self._owner)

    def is_token_authenticated(self, handler: Any) -> bool:  # noqa: ARG002 - as above
        """Say that this is no browser's cookie."""
        return True


class JobIdentity(IdentityProvider):  # type: ignore[misc]  # untyped base
    """Whoever shows a grant: its owner, held to what the grant names.

    It comes in an ``Authorization`` header, as with ``KernelIdentity``; whatever cookies
    come beside it do not count.
    """

    async def get_user(self, handler: Any) -> User:
        """Return the grant's owner, and give the handler what acts for the job.

        Raises:
            GrantEnded: If the grant is unknown, expired or revoked.
        """
        bearer, place = handler.shown_bearer, handler.place
        handler.job_broker = await handler.with_core(
            lambda core: core.acting_for_grant(bearer, place=place)
        )
        return User(username=handler.job_broker.status().user)

    def is_token_authenticated(self, handler: Any) -> bool:  # noqa: ARG002 - the base decides
        """Say that this is no browser's cookie."""
        return True


@cache
def job_identity() -> JobIdentity:
    """Return the one that asks the core; it keeps nothing."""
    return JobIdentity()
