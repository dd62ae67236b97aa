"""The proof of a record: its own flow, from the first request to the last, against a
provider that behaves as the record says. It shows that the record says enough, and that
nothing in it contradicts the rest; what the real provider says, only an account shows.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from .. import auth
from .._services import Service
from ..errors import ConnectionsError, InvalidInput
from ._check import problems_of
from ._proof_oauth2 import OAuth2Proof
from ._proving import (
    NotProvenError,
    bare,
    basic_pair,
    call_of,
    client_of,
    driven,
    expected,
    look_at_call,
    must,
    none_missed,
    typed_into,
)
from ._scripted import NOW, REDIRECT_URI
from ._scripted_oauth1 import ScriptedOAuth1


def prove(record: Mapping[str, Any]) -> list[str]:
    """Run a record's flow against a provider that behaves as the record says.

    Args:
        record: The members of a service, as they stand in a file.

    Returns:
        What was seen, one sentence each.

    Raises:
        InvalidInput: If the record has problems, or its flow does not work.
    """
    service_id = str(record.get("id", ""))
    problems = problems_of(record)
    if problems:
        raise _not_proven(service_id, "; ".join(problems))
    try:
        return list(_steps(Service.model_validate(record)))
    except (NotProvenError, ConnectionsError, auth.GrantEnded, ValueError) as error:
        raise _not_proven(service_id, str(error)) from None


def _not_proven(service_id: str, why: str) -> InvalidInput:
    return InvalidInput(f"The service '{service_id}' is not proven: {why}")


def _steps(service: Service) -> Iterator[str]:
    examples = {p.name: p.example or p.default for p in service.parameters}
    template = service.filled(examples)
    match service.auth_type:
        case "oauth2":
            yield from OAuth2Proof(template, examples).steps()
        case "oauth1":
            yield from _oauth1(template)
        case _:
            yield from _typed(template)


def _oauth1(service: Service) -> Iterator[str]:
    kind, client = auth.auth_type("oauth1"), client_of(service)
    provider = ScriptedOAuth1(service, client)
    attempt = auth.Attempt(now=NOW, redirect_uri=REDIRECT_URI)
    begun = expected(
        auth.Consent,
        driven(provider, kind.begin(service, client, attempt)),
        "no consent page was opened",
    )
    answer = provider.consent(begun.url)
    none_missed(provider)
    yield f"The consent page {bare(begun.url)} is opened with temporary credentials"
    returned = kind.returned(service, answer)
    must(
        (returned.state, returned.error) == (begun.state, ""), "its answer is not known"
    )
    attempt = auth.Attempt(now=NOW, redirect_uri=REDIRECT_URI, kept=begun.keep)
    held = driven(provider, kind.finish(service, client, attempt, answer))
    must(held.access_token.same_as(provider.access_token), "a wrong access token")
    yield f"They become a token at {service.token_endpoint}"
    token = kind.lend(service, client, held, now=NOW)
    signer = auth.signing_type("oauth1")
    wire = call_of(
        service,
        token,
        sign=lambda request: signer.sign(
            service, client, held, request, link_name=service.id
        ),
    )
    provider.look_at_call(wire)
    none_missed(provider)
    yield f"A call to {bare(wire.url)} is signed by {service.signature_method}"


def _typed(service: Service) -> Iterator[str]:
    kind = auth.auth_type(service.auth_type)
    fields = kind.asks_for(service)
    typed = typed_into(kind, service)
    attempt = auth.Attempt(now=NOW, typed=typed)
    made = auth.drive(
        kind.begin(service, None, attempt), _nobody_is_asked, clock=lambda: NOW
    )
    held = expected(auth.TokenSet, made, "nothing was made of what was typed")
    yield f"A person types {', '.join(f.display_name or f.name for f in fields)}"
    token = kind.lend(service, None, held, now=NOW)
    if service.auth_type == "aws_sigv4":
        wire = call_of(service, token)
        signed = wire.headers.get("authorization", "").startswith("AWS4-HMAC-SHA256")
        must(signed, "the call is not signed")
        yield f"A call to {bare(wire.url)} is signed"
        return
    values = {
        f.name: typed[f.name].reveal() if f.name in typed else f.default for f in fields
    }
    credential = values[fields[0].name]
    if service.auth_type == "basic":
        credential = basic_pair(values["username"], values.get("password", ""))
    yield from look_at_call(service, token, credential=credential, typed=typed)


def _nobody_is_asked(request: auth.TokenRequest) -> auth.Answer:
    raise NotProvenError(
        f"{bare(request.url)} was asked, and nothing is obtained there"
    )
