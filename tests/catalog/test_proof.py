"""The proof of a record: what it shows, and that it can fail."""

import copy

import pytest

from conn_core import Secret, Service
from conn_core.auth import Client, TokenSet, code_request
from conn_core.catalog import prove
from conn_core.catalog._proof import _nobody_is_asked
from conn_core.catalog._proof_oauth2 import OAuth2Proof
from conn_core.catalog._proving import (
    NotProvenError,
    client_of,
    expected,
    look_at_call,
)
from conn_core.catalog._scripted import ScriptedProvider
from conn_core.catalog._scripted_oauth1 import ScriptedOAuth1
from conn_core.catalog._wire import Wire, put
from conn_core.errors import InvalidInput

ACME = {
    "id": "acme-crm",
    "name": "Acme CRM",
    "description": "Read contacts and visits.",
    "category": "CRM",
    "authorization_endpoint": "https://login.acme.example/authorize",
    "token_endpoint": "https://login.acme.example/token",
    "revocation_endpoint": "https://login.acme.example/revoke",
    "default_scopes": ["contacts.read", "visits.read"],
    "scopes": [{"name": "contacts.read"}, {"name": "visits.read"}],
    "api_base_url": "https://api.acme.example/v2",
    "api_hosts": ["api.acme.example"],
    "test_path": "/me",
}


def _acme(**changes):
    return copy.deepcopy(ACME) | changes


INSTANCE = _acme(
    api_base_url="https://{instance}/v2",
    api_hosts=["{instance}"],
    habits={"answer": {"facts": {"url": {"parameter": "instance"}}}},
    parameters=[
        {
            "name": "instance",
            "display_name": "Instance",
            "filled_by": "answer",
            "host_suffixes": [".acme.example"],
            "example": "north.acme.example",
            "help": "The provider tells it",
        }
    ],
)


def _habits(**parts):
    return _acme(habits=parts)


def test_the_proof_says_what_it_saw():
    """A contributor reads each step, with the addresses of the record."""
    login, api = "https://login.acme.example", "https://api.acme.example"
    by, into = "client_secret_basic", "the header (Authorization)"

    assert [
        f"The consent page {login}/authorize is asked for all it needs, with PKCE",
        f"The code becomes tokens at {login}/token, the client proven by {by}",
        f"A call to {api}/v2/me carries the credential in {into}",
        f"Access is renewed at {login}/token",
        "The end of the grant is understood: invalid_grant",
        f"The grant is ended at {login}/revoke",
    ] == prove(ACME)


@pytest.mark.parametrize(
    "record",
    [
        _acme(token_endpoint_auth_method="client_secret_post"),
        _acme(token_endpoint_auth_method="private_key_jwt"),
        _acme(token_endpoint_auth_method="none"),
        _acme(grant_type="client_credentials"),
        _acme(
            grant_type="device_code",
            device_authorization_endpoint="https://login.acme.example/device",
        ),
        _acme(pushed_authorization_request_endpoint="https://login.acme.example/par"),
        _acme(param_type="query", param_name="key", param_prefix=""),
        _acme(param_type="body", param_name="key", param_prefix=""),
        _acme(api_headers={"Client": "{client_id}", "Key": "{credential}"}),
        _habits(request={"format": "json", "basic": "plain"}),
        _habits(request={"method": "GET", "format": "query"}),
        _habits(request={"basic": "secret_as_user", "redirect_uri_in_query": True}),
        _habits(callback={"code": "auth_code", "state": "mark"}),
        _habits(answer={"lifetime_format": "milliseconds"}),
        _habits(answer={"lifetime_format": "d:h:m"}),
        _habits(answer={"lifetime_format": "date", "lifetime": ["expires_at"]}),
        _habits(answer={"lifetime_format": "epoch"}),
        _habits(answer={"lifetime_format": "epoch_milliseconds"}),
        _habits(answer={"access_token": ["data.0.token"], "within": ["user", "."]}),
        _habits(answer={"success": {"ok": "true"}, "error": ["why"], "ended": ["7"]}),
        _acme(
            habits={"answer": {"keep": ["shop"]}},
            api_query={"shop": "{shop}"},
        ),
        {**_acme(auth_type="api_key", api_query={"v": "2"}), "param_prefix": "Key "},
        _acme(auth_type="bearer"),
        _acme(auth_type="basic"),
        _acme(auth_type="aws_sigv4", signing_name="crm"),
        _acme(
            auth_type="oauth1",
            request_token_endpoint="https://login.acme.example/request",
        ),
        _acme(
            auth_type="oauth1",
            request_token_endpoint="https://login.acme.example/request",
            signature_method="RSA-SHA1",
        ),
    ],
)
def test_every_kind_of_record_can_be_proven(record):
    """Grants, client authentications, places, formats and types."""
    assert len(prove(record)) >= 2


def test_a_record_with_problems_is_not_proven():
    """The problems are named, and nothing is run."""
    with pytest.raises(InvalidInput) as caught:
        prove(_acme(category=""))

    assert (
        "The service 'acme-crm' is not proven: category: is needed, so that people "
        "find it" == caught.value.message
    )


def _proof_against(record, other):
    """Prove a record against a provider that behaves as another record says."""
    ours, theirs = Service.model_validate(record), Service.model_validate(other)
    proof = OAuth2Proof(ours, {})
    proof._provider = lambda: ScriptedProvider(theirs, theirs, client_of(theirs))
    return list(proof.steps())


@pytest.mark.parametrize(
    ("wanted", "missed"),
    [
        (_acme(authorization_endpoint="https://login.acme.example/x"), "consent page"),
        (_acme(token_endpoint="https://login.acme.example/x"), "token address"),
        (_acme(revocation_endpoint="https://login.acme.example/x"), "revocation"),
        (_acme(refresh_endpoint="https://login.acme.example/x"), "token address"),
        (_acme(scope_delimiter=","), "scope"),
        (_acme(pkce=False), "PKCE verifier"),
        (_acme(authorization_parameters={"prompt": "consent"}), "prompt"),
        (_acme(token_endpoint_auth_method="client_secret_post"), "client_secret"),
        (_acme(token_endpoint_auth_method="none"), "client id"),
        (_habits(request={"basic": "secret_as_user"}), "Basic credentials"),
        (_habits(request={"client_id": "app_id"}), "app_id"),
        (_habits(request={"code": "auth_code"}), "auth_code"),
        (_habits(request={"format": "json"}), "format"),
        (_habits(request={"method": "GET"}), "method"),
        (_habits(request={"redirect_uri_in_query": True}), "redirect_uri"),
        (_habits(request={"parameters": {"type": "web"}}), "type"),
        (_habits(request={"refresh_parameters": {"type": "again"}}), "type"),
        (_habits(request={"headers": {"X-Version": "2"}}), "x-version"),
        (_habits(callback={"state": "mark"}), "mark"),
        (_habits(answer={"access_token": ["token"]}), "without a usable access token"),
        (_habits(answer={"lifetime": ["lives"]}), "lifetime"),
        (_habits(answer={"refresh_token": ["again"]}), "refresh token"),
        (_habits(answer={"token_types": ["Acme"]}), "Acme"),
        (_habits(answer={"error": ["why"]}), "HTTP 400"),
    ],
)
def test_a_provider_that_wants_something_else_is_noticed(wanted, missed):
    """The proof fails where the requests are not what the provider wants."""
    with pytest.raises(Exception, match=missed):
        _proof_against(ACME, wanted)


def test_a_credential_in_a_wrong_place_is_noticed():
    """The call is looked at by itself: place, prefix and further headers."""
    service = Service.model_validate(ACME)
    proof = OAuth2Proof(service, {})
    held = TokenSet(access_token=proof._client.client_secret)
    token = proof._type.lend(service, proof._client, held, now=0)
    shown = held.access_token.reveal()
    others = [
        _acme(param_prefix="Token "),
        _acme(param_name="X-Key"),
        _acme(api_headers={"X-Client": "{client_id}"}),
    ]

    assert list(look_at_call(service, token, credential=shown, typed={}))
    for other in map(Service.model_validate, others):
        with pytest.raises(NotProvenError):
            list(look_at_call(other, token, credential=shown, typed={}))


def test_E3_a_provider_that_names_a_strange_host_is_refused():
    """The proof of a record whose host the token answer names tries a lie, too."""
    assert "A host that is none of the vendor's is refused" == prove(INSTANCE)[-1]


def test_a_client_without_a_secret_says_so():
    """The scripted registration is of the kind that the service wants."""
    public = Service.model_validate(_acme(token_endpoint_auth_method="none"))

    assert isinstance(client_of(public), Client)
    assert client_of(public).client_secret is None


def test_a_flow_that_contradicts_itself_is_not_proven():
    """A record whose error stands where its token stands can never be used."""
    record = _habits(answer={"access_token": ["said"], "error": ["said"]})
    with pytest.raises(InvalidInput, match="The service 'acme-crm' is not proven: "):
        prove(record)


def test_a_provider_of_oauth1_that_wants_something_else_is_noticed():
    """Addresses, parameters and signatures are looked at."""
    record = _acme(
        auth_type="oauth1",
        request_token_endpoint="https://login.acme.example/request",
    )
    ours = Service.model_validate(record)
    other = ours.model_copy(update={"token_endpoint": "https://x.acme.example"})
    client = client_of(ours)
    unsigned = Wire(method="GET", url="https://x.acme.example", headers={}, body=b"")
    provider = ScriptedOAuth1(other, client)

    assert 400 == provider.answer(unsigned).status
    provider.look_at_call(unsigned)
    assert any("token of the call: None came" in one for one in provider.missed)
    assert any("signature: '' came" in one for one in provider.missed)


def test_what_is_read_twice_is_refused():
    """A field that is there twice means nothing, to a strict provider."""
    url = "https://login.acme.example/token?code=a&code=b"
    with pytest.raises(ValueError, match="a field is there twice"):
        Wire(method="GET", url=url, headers={}, body=b"").fields  # noqa: B018 - reading it is what fails


def test_values_are_put_where_paths_lead():
    """Names and indexes, at the end too."""
    members = {}
    for path, value in (("a.0.b", 1), ("a.0.c", 2), ("d", 3), ("e.0", 4)):
        put(members, path, value)

    assert {"a": [{"b": 1, "c": 2}], "d": 3, "e": [4]} == members


def test_what_is_of_another_kind_is_noticed():
    """A step that returns something else ends the proof with a reason."""
    assert 7 == expected(int, 7, "no number")
    with pytest.raises(NotProvenError, match="no number"):
        expected(int, "seven", "no number")


def test_a_typed_credential_asks_nobody():
    """Whoever types a key has no need of a provider."""
    request = code_request(
        Service.model_validate(ACME),
        Client(client_id="a", client_secret=None),
        code=Secret("CNRY-code"),
        redirect_uri="https://jupyter.example",
        verifier=Secret("CNRY-verifier"),
    )
    with pytest.raises(NotProvenError, match="was asked, and nothing is obtained"):
        _nobody_is_asked(request)


def test_an_end_that_is_not_understood_is_noticed():
    """A refusal after which a token comes all the same proves nothing."""
    proof = OAuth2Proof(Service.model_validate(ACME), {})
    proof._renew = lambda _provider, _service, held: held
    held = TokenSet(access_token=Secret("CNRY-access"))

    with pytest.raises(NotProvenError, match="invalid_grant is not understood"):
        list(proof._ended(proof._service, held))


def test_E3_a_strange_host_that_is_taken_is_noticed():
    """The lie must be refused: where it is not, the record is not proven."""

    class Honest(ScriptedProvider):
        lie = property(lambda _self: "", lambda _self, _value: None)

    template = Service.model_validate(INSTANCE).filled({})
    proof = OAuth2Proof(template, {"instance": "north.acme.example"})
    proof._provider = lambda: Honest(proof._service, template, proof._client)

    with pytest.raises(NotProvenError, match="none of the vendor's was taken"):
        list(proof._lied_to())
