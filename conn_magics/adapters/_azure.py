"""azure-core: a credential for Microsoft's own libraries."""

import time
from typing import TYPE_CHECKING, Any, NoReturn, Self

from azure.core.credentials import AccessToken, AccessTokenInfo

from conn_core.errors import HostNotAllowed

from .._token import refuse_to_serialise
from ._bearer import bearer
from ._by_name import ByName
from ._context import Context

if TYPE_CHECKING:
    import conn_core

#: How long a token is taken for good whose provider does not say, seconds.
_UNKNOWN = 60


def azure_credential(context: Context) -> "ConnectedCredential":
    """Return a ``TokenCredential``, for ``SubscriptionClient(credential=…)`` and the like.

    Microsoft's libraries keep the token and send it to the address that they were
    given. It is refused to those that want one for another service.

    Args:
        context: The connection.

    Raises:
        InvalidInput: If the connection has no bearer token.
    """
    bearer(context, adapter=ConnectedCredential.adapter)
    return ConnectedCredential(context)


class ConnectedCredential(ByName):
    """An Azure credential that asks the broker; it has the shape of ``TokenCredential``.

    Args:
        context: The connection.
    """

    adapter = "azure_credential"

    def __init__(self, context: Context) -> None:
        self.context = context
        self._used: int | None = None

    def get_token(
        self, *scopes: str, claims: str | None = None, **others: Any
    ) -> AccessToken:
        """Return a token for these scopes, if it is one for them.

        Args:
            scopes: What the library needs, such as ``https://vault.azure.net/.default``.
            claims: What an API wants to be in it that was not: another one is obtained.
            others: Tenant and the like; the connection's are used.

        Raises:
            HostNotAllowed: If the scopes are those of another service.
            ConnectionsError: If the connection cannot be used now.
        """
        del others
        lent = self._lent(scopes, claims)
        return _Masked(lent.access_token.reveal(), _ends(lent))

    def get_token_info(
        self, *scopes: str, options: dict[str, Any] | None = None
    ) -> AccessTokenInfo:
        """Return the same with what newer libraries want to know.

        They are told to ask again soon, so that a revocation acts within two minutes.
        """
        lent = self._lent(scopes, (options or {}).get("claims"))
        return _MaskedInfo(
            lent.access_token.reveal(), _ends(lent), refresh_on=int(time.time())
        )

    def close(self) -> None:
        """There is nothing to close."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _lent(
        self, scopes: tuple[str, ...], claims: str | None
    ) -> "conn_core.AccessToken":
        rejected = self._used if claims else None
        lent = bearer(self.context, adapter=self.adapter, rejected=rejected)
        for scope in scopes:
            self._check(scope, lent.scopes)
        self._used = lent.generation
        return lent

    def _check(self, scope: str, granted: tuple[str, ...]) -> None:
        resource = scope.removesuffix("/.default")
        if scope in granted or any(s.startswith(f"{resource}/") for s in granted):
            return
        if "://" not in scope:
            raise HostNotAllowed(
                f"'{self.context.link_name}' has no token for {scope[:100]} "
                f"(it has: {', '.join(granted) or 'no scope'}). Nothing was handed out"
            )
        self.context.check(scope)


class _Masked(AccessToken):
    """A token that does not show itself."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"AccessToken(token=<secret>, expires_on={self.expires_on})"

    def __reduce__(self) -> NoReturn:
        refuse_to_serialise()


class _MaskedInfo(AccessTokenInfo):
    """The same in the newer form."""

    def __repr__(self) -> str:
        return f"AccessTokenInfo(token=<secret>, expires_on={self.expires_on})"

    def __reduce__(self) -> NoReturn:
        refuse_to_serialise()


def _ends(lent: "conn_core.AccessToken") -> int:
    if lent.expires_at is None:
        return int(time.time()) + _UNKNOWN
    return int(lent.expires_at.timestamp())
