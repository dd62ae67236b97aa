"""The provider's answer: checked, used up, exchanged, sealed. In this order."""

import hmac
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from .. import auth
from .._failpoints import reach
from .._secret import Secret
from .._services import Service
from .._values import Authorization
from ..errors import (
    AuthorizationFailed,
    ConnectionsError,
    InvalidInput,
    ProviderError,
    TooManyAttempts,
)
from ..store import rows
from ._asking import came_with
from ._attempts import again, digest, own_flow
from ._clients import client_if_used
from ._confirming import confirmed, hold, is_digits
from ._credentials import definition_of
from ._flows import look
from ._goodbye import give_back
from ._known_services import known_service
from ._obtaining import attempt_of, close, keep, one_line, open_flow, use_up
from ._workshop import Workshop

_LONGEST_ADDRESS = 8192


def finish(
    workshop: Workshop,
    service_id: str,
    answer: Mapping[str, str],
    *,
    binding: str | None,
    person: str | None,
) -> Authorization:
    """Check the provider's answer, spend its code and keep what comes of it.

    Args:
        workshop: Store, vault and the way out.
        service_id: The service whose redirect URL was called.
        answer: The query of the callback: ``state``, ``code``, ``iss``, ``error`` …
        binding: The cookie of the browser, if it has one.
        person: Who is logged in there; None is accepted only after a hop.

    Raises:
        AuthorizationFailed: If the answer belongs to no attempt that this browser and
            person can finish. Nothing is sent to the provider.
        TooManyAttempts: If the person brought too many that belong to none.
    """
    row = _flow_of_answer(workshop, service_id, answer, person)
    problem = _why_not_finish(workshop, row, service_id, person)
    if problem is None and not _is_bound(row, binding):
        problem = "It can only be finished in the browser where it was begun"
        if person is not None and _can_be_kept(row, answer):
            raise _held(workshop, row, answer, problem)
    return _finish(workshop, row, answer, problem=problem)


def _is_bound(row: rows.Row, binding: str | None) -> bool:
    """Tell whether this is the browser where the start link was opened."""
    return binding is not None and hmac.compare_digest(
        digest(binding), row.binding_hash
    )


def _can_be_kept(row: rows.Row, answer: Mapping[str, str]) -> bool:
    """Tell whether an answer is good, whoever brings it."""
    service = definition_of(row)
    returned = auth.auth_type(service.auth_type).returned(service, answer)
    return not returned.error and _wrong_issuer(service, answer) is None


def _held(
    workshop: Workshop, row: rows.Row, answer: Mapping[str, str], problem: str
) -> AuthorizationFailed:
    """Keep an answer for who began, and say what they have to type."""
    digits = hold(workshop, row, definition_of(row), answer)
    return AuthorizationFailed(
        problem,
        f"{again(workshop, row)}, or, if you began it yourself elsewhere, type {digits} "
        "there",
    )


def callback_names(workshop: Workshop, service_id: str) -> auth.CallbackNames:
    """Return what the parameters of a service's callback are called.

    The usual names for a service that nobody knows: what comes there is refused later.
    """
    known = known_service(workshop, service_id)
    if known is None:
        return auth.CallbackNames()
    return auth.auth_type(known.auth_type).callback_names(known)


def paste(workshop: Workshop, flow: str, address: str, *, person: str) -> Authorization:
    """Finish an attempt with the address that the browser was sent to, or its digits.

    For browsers that cannot come back to us. Who pastes is who began, and the state in
    the address ties it to this attempt.

    Raises:
        InvalidInput: If it is no such address, and not the digits that a browser shows.
        AuthorizationFailed: As for ``finish``.
    """
    row = own_flow(workshop, flow, person)
    if is_digits(address):
        return _finish(workshop, row, confirmed(workshop, row, address), problem=None)
    answer = _answer_in(address)
    service = definition_of(row)
    state = auth.auth_type(service.auth_type).returned(service, answer).state
    if row.progress != "pending":
        raise _already_used(workshop, row)
    problem = None
    if row.expires_at < workshop.clock():
        problem = "Nobody granted access in time"
    elif not state or not hmac.compare_digest(digest(state), row.state_hash or ""):
        raise InvalidInput(
            "This address belongs to another authorization, or none",
            "Paste the address that the browser was sent to after you granted access",
            fields={"address": "belongs to another authorization, or none"},
        )
    return _finish(workshop, row, answer, problem=problem)


def _answer_in(address: str) -> dict[str, str]:
    if len(address) > _LONGEST_ADDRESS:
        raise InvalidInput("The address is too long", fields={"address": "is too long"})
    pairs = parse_qsl(urlsplit(address.strip()).query, keep_blank_values=True)
    answer = dict(pairs)
    if not answer or len(answer) != len(pairs):
        raise InvalidInput(
            "This is not the address that the browser was sent to",
            "Copy all of it, from http to its end",
            fields={
                "address": "must be the whole address that the browser was sent to"
            },
        )
    return answer


def _finish(
    workshop: Workshop,
    row: rows.Row,
    answer: Mapping[str, str],
    *,
    problem: str | None,
) -> Authorization:
    service = definition_of(row)
    problem = problem or _wrong_issuer(service, answer)
    if problem is not None:
        is_late = row.expires_at < workshop.clock()
        close(workshop, row, "expired" if is_late else "failed", f"{problem}.")
        raise AuthorizationFailed(problem, again(workshop, row))
    returned = auth.auth_type(service.auth_type).returned(service, answer)
    if returned.error:
        return _refused(workshop, row, returned)
    if not use_up(workshop, row):
        raise _already_used(workshop, row)
    reach("callback.flow-used-up")
    try:
        _exchange(workshop, row, service, answer)
    except auth.GrantEnded as error:
        close(workshop, row, "failed", f"The provider refused the code ({error.code}).")
    except ConnectionsError as error:
        close(workshop, row, "failed", str(error))
    return look(workshop, row.id, person=row.person)


def _flow_of_answer(
    workshop: Workshop, service_id: str, answer: Mapping[str, str], person: str | None
) -> rows.Row:
    guesser, now = person or "", workshop.clock()
    wait = workshop.guessed.wait(guesser, now=now)
    if wait > 0:
        raise TooManyAttempts.for_seconds(wait)
    names = callback_names(workshop, service_id)
    state = next((answer[name] for name in names.states if answer.get(name)), "")
    with workshop.store.read() as tx:
        row = rows.flow_by_state(tx, digest(state)) if state else None
    if row is None:
        workshop.guessed.count(guesser, now=now)
        raise AuthorizationFailed(
            "This answer belongs to no authorization that was begun here",
            "Start again with %conn authorize",
        )
    if row.progress != "pending":
        raise _already_used(workshop, row)
    return row


def _already_used(workshop: Workshop, row: rows.Row) -> AuthorizationFailed:
    return AuthorizationFailed(
        "This answer was used already, and works only once", again(workshop, row)
    )


def _why_not_finish(
    workshop: Workshop,
    row: rows.Row,
    service_id: str,
    person: str | None,
) -> str | None:
    """Return why this person cannot finish this attempt, None if they can."""
    if row.expires_at < workshop.clock():
        return "Nobody granted access in time"
    if definition_of(row).id != service_id:
        return "The answer came to the redirect URL of another service"
    if person is None and not row.hopped:
        return "Nobody is logged in to Jupyter in this browser"
    if person is not None and person != row.person:
        return "It was begun by another user"
    return None


def _wrong_issuer(service: Service, answer: Mapping[str, str]) -> str | None:
    """Compare ``iss`` (RFC 9207 2.4): the defence against a mixed-up provider."""
    issuer = answer.get("iss")
    if issuer is None:
        if service.iss_parameter_supported:
            return f"The answer does not say that it comes from {service.name}"
        return None
    known = service.issuer
    if known is None:
        # Nobody told us the issuer: it must at least live where consent was given.
        is_there = (
            urlsplit(issuer).hostname == urlsplit(_consent_page(service)).hostname
        )
        return None if is_there else f"The answer does not come from {service.name}"
    return None if issuer == known else f"The answer does not come from {service.name}"


def _consent_page(service: Service) -> str:
    return service.authorization_endpoint or ""


def _refused(
    workshop: Workshop, row: rows.Row, returned: auth.Returned
) -> Authorization:
    code = one_line(returned.error, 60)
    described = one_line(returned.described, 300)
    name = definition_of(row).name
    if code == "access_denied":
        close(workshop, row, "denied", f"Access was not granted at {name}.")
    else:
        reason = f"{code}: {described}" if described else code
        close(workshop, row, "failed", f"{name} refused ({reason}).")
    return look(workshop, row.id, person=row.person)


def _exchange(
    workshop: Workshop, row: rows.Row, service: Service, answer: Mapping[str, str]
) -> None:
    attempt = attempt_of(workshop, row, open_flow(workshop, row, service))
    steps = auth.auth_type(service.auth_type).finish(
        service, client_if_used(workshop, service), attempt, answer
    )
    try:
        tokens = workshop.drive(steps)
    except ProviderError as error:
        _end_unusable(workshop, service, came_with(error))
        raise
    keep(workshop, row, service, tokens, asked_at=attempt.now)


def _end_unusable(
    workshop: Workshop, service: Service, refresh_token: Secret | None
) -> None:
    """End a grant whose answer cannot be used: nobody would ever end it."""
    if refresh_token is not None:
        unused = auth.TokenSet(access_token=refresh_token, refresh_token=refresh_token)
        give_back(workshop, service, unused)
