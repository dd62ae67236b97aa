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
from ._members import at, first, members_of
from ._parts import GrantEnded, TokenSet

_MAX_TOKEN = 64 * 1024
_MAX_SCOPES = 500
_MAX_FACT = 1000
#: What providers say when a grant is no longer good (RFC 6749 5.2).
_ENDED = frozenset({"invalid_grant"})
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
        ProviderError: If it refused for another reason.
        ProviderUnavailable: If the answer means nothing.
    """
    members = members_of(content_type, body)
    raise_refusal(service, members, status=status, secrets=secrets)
    try:
        return _token_sets(service, members, now)
    except (TypeError, ValueError, OverflowError):
        raise ProviderUnavailable(
            f"{service.name} answered without a usable access token", "Try again later"
        ) from None


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


def _is_success(habits: AnswerHabits, members: Mapping[str, Any]) -> bool | None:
    """Tell what the answer says of itself; None when it says nothing."""
    told = [
        str(found).lower() == wanted.lower()
        for path, wanted in habits.success.items()
        if (found := at(members, path)) is not None
    ]
    return all(told) if told else None


def _token_sets(service: Service, members: Mapping[str, Any], now: float) -> TokenSet:
    habits = service.habits.answer
    second = at(members, habits.second) if habits.second else None
    if isinstance(second, dict) and first(second, habits.access_token):
        other = _token_set(service, second, now)
        if not first(members, habits.access_token):
            return other
        return _token_set(service, members, now, second=other)
    return _token_set(service, members, now)


def _token_set(
    service: Service,
    members: Mapping[str, Any],
    now: float,
    *,
    second: TokenSet | None = None,
) -> TokenSet:
    habits = service.habits.answer
    refresh_token = first(members, habits.refresh_token)
    lifetime = lifetime_of(first(members, habits.lifetime), habits, now)
    kept = {path: at(members, path) for path in habits.keep}
    return TokenSet(
        access_token=Secret(_token(first(members, habits.access_token))),
        refresh_token=Secret(_token(refresh_token)) if refresh_token else None,
        token_type=_token_type(service, first(members, habits.token_type)),
        expires_in=lifetime,
        scopes=_scopes(first(members, habits.scope), service.scope_delimiter),
        further={p: Secret(text) for p, v in kept.items() if (text := _plain(v))},
        facts=facts_in(service, members, habits.facts),
        refresh_expires_in=seconds_in(first(members, habits.refresh_lifetime)),
        identity=identity_in(members.get("id_token")),
        second=second,
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
                "none of its own. Nothing was kept",
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


def _token(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_TOKEN:
        msg = "a token is a text of reasonable length"
        raise ValueError(msg)
    if not value.isascii() or not value.isprintable():
        msg = "a token is printable ASCII"
        raise ValueError(msg)
    return value


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
