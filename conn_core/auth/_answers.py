"""Reading what authorization servers answer: tolerantly, but within bounds."""

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn
from urllib.parse import quote_plus, urlsplit

from .._habits import AnswerHabits, Fact
from .._secret import Secret
from .._services import Service
from ..errors import ProviderError, ProviderUnavailable
from ._identity import identity_in
from ._lifetimes import lifetime_of, seconds_in
from ._members import at, first, members_of, what_is_readable
from ._parts import GrantEnded, TokenSet

_MAX_TOKEN = 64 * 1024
_MAX_SCOPES = 500
_MAX_FACT = 1000
#: What providers say when a grant is no longer good (RFC 6749 5.2).
_ENDED = frozenset({"invalid_grant"})
#: … and when it is the client that they do not accept (RFC 6749 5.2; the last one is
#: what RFC 9110 15.5.2 says of a request without valid credentials).
_CLIENT_REFUSED = frozenset({"invalid_client", "unauthorized_client", "HTTP 401"})
#: … and when only the moment is bad (RFC 6749 4.1.2.1, RFC 8628 3.5).
_PASSING = frozenset({"temporarily_unavailable", "server_error", "slow_down"})
#: Shorter texts occur in an answer by chance.
_SHORTEST_SECRET = 8


def read_token_answer(
    service: Service,
    *,
    status: int,
    content_type: str,
    body: bytes,
    secrets: Sequence[Secret] = (),
    now: float = 0.0,
) -> TokenSet:
    """Read a token endpoint's answer.

    Args:
        service: Whose answer it is: its habits, and its name for errors.
        status: The HTTP status.
        content_type: The answer's media type.
        body: The answer, at most 1 MiB.
        secrets: What was sent; taken out of errors that repeat it.
        now: Seconds since 1970; for lifetimes that are told as a moment.

    Raises:
        GrantEnded: If the provider said ``invalid_grant``, in its own words.
        ProviderError: If it refused for another reason, or gave what cannot be used;
            then with the ``refresh_token`` that came along.
        ProviderUnavailable: If the answer means nothing; likewise.
    """
    members = members_of(content_type, body)
    raise_refusal(service, members, status=status, secrets=secrets)
    unusable: ProviderError
    try:
        return _token_set(service, members, now)
    except ProviderError as error:
        unusable = error
    except (TypeError, ValueError, OverflowError):
        unusable = ProviderUnavailable(
            f"{service.name} answered with tokens that make no sense", "Try again later"
        )
    unusable.refresh_token = _refresh_token_in(
        service, members or what_is_readable(body)
    )
    raise unusable


def raise_refusal(
    service: Service,
    members: Mapping[str, Any],
    *,
    status: int,
    secrets: Sequence[Secret],
) -> None:
    """Raise what an answer that is an error means; return when it is none.

    Raises:
        GrantEnded: If the provider said ``invalid_grant``, in its own words.
        ProviderUnavailable: If it will pass.
        ProviderError: If it refused for another reason.
    """
    habits = service.habits.answer
    success = _is_success(habits, members)
    error = None if success else first(members, habits.error)
    if isinstance(error, dict):
        error = error.get("code") or error.get("message")
    if success is not False and not error and 200 <= status < 300:
        return
    described = shown(first(members, habits.error_description), secrets)
    if habits.error != AnswerHabits().error:
        error = _plain(error) or error  # numbers, where they are said to be codes
    code = shown(error, secrets) or f"HTTP {status}"
    _raise(service, status, code, described)


def _raise(service: Service, status: int, code: str, described: str) -> NoReturn:
    habits = service.habits.answer
    if code in _ENDED or code in habits.ended:
        raise GrantEnded(code)
    if status >= 500 or status == 429 or code in _PASSING or code in habits.passing:
        raise ProviderUnavailable(
            f"{service.name} is not available ({code})", "Try again later"
        )
    reason = f"{code}: {described}" if described else code
    refused = ProviderError(
        f"{service.name} refused the request ({reason})",
        "Check the client id and secret",
    )
    refused.provider_code = code
    raise refused


def refuses_client(service: Service, error: ProviderError) -> bool:
    """Tell whether a refusal is about the client, so that the grant was not looked at."""
    known = _CLIENT_REFUSED.union(service.habits.answer.client_refused)
    return error.provider_code in known


def _is_success(habits: AnswerHabits, members: Mapping[str, Any]) -> bool | None:
    """Tell what the answer says of itself; None when it says nothing."""
    told = [
        str(found).lower() == wanted.lower()
        for path, wanted in habits.success.items()
        if (found := at(members, path)) is not None
    ]
    return all(told) if told else None


def _place_of_tokens(
    habits: AnswerHabits, members: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Return the part of an answer that is about the token that is used."""
    for path in habits.within:
        found = members if path == "." else at(members, path)
        if isinstance(found, dict) and first(found, habits.access_token):
            return found
    return members


def _refresh_token_in(service: Service, members: Mapping[str, Any]) -> Secret | None:
    """Return the refresh token of an answer that cannot be used, if it has one."""
    habits = service.habits.answer
    found = first(_place_of_tokens(habits, members), habits.refresh_token)
    return Secret(found) if isinstance(found, str) and not _flaw_of(found) else None


def _token_set(service: Service, members: Mapping[str, Any], now: float) -> TokenSet:
    habits = service.habits.answer
    told = _place_of_tokens(habits, members)
    refresh_token = first(told, habits.refresh_token)
    kept = {path: at(members, path) for path in habits.keep}
    return TokenSet(
        access_token=_token(service, first(told, habits.access_token), "access token"),
        refresh_token=(
            _token(service, refresh_token, "refresh token") if refresh_token else None
        ),
        token_type=_token_type(service, first(told, habits.token_type)),
        expires_in=lifetime_of(first(told, habits.lifetime), habits, now),
        scopes=_scopes(first(told, habits.scope), service.scope_delimiter),
        further={p: Secret(text) for p, v in kept.items() if (text := _plain(v))},
        facts=facts_in(service, members, habits.facts),
        refresh_expires_in=seconds_in(first(told, habits.refresh_lifetime)),
        identity=identity_in(members.get("id_token")),
        id_token=_id_token(members.get("id_token")),
    )


def facts_in(
    service: Service, members: Mapping[str, Any], rules: Mapping[str, Fact]
) -> dict[str, str]:
    """Read what an answer says about the service's blanks.

    Raises:
        ProviderError: If it names something that is not the service's own.
    """
    blanks = {parameter.name: parameter for parameter in service.parameters}
    facts: dict[str, str] = {}
    for path, rule in rules.items():
        said, blank = _plain(at(members, path)), blanks.get(rule.parameter)
        if not said or blank is None:
            continue
        if blank.host_suffixes:
            said = _host_of(said)
        meant = rule.values.get(said, "") if rule.values else said
        if not meant or not blank.accepts(meant):
            raise ProviderError(
                f"{service.name} answered with '{shown(said, ())}' for {path}, which is "
                "none of its own, so the answer is not used",
                "Tell whoever maintains the service's description",
            )
        facts[rule.parameter] = meant
    return facts


def _host_of(address: str) -> str:
    """Return the host of an https address, with or without its scheme."""
    try:
        parts = urlsplit(address if "//" in address else f"https://{address}")
    except ValueError:
        return ""
    return parts.netloc.lower() if parts.scheme == "https" else ""


def _token(service: Service, value: object, what: str) -> Secret:
    flaw = _flaw_of(value)
    if flaw or not isinstance(value, str):
        raise ProviderUnavailable(
            f"{service.name} answered without a usable {what} ({flaw})",
            "Try again later",
        )
    return Secret(value)


def _id_token(value: object) -> Secret | None:
    return Secret(value) if isinstance(value, str) and value else None


def _flaw_of(token: object) -> str:
    """Say what is wrong with a token; empty when it is none of all this."""
    if token is None:
        return "there is none"
    if not isinstance(token, str):
        return "it is no text"
    if not 0 < len(token) <= _MAX_TOKEN:
        return "it is longer than 64 KiB" if token else "it is empty"
    is_plain = token.isascii() and token.isprintable()
    return "" if is_plain else "it holds more than printable ASCII"


def _token_type(service: Service, value: object) -> str:
    """Read how the token is to be used (RFC 6749 7.1): we only know *Bearer*.

    Raises:
        ProviderError: If it is to be used in a way that we do not know.
    """
    kind = _printable(value)[:40]
    known = {
        "bearer",
        "",
        *(name.lower() for name in service.habits.answer.token_types),
    }
    if kind.lower() in known:
        return kind or "Bearer"
    raise ProviderError(
        f"{service.name} gave a token of the type '{kind}', which cannot be used here"
    )


def _scopes(value: object, delimiter: str) -> tuple[str, ...] | None:
    if isinstance(value, list):
        found = [item for item in value if isinstance(item, str)]
    elif isinstance(value, str) and value.strip():
        found = value.replace(delimiter, " ").replace(",", " ").split()
    else:
        return None
    plain = (scope for scope in found if scope.isascii() and scope.isprintable())
    return tuple(dict.fromkeys(plain))[:_MAX_SCOPES]


def _plain(value: object) -> str:
    """Return a short plain text or number; empty for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return ""
    text = str(value)
    is_plain = text.isascii() and text.isprintable() and len(text) <= _MAX_FACT
    return text if is_plain else ""


def shown(value: object, secrets: Sequence[Secret]) -> str:
    """Return a provider's text as one line, without the secrets that we sent."""
    text = value if isinstance(value, str) else ""
    for secret in map(Secret.reveal, secrets):
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, "<secret>")
            text = text.replace(quote_plus(secret), "<secret>")
    return _printable(text)


def _printable(value: object) -> str:
    """Return a provider's text as one short printable line."""
    text = value if isinstance(value, str) else ""
    return "".join(c if c.isprintable() else " " for c in text)[:300].strip()
