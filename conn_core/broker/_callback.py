"""The provider's answer: checked, used up, exchanged, sealed. In this order."""

import hmac
import json
from collections.abc import Mapping

from .. import auth
from .._secret import Secret
from .._services import Service
from .._values import Authorization, FlowState
from ..errors import AuthorizationFailed, ConnectionsError
from ..store import rows
from ._credentials import definition_of, seal_tokens
from ._flows import again, digest, look, one_line, verifier_binding
from ._workshop import CredentialPlace, Workshop, new_id


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
    """
    row = _flow_of_answer(workshop, answer)
    problem = _why_not_finish(workshop, row, service_id, binding, person)
    problem = problem or _wrong_issuer(definition_of(row), answer)
    if problem is not None:
        is_late = row.expires_at < workshop.clock()
        _close(workshop, row, "expired" if is_late else "failed", f"{problem}.")
        raise AuthorizationFailed(problem, again(workshop, row))
    if "error" in answer or "code" not in answer:
        return _refused(workshop, row, answer)
    if not _use_up(workshop, row):
        raise _already_used(workshop, row)
    try:
        _exchange(workshop, row, Secret(answer["code"]))
    except auth.GrantEnded as error:
        _close(
            workshop, row, "failed", f"The provider refused the code ({error.code})."
        )
    except ConnectionsError as error:
        _close(workshop, row, "failed", str(error))
    return look(workshop, row.id, person=row.person)


def _flow_of_answer(workshop: Workshop, answer: Mapping[str, str]) -> rows.Row:
    state = answer.get("state", "")
    with workshop.store.read() as tx:
        row = rows.flow_by_state(tx, digest(state)) if state else None
    if row is None:
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
    binding: str | None,
    person: str | None,
) -> str | None:
    """Return why this browser cannot finish this attempt, None if it can."""
    if row.expires_at < workshop.clock():
        return "Nobody granted access in time"
    if definition_of(row).id != service_id:
        return "The answer came to the redirect URL of another service"
    if binding is None or not hmac.compare_digest(digest(binding), row.binding_hash):
        return "It can only be finished in the browser where it was begun"
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
    if service.issuer is not None and issuer != service.issuer:
        return f"The answer does not come from {service.name}"
    return None


def _refused(
    workshop: Workshop, row: rows.Row, answer: Mapping[str, str]
) -> Authorization:
    code = one_line(answer.get("error", "no code"), 60)
    described = one_line(answer.get("error_description", ""), 300)
    name = definition_of(row).name
    if code == "access_denied":
        _close(workshop, row, "denied", f"Access was not granted at {name}.")
    else:
        reason = f"{code}: {described}" if described else code
        _close(workshop, row, "failed", f"{name} refused ({reason}).")
    return look(workshop, row.id, person=row.person)


def _use_up(workshop: Workshop, row: rows.Row) -> bool:
    with workshop.store.write() as tx:
        return rows.update_flow(tx, row.id, seen="pending", progress="exchanging")


def _close(workshop: Workshop, row: rows.Row, progress: FlowState, why: str) -> None:
    with workshop.store.write() as tx:
        for seen in ("pending", "exchanging"):
            rows.update_flow(
                tx,
                row.id,
                seen=seen,
                progress=progress,
                error=one_line(why, 700),
                sealed_verifier=None,
            )
        workshop.record(
            tx,
            "authorize",
            actor=row.person,
            connection_id=row.connection_id,
            result=progress,
            detail=one_line(why, 700),
        )


def _exchange(workshop: Workshop, row: rows.Row, code: Secret) -> None:
    service = definition_of(row)
    verifier = workshop.vault.open(
        row.sealed_verifier, binding=verifier_binding(row, service)
    )
    request = auth.code_request(
        service,
        workshop.client_for(service),
        code=code,
        redirect_uri=row.redirect_uri,
        verifier=Secret(verifier.decode()),
    )
    asked_at = workshop.clock()
    tokens = workshop.ask_for_tokens(service, request)
    # Kept before anything else is asked: what is lost now, nobody can bring back.
    credential_id = _keep(workshop, row, service, tokens, asked_at=asked_at)
    account = find_account(workshop, service, tokens.access_token)
    _tell(workshop, row, credential_id, account)


def _keep(
    workshop: Workshop,
    row: rows.Row,
    service: Service,
    tokens: auth.TokenSet,
    *,
    asked_at: float,
) -> str:
    credential_id, lifetime = new_id(), tokens.expires_in
    with workshop.store.write() as tx:
        connection = rows.connection_by_id(tx, row.connection_id)
        uses_own = connection.use_login_user_credentials
        holder = row.person if uses_own else connection.owner
        sealed = seal_tokens(
            workshop,
            tokens,
            service=service,
            place=CredentialPlace(row.connection_id, credential_id, holder, 1),
        )
        rows.put_credential(
            tx,
            sealed=sealed,
            id=credential_id,
            connection_id=row.connection_id,
            holder=holder,
            definition=row.definition,
            generation=1,
            token_type=tokens.token_type,
            asked_scopes=row.scopes,
            granted_scopes=rows.dump(tokens.scopes or rows.load_tuple(row.scopes)),
            obtained_at=asked_at,
            expires_at=None if lifetime is None else asked_at + lifetime,
            refreshable=tokens.refresh_token is not None,
            failures=0,
        )
    return credential_id


def _tell(
    workshop: Workshop, row: rows.Row, credential_id: str, account: str | None
) -> None:
    """Say to whoever waits that it is done, and as whom."""
    with workshop.store.write() as tx:
        granted = rows.name_account(tx, credential_id, account)
        rows.update_flow(
            tx,
            row.id,
            seen="exchanging",
            progress="done",
            account=account,
            granted_scopes=granted,
            sealed_verifier=None,
        )
        workshop.record(
            tx,
            "authorize",
            actor=row.person,
            connection_id=row.connection_id,
            detail=f"connected as {account}" if account else "",
        )


def find_account(
    workshop: Workshop, service: Service, access_token: Secret
) -> str | None:
    """Ask the API who we are. Knowing is nice, not knowing is no failure."""
    if service.test_path is None or service.account_field is None:
        return None
    try:
        answer = workshop.call_api(service, access_token)
        found = account_in(service, answer.body) if answer.status == 200 else None
    except ConnectionsError:
        return None
    return found


def account_in(service: Service, body: bytes) -> str | None:
    """Read the account from an answer; ``account_field`` may be a dotted path."""
    try:
        value = json.loads(body)
        for part in (service.account_field or "").split("."):
            value = value[int(part)] if isinstance(value, list) else value[part]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    return one_line(str(value), 320) if isinstance(value, str | int) else None
