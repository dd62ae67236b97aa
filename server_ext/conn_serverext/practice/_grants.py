"""The authorization server's memory: codes, tokens, and the consents behind them.

Does no I/O. Codes and tokens are kept as digests: what is not there cannot be shown.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from conn_core import Secret

from ._counters import Counters
from ._people import MACHINE

CODE_SECONDS: Final = 60
REFRESH_SECONDS: Final = 30 * 24 * 3600
_VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}")


class TokenRefused(Exception):
    """A token request that is answered with an error (RFC 6749 5.2).

    Attributes:
        error: The protocol's word.
        description: A sentence for whoever writes the client.
    """

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


@dataclass(slots=True, kw_only=True, eq=False)
class Grant:
    """One consent. Its codes and tokens are one family: they end together."""

    person: str
    scopes: tuple[str, ...]
    ended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Code:
    grant: Grant
    redirect_uri: str
    challenge: str
    expires_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refresh:
    grant: Grant
    expires_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What an access token allows."""

    grant: Grant
    scopes: tuple[str, ...]
    expires_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What the token endpoint answers (RFC 6749 5.1)."""

    access_token: Secret
    refresh_token: Secret | None
    expires_in: int
    scopes: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class Grants:
    """Issues codes and tokens, and ends them.

    Attributes:
        access_token_seconds: How long an access token works.
        refresh_tokens: Whether there are refresh tokens at all.
        clock: Seconds since 1970.
        new_token: Makes what nobody can guess.
        watch: Is told every code and token that is given out.
    """

    access_token_seconds: int
    refresh_tokens: bool
    clock: Callable[[], float]
    new_token: Callable[[], str]
    watch: Callable[[str], None]
    counters: Counters
    _codes: dict[str, _Code] = field(default_factory=dict, repr=False)
    _refresh: dict[str, _Refresh] = field(default_factory=dict, repr=False)
    _access: dict[str, Access] = field(default_factory=dict, repr=False)
    _spent: dict[str, Grant] = field(default_factory=dict, repr=False)

    def issue_code(
        self,
        person: str,
        *,
        scopes: Sequence[str],
        redirect_uri: str,
        challenge: str,
    ) -> str:
        """Return a code for a consent (RFC 6749 4.1.2), good once, for a minute."""
        self._forget_expired()
        self.counters.codes += 1
        code = self._issued("pc_")
        self._codes[_digest(code)] = _Code(
            grant=Grant(person=person, scopes=tuple(scopes)),
            redirect_uri=redirect_uri,
            challenge=challenge,
            expires_at=self.clock() + CODE_SECONDS,
        )
        return code

    def exchange(self, code: str, *, redirect_uri: str, verifier: str) -> Tokens:
        """Turn a code into tokens (RFC 6749 4.1.3, RFC 7636 4.6).

        Raises:
            TokenRefused: If the code, its redirect address or its verifier is wrong.
                The code is spent then, too.
        """
        self._refuse_replay(code)
        found = self._codes.pop(_digest(code), None)
        if found is None or found.expires_at <= self.clock():
            raise TokenRefused("invalid_grant", "The code is unknown or has expired")
        self._spent[_digest(code)] = found.grant
        reason = _mismatch(found, redirect_uri=redirect_uri, verifier=verifier)
        if reason:
            found.grant.ended = True
            raise TokenRefused("invalid_grant", reason)
        self.counters.codes_exchanged += 1
        return self._issue(found.grant, found.grant.scopes)

    def refresh(self, token: str, *, scopes: Sequence[str] | None) -> Tokens:
        """Turn a refresh token into new tokens; it is spent by that (RFC 9700 4.14.2).

        Args:
            token: The refresh token.
            scopes: Fewer scopes for the access token; None keeps all (RFC 6749 6).

        Raises:
            TokenRefused: If it is no longer good, or more scopes are asked for.
        """
        self._refuse_replay(token)
        found = self._refresh.get(_digest(token))
        if found is None or found.grant.ended or found.expires_at <= self.clock():
            told = "The refresh token is unknown, ended or has expired"
            raise TokenRefused("invalid_grant", told)
        wanted = found.grant.scopes if scopes is None else tuple(scopes)
        if not set(wanted) <= set(found.grant.scopes):
            told = "More was asked for than the person allowed"
            raise TokenRefused("invalid_scope", told)
        del self._refresh[_digest(token)]
        self._spent[_digest(token)] = found.grant
        self.counters.refreshes += 1
        return self._issue(found.grant, wanted)

    def for_an_application(self, scopes: Sequence[str]) -> Tokens:
        """Return a token for the application itself; nobody consents (RFC 6749 4.4.3).

        There is no refresh token: it can ask again whenever it likes.
        """
        grant = Grant(person=MACHINE, scopes=tuple(scopes))
        return self._issue(grant, grant.scopes, renewable=False)

    def revoke(self, token: str) -> None:
        """Take a token back (RFC 7009 2.1); an unknown one is fine.

        A refresh token takes the whole grant with it, an access token only itself.
        """
        mark = _digest(token)
        if self._access.pop(mark, None) is not None:
            self.counters.revocations += 1
            return
        found = self._refresh.get(mark)
        if found is not None:
            self.counters.revocations += 1
            self.end(found.grant)

    def find(self, token: str) -> Access | None:
        """Return what an access token allows; None when it is not good now."""
        found = self._access.get(_digest(token))
        if found is None or found.grant.ended or found.expires_at <= self.clock():
            return None
        return found

    def end(self, grant: Grant) -> None:
        """End a grant: no code or token of it works any more."""
        grant.ended = True
        self._forget_expired()

    def end_all(self) -> None:
        """End every grant, as if everybody had taken the access away."""
        known = [code.grant for code in self._codes.values()]
        known += [refresh.grant for refresh in self._refresh.values()]
        known += [access.grant for access in self._access.values()]
        for grant in known:
            grant.ended = True
        self._forget_expired()

    def expire_all_access_tokens(self) -> None:
        """End every access token early; refresh tokens stay good."""
        self._access.clear()

    def _issue(
        self, grant: Grant, scopes: tuple[str, ...], *, renewable: bool = True
    ) -> Tokens:
        now = self.clock()
        self._forget_expired()
        access = self._issued("pa_")
        self._access[_digest(access)] = Access(
            grant=grant, scopes=scopes, expires_at=now + self.access_token_seconds
        )
        renewable = renewable and self.refresh_tokens
        refresh = self._issued("pr_") if renewable else None
        if refresh is not None:
            self._refresh[_digest(refresh)] = _Refresh(
                grant=grant, expires_at=now + REFRESH_SECONDS
            )
        return Tokens(
            access_token=Secret(access),
            refresh_token=None if refresh is None else Secret(refresh),
            expires_in=self.access_token_seconds,
            scopes=scopes,
        )

    def _issued(self, prefix: str) -> str:
        token = prefix + self.new_token()
        self.watch(token)
        return token

    def _refuse_replay(self, token: str) -> None:
        """End the family of a code or refresh token that comes a second time."""
        grant = self._spent.get(_digest(token))
        if grant is None:
            return
        if not grant.ended:
            self.counters.families_revoked += 1
            self.end(grant)
        told = "It was used before, so everything from the same consent has ended"
        raise TokenRefused("invalid_grant", told)

    def _forget_expired(self) -> None:
        now = self.clock()
        stores: tuple[dict[str, Any], ...] = (self._codes, self._refresh, self._access)
        for kept in stores:
            over = [k for k, v in kept.items() if v.grant.ended or v.expires_at <= now]
            for mark in over:
                del kept[mark]
        for mark in [k for k, grant in self._spent.items() if grant.ended]:
            del self._spent[mark]


def _mismatch(code: _Code, *, redirect_uri: str, verifier: str) -> str:
    if redirect_uri != code.redirect_uri:
        return "The redirect address is not the one the code was made for"
    if not _VERIFIER.fullmatch(verifier):
        return "The code verifier is missing or no code verifier"
    if not hmac.compare_digest(challenge_of(verifier), code.challenge):
        return "The code verifier does not fit the challenge"
    return ""


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge of a code verifier (RFC 7636 4.2)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
