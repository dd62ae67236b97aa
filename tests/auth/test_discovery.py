"""What a server says of itself, and what of it is believed."""

import pytest
from scripted import Reply, Wants

from conn_core.auth import discover
from conn_core.errors import InvalidInput, ProviderUnavailable

ISSUER = "https://login.desk.example"


def described(issuer=ISSUER, **changes):
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "scopes_supported": ["read", "write", "read", 7, "é"],
        "jwks_uri": f"{issuer}/jwks",
    } | changes


@pytest.fixture
def found(pure, run):
    """Reads a description: ``found(revocation_endpoint="…")``."""

    def go(**changes):
        pure.plays(Reply(described(**changes)))
        return run(discover(ISSUER), pure)

    return go


def test_a_server_describes_itself(server, run):
    """RFC 8414, on a real wire too."""
    wants = Wants(
        path="/.well-known/oauth-authorization-server", method="GET", kind="query"
    )
    server.plays((wants, Reply(described(server.base))))
    metadata = run(discover(server.base), server)
    assert (server.base, ("read", "write"), (), True, False) == (
        metadata.issuer,
        metadata.scopes,
        metadata.foreign_hosts,
        metadata.pkce,
        metadata.iss_parameter_supported,
    )
    assert {"authorization_endpoint", "token_endpoint"} == metadata.endpoints.keys()


@pytest.mark.parametrize(
    ("path", "places"),
    [
        (
            "",
            [
                "/.well-known/oauth-authorization-server",
                "/.well-known/openid-configuration",
            ],
        ),
        (
            "/realms/acme",
            [
                "/.well-known/oauth-authorization-server/realms/acme",
                "/realms/acme/.well-known/openid-configuration",
                "/.well-known/openid-configuration/realms/acme",
            ],
        ),
    ],
)
def test_it_is_looked_for_where_it_can_stand(path, places, pure, run):
    """RFC 8414 3.1 and 5, OpenID Discovery 4."""
    issuer = ISSUER + path
    missing = [Reply(b"<html>", status=404)] * (len(places) - 1)
    pure.plays(*missing, Reply(described(issuer)))
    assert issuer == run(discover(issuer), pure).issuer
    assert places == [wire.path for wire in pure.seen]


def test_a_server_that_says_nothing_is_said_so(pure, run):
    """The addresses are entered by hand then."""
    pure.plays(Reply(b"", status=200), Reply({"issuer": ISSUER}, status=403))
    with pytest.raises(ProviderUnavailable, match="does not describe itself"):
        run(discover(ISSUER), pure)


@pytest.mark.parametrize(
    "said", ["https://login.desk.example/", "https://evil.example", None, 7]
)
def test_B9_another_name_is_another_server(said, found):
    """Nothing of it is taken, not even what looks right."""
    with pytest.raises(InvalidInput, match="says that it is another server"):
        found(issuer=said)


@pytest.mark.parametrize(
    "changes",
    [
        {"token_endpoint": "http://login.desk.example/token"},
        {"token_endpoint": "https://127.1/token"},
        {"revocation_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": None},
        {"device_authorization_endpoint": ["https://login.desk.example/device"]},
        {"pushed_authorization_request_endpoint": "https://u:p@login.desk.example/"},
    ],
)
def test_B9_one_wrong_address_spoils_all(changes, found):
    """A half-imported description is nobody's."""
    with pytest.raises(InvalidInput, match="Nothing was taken") as caught:
        found(**changes)
    assert next(iter(changes)) in caught.value.fields["issuer"]


def test_a_server_without_a_token_endpoint_is_none(pure, run):
    """There would be nothing to connect with."""
    said = described()
    del said["token_endpoint"]
    pure.plays(Reply(said))
    with pytest.raises(InvalidInput, match="names no token endpoint"):
        run(discover(ISSUER), pure)


@pytest.mark.parametrize(
    ("url", "foreign"),
    [
        ("https://login.desk.example/t", ()),
        ("https://eu.login.desk.example/t", ()),
        ("https://desk.example/t", ("desk.example",)),
        ("https://api.desk.example/t", ("api.desk.example",)),
        ("https://evillogin.desk.example/t", ("evillogin.desk.example",)),
        (
            "https://login.desk.example.evil.example/t",
            ("login.desk.example.evil.example",),
        ),
    ],
)
def test_B10_other_hosts_are_named(url, foreign, found):
    """Whoever makes the service confirms them: their secret will go there."""
    assert foreign == found(token_endpoint=url).foreign_hosts


@pytest.mark.parametrize(
    ("challenges", "pkce"), [(["plain", "S256"], True), (["S256"], True), ([], False)]
)
def test_A25_pkce_is_as_strong_as_the_server(challenges, pkce, found):
    """An empty list says that it knows none."""
    assert pkce == found(code_challenge_methods_supported=challenges).pkce


def test_A25_plain_is_no_protection(found):
    """A description that offers only that is a downgrade."""
    with pytest.raises(InvalidInput, match="protects nothing"):
        found(code_challenge_methods_supported=["plain"])


@pytest.mark.parametrize(
    ("offered", "expected"),
    [
        (None, "client_secret_basic"),
        (["client_secret_post", "client_secret_basic"], "client_secret_basic"),
        (["client_secret_post", "tls_client_auth"], "client_secret_post"),
        (["private_key_jwt"], "private_key_jwt"),
        (["none"], "none"),
        ("client_secret_post", "client_secret_basic"),
    ],
)
def test_the_best_way_to_prove_the_client_is_chosen(offered, expected, found):
    """Silence means Basic (RFC 8414 2)."""
    metadata = found(token_endpoint_auth_methods_supported=offered)
    assert expected == metadata.token_endpoint_auth_method


def test_what_else_it_offers_is_known(found):
    """Registration, pushed requests, device codes, and its name in answers."""
    metadata = found(
        registration_endpoint=f"{ISSUER}/register",
        pushed_authorization_request_endpoint=f"{ISSUER}/par",
        device_authorization_endpoint=f"{ISSUER}/device",
        revocation_endpoint=f"{ISSUER}/revoke",
        authorization_response_iss_parameter_supported=True,
    )
    assert 6 == len(metadata.endpoints)
    assert metadata.iss_parameter_supported


def test_what_was_found_becomes_a_service(found, new_service):
    """Its members are those of a service, and a person adds the rest."""
    metadata = found(
        scopes_supported=["openid", "read all", 'a"b', "a\\b", "", "x" * 501],
        code_challenge_methods_supported=["S256"],
        token_endpoint_auth_methods_supported=["client_secret_post"],
        registration_endpoint=f"{ISSUER}/register",
    )
    service = new_service(**metadata.members)
    assert (ISSUER, f"{ISSUER}/register", True, "client_secret_post", ("openid",)) == (
        service.issuer,
        service.registration_endpoint,
        service.pkce,
        service.token_endpoint_auth_method,
        service.scope_names,
    )


@pytest.mark.parametrize(
    "issuer",
    [
        "http://login.desk.example",
        "https://login.desk.example?x=1",
        "https://login.desk.example#x",
        "https://10.0.0.1",
        "file:///etc/passwd",
        "login.desk.example",
        "",
    ],
)
def test_E1_an_issuer_that_may_not_be_asked_is_not(issuer, pure, run):
    """Before any request."""
    with pytest.raises(InvalidInput, match="Nothing was taken") as caught:
        run(discover(issuer), pure)
    assert ([], {"issuer"}) == (pure.seen, caught.value.fields.keys())
