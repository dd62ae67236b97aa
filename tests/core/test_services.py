"""A service: what is accepted as one, and what it becomes with its blanks filled."""

import pytest
from pydantic import ValidationError

from conn_core import Scope, Service, ServiceParameter


@pytest.fixture
def body():
    """Return the members of a complete OAuth 2.0 service."""
    return {
        "id": "desk",
        "name": "Desk",
        "authorization_endpoint": "https://login.desk.example/authorize",
        "token_endpoint": "https://login.desk.example/token",
        "api_base_url": "https://api.desk.example/v1",
        "api_hosts": ["api.desk.example"],
    }


def refused(body):
    """Return the sentence that a service is refused with."""
    with pytest.raises(ValidationError) as caught:
        Service.model_validate(body)
    return caught.value.errors()[0]["msg"]


def test_a_complete_service_is_accepted(body):
    """With S256 and Basic unless it says otherwise."""
    service = Service.model_validate(body)
    assert service.pkce
    assert "client_secret_basic" == service.token_endpoint_auth_method


def test_unknown_members_are_refused(body):
    """H19: nobody sets what is not there to be set."""
    assert "Extra inputs are not permitted" in refused(body | {"approved": True})


@pytest.mark.parametrize(
    "member",
    [
        "issuer",
        "authorization_endpoint",
        "token_endpoint",
        "refresh_endpoint",
        "revocation_endpoint",
        "device_authorization_endpoint",
        "api_base_url",
    ],
)
def test_E1_every_endpoint_is_checked(body, member):
    """None of them may be plain http."""
    assert "https://" in refused(body | {member: "http://desk.example/"})


def test_allowed_hosts_are_checked_and_needed(body):
    """'Any host' does not exist."""
    assert "two parts" in refused(body | {"api_hosts": ["*.com"]})
    assert "at least 1" in refused(body | {"api_hosts": []})


def test_the_test_path_stays_at_the_api(body):
    """It is added to the API's base address, and replaces nothing of it."""
    assert "must begin with /" in refused(body | {"test_path": "https://evil.example"})
    assert Service.model_validate(body | {"test_path": "/me"}).test_path == "/me"
    assert Service.model_validate(body | {"test_path": None}).test_path is None


@pytest.mark.parametrize(
    "name",
    [
        "response_type",
        "client_id",
        "redirect_uri",
        "scope",
        "state",
        "code_challenge",
        "code_challenge_method",
    ],
)
def test_E27_reserved_parameters_cannot_be_set(body, name):
    """State and challenge are made anew for each attempt."""
    sentence = refused(body | {"authorization_parameters": {name: "x"}})
    assert f"{name} cannot be set here" in sentence


def test_other_parameters_of_the_request_can_be_set(body):
    """Such as Google's access_type."""
    extra = {"access_type": "offline"}
    service = Service.model_validate(body | {"authorization_parameters": extra})
    assert extra == service.authorization_parameters


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"token_endpoint": None}, "needs an access token URL"),
        ({"authorization_endpoint": None}, "needs an authorize URL"),
    ],
)
def test_an_oauth2_service_has_its_endpoints(body, changes, sentence):
    """Each grant needs its own."""
    assert sentence in refused(body | changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"authorization_endpoint": None, "grant_type": "client_credentials"},
        {
            "authorization_endpoint": None,
            "token_endpoint": None,
            "auth_type": "api_key",
        },
    ],
    ids=["client credentials", "api key"],
)
def test_other_services_need_less(body, changes):
    """No page to send a browser to."""
    assert Service.model_validate(body | changes).authorization_endpoint is None


@pytest.mark.parametrize("name", ["", "a b", 'a"b', "a\\b", "a\nb"])
def test_scope_names_are_scope_tokens(name):
    """RFC 6749 3.3."""
    with pytest.raises(ValidationError):
        Scope(name=name)


def test_scope_names_are_the_providers(body):
    """Not the ones people read."""
    scopes = [{"name": "r", "display_name": "Read"}, {"name": "w"}]
    service = Service.model_validate(body | {"scopes": scopes})
    assert ("r", "w") == service.scope_names


@pytest.fixture
def tenanted(body):
    """A service whose addresses have blanks."""
    return Service.model_validate(
        body
        | {
            "token_endpoint": "https://{tenant}.desk.example/token",
            "api_base_url": "https://{tenant}.desk.example/{region}",
            "api_hosts": ["{tenant}.desk.example"],
            "test_path": "/{region}/me",
            "parameters": [
                {"name": "tenant", "display_name": "Tenant", "example": "acme"},
                {"name": "region", "choices": ["eu", "us"], "default": "eu"},
            ],
        }
    )


def test_blanks_are_filled_everywhere(tenanted):
    """Endpoints, hosts and test path; what is left out takes its default."""
    filled = tenanted.filled({"tenant": "acme", "region": ""})
    assert "https://acme.desk.example/token" == filled.token_endpoint
    assert "https://acme.desk.example/eu" == filled.api_base_url
    assert ("acme.desk.example",) == filled.api_hosts
    assert "/eu/me" == filled.test_path
    assert () == filled.parameters
    assert "https://login.desk.example/authorize" == filled.authorization_endpoint


@pytest.mark.parametrize(
    "tenant",
    [
        "",
        "evil.com/",
        "a.b@",
        "x#",
        "..",
        "%2e",
        "a\N{IDEOGRAPHIC FULL STOP}b",
        "ACME",
        "a" * 64,
        "acme\n",
    ],
)
def test_E29_what_fills_a_blank_is_checked(tenanted, tenant):
    """It is one label of a host name, and nothing that ends the host."""
    with pytest.raises(ValueError, match="Tenant must be like acme"):
        tenanted.filled({"tenant": tenant})


def test_a_choice_is_one_of_the_choices(tenanted):
    """And the sentence falls back to the pattern where there is no example."""
    with pytest.raises(ValueError, match="region must be like"):
        tenanted.filled({"tenant": "acme", "region": "mars"})


def test_E29_the_filled_address_is_checked_again(body):
    """A careless pattern does not let a foreign host in by the back door."""
    service = Service.model_validate(
        body
        | {
            "token_endpoint": "https://{tenant}.desk.example/token",
            "parameters": [{"name": "tenant", "pattern": ".+"}],
        }
    )
    with pytest.raises(ValueError, match="user name or password"):
        service.filled({"tenant": "u@evil"})


def test_a_blank_nobody_declared_is_refused(body):
    """A catalogue's mistake ends in a sentence."""
    service = Service.model_validate(
        body
        | {
            "token_endpoint": "https://{other}.desk.example/token",
            "parameters": [{"name": "tenant"}],
        }
    )
    with pytest.raises(ValueError, match=r"nothing fills the blank \{other\}"):
        service.filled({"tenant": "acme"})


def test_a_service_without_blanks_stays_as_it_is(body):
    """The very same object."""
    service = Service.model_validate(body)
    assert service is service.filled({})


def test_a_parameter_without_choices_follows_its_pattern():
    """The whole value must match."""
    parameter = ServiceParameter(name="tenant", pattern="[a-z]+")
    assert parameter.accepts("acme")
    assert not parameter.accepts("acme1")


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "desk2"},
        {"authorization_endpoint": "https://evil.example/authorize"},
        {"token_endpoint": "https://evil.example/token"},
        {"refresh_endpoint": "https://evil.example/token"},
        {"revocation_endpoint": "https://evil.example/revoke"},
        {"token_endpoint_auth_method": "client_secret_post"},
        {"api_base_url": "https://evil.example"},
        {"api_hosts": ["api.desk.example", "evil.example"]},
        {"param_type": "query"},
        {"param_name": "X-Token"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_T12_whatever_says_where_a_credential_goes_is_a_security_fact(body, changes):
    """Editing it makes what is sealed unreadable."""
    before = Service.model_validate(body).security_facts()
    assert before != Service.model_validate(body | changes).security_facts()


def test_words_for_people_are_no_security_facts(body):
    """A corrected description locks nobody out; nor does another order of hosts."""
    two = body | {"api_hosts": ["a.example", "b.example"]}
    other = two | {"api_hosts": ["b.example", "a.example"], "description": "Better"}
    assert (
        Service.model_validate(two).security_facts()
        == Service.model_validate(other).security_facts()
    )


def test_the_endpoints_are_listed(body):
    """All that there are, and no gaps."""
    service = Service.model_validate(body)
    assert (
        "https://login.desk.example/authorize",
        "https://login.desk.example/token",
        "https://api.desk.example/v1",
    ) == service.endpoints
