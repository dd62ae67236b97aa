"""The proof of a record: what it shows, and that it can fail."""

import copy

import pytest

from conn_core import Service
from conn_core.auth import Client, TokenSet
from conn_core.catalog import prove
from conn_core.catalog._proof_oauth2 import OAuth2Proof
from conn_core.catalog._proving import NotProvenError, client_of, look_at_call
from conn_core.catalog._scripted import ScriptedProvider
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
        _habits(answer={"access_token": ["data.0.token"], "second": "user"}),
        _habits(answer={"success": {"ok": "true"}, "error": ["why"], "ended": ["7"]}),
        _acme(
            habits={"answer": {"keep": ["shop"]}},
            api_query={"shop": "{shop}"},
        ),
        {**_acme(auth_type="api_key", api_query={"v": "2"}), "param_prefix": "Key "},
        _acme(auth_type="bearer"),
        _acme(auth_type="basic"),
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
    record = _acme(
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

    assert "A host that is none of the vendor's is refused" == prove(record)[-1]


def test_a_client_without_a_secret_says_so():
    """The scripted registration is of the kind that the service wants."""
    public = Service.model_validate(_acme(token_endpoint_auth_method="none"))

    assert isinstance(client_of(public), Client)
    assert client_of(public).client_secret is None
