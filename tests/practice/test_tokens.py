"""The token and revocation endpoints, and what happens to a family of tokens."""

import base64
from urllib.parse import quote_plus

import pytest

from conn_serverext.practice import Visitor


def _basic(name, secret):
    pair = base64.b64encode(f"{name}:{secret}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


def _refused(answer, *, status=400):
    """Return the error's word; the answer is JSON and not to be kept."""
    assert status == answer.status_code, answer.text
    assert "no-store" == answer.headers["Cache-Control"]
    assert answer.json()["error_description"]
    return answer.json()["error"]


def test_the_metadata_names_what_there_is(app, practice):
    """RFC 8414, with the promise of RFC 9207."""
    found = app.http.get(
        f"{practice.issuer}/.well-known/oauth-authorization-server"
    ).json()

    assert practice.issuer == found["issuer"]
    assert f"{practice.issuer}/oauth/authorize" == found["authorization_endpoint"]
    assert f"{practice.issuer}/oauth/token" == found["token_endpoint"]
    assert f"{practice.issuer}/oauth/revoke" == found["revocation_endpoint"]
    assert ["S256"] == found["code_challenge_methods_supported"]
    assert ["authorization_code", "client_credentials", "refresh_token"] == found[
        "grant_types_supported"
    ]
    assert found["authorization_response_iss_parameter_supported"] is True
    assert "reports.write" in found["scopes_supported"]


def test_a_code_becomes_tokens(app, practice):
    """Bearer, an hour, a refresh token, the scopes; kept out of caches."""
    answer = app.exchange(app.consent()["code"])

    assert 200 == answer.status_code
    assert "no-store" == answer.headers["Cache-Control"]
    body = answer.json()
    assert ("Bearer", 3600) == (body["token_type"], body["expires_in"])
    assert "reports.read rates.read" == body["scope"]
    assert {body["access_token"], body["refresh_token"]} <= set(practice.issued())
    assert 200 == app.api("/me", body["access_token"]).status_code
    assert 1 == practice.counters.codes_exchanged


@pytest.mark.parametrize(
    "changes", [{"code_verifier": "x" * 43}, {"redirect_uri": "x"}]
)
def test_a_code_alone_is_worth_nothing(app, changes):
    """Wrong verifier or address: refused, and the code is spent (RFC 7636 4.6)."""
    code = app.consent()["code"]

    assert "invalid_grant" == _refused(app.exchange(code, **changes))
    assert "invalid_grant" == _refused(app.exchange(code))


@pytest.mark.parametrize("name", ["code", "redirect_uri", "code_verifier"])
def test_a_missing_field_is_named(app, name):
    """It is the client's mistake."""
    fields = {
        "code": app.consent()["code"],
        "redirect_uri": app.redirect_uri,
        "code_verifier": app.verifier,
    }
    del fields[name]

    answer = app.ask(grant_type="authorization_code", **fields)

    assert "invalid_request" == _refused(answer)
    assert f"{name} is missing" == answer.json()["error_description"]


def test_a_code_lives_for_a_minute(app, clock):
    """RFC 6749 4.1.2 allows ten; a browser needs less than one."""
    young, old = app.consent()["code"], app.consent()["code"]

    clock.now += 59.9
    assert 200 == app.exchange(young).status_code
    clock.now += 0.1
    assert "invalid_grant" == _refused(app.exchange(old))


def test_A22_a_code_that_comes_twice_ends_what_came_from_it(app, practice):
    """Somebody has stolen it; who, nobody knows (RFC 6749 4.1.2)."""
    code = app.consent()["code"]
    tokens = app.exchange(code).json()

    assert "invalid_grant" == _refused(app.exchange(code))

    assert 401 == app.api("/me", tokens["access_token"]).status_code
    assert "invalid_grant" == _refused(app.refresh(tokens["refresh_token"]))
    assert 1 == practice.counters.families_revoked


def test_an_access_token_ends_when_it_was_said_to(start_practice, app_of, clock):
    """Five seconds mean five seconds."""
    app = app_of(start_practice(access_token_seconds=5))
    tokens = app.tokens()
    assert 5 == tokens.expires_in

    clock.now += 4.9
    assert 200 == app.api("/me", tokens.access_token).status_code
    clock.now += 0.1
    assert 401 == app.api("/me", tokens.access_token).status_code


def test_a_refresh_gives_new_tokens_and_spends_the_old(app, practice):
    """Rotation (RFC 9700 4.14.2); the access token of before lives on."""
    first = app.tokens()

    second = app.refresh(first.refresh_token).json()

    assert first.refresh_token != second["refresh_token"]
    assert first.access_token != second["access_token"]
    assert first.scope == second["scope"]
    assert 200 == app.api("/me", first.access_token).status_code
    assert 200 == app.api("/me", second["access_token"]).status_code
    assert 200 == app.refresh(second["refresh_token"]).status_code
    assert (2, 0) == (practice.counters.refreshes, practice.counters.families_revoked)


def test_a_spent_refresh_token_ends_its_family(app, practice):
    """Also the newest tokens; another consent's are untouched."""
    first, other = app.tokens(), app.tokens()
    second = app.refresh(first.refresh_token).json()

    assert "invalid_grant" == _refused(app.refresh(first.refresh_token))

    assert "invalid_grant" == _refused(app.refresh(second["refresh_token"]))
    for token in (first.access_token, second["access_token"]):
        assert 401 == app.api("/me", token).status_code
    assert 200 == app.api("/me", other.access_token).status_code
    assert 200 == app.refresh(other.refresh_token).status_code
    assert 1 == practice.counters.families_revoked


def test_a_refresh_may_ask_for_less_and_not_for_more(app):
    """The refresh token keeps all of it (RFC 6749 6)."""
    tokens = app.tokens()

    refused = app.refresh(tokens.refresh_token, scope="reports.read reports.write")
    assert "invalid_scope" == _refused(refused)
    less = app.refresh(tokens.refresh_token, scope="rates.read").json()
    assert "rates.read" == less["scope"]
    assert 403 == app.api("/reports", less["access_token"]).status_code
    again = app.refresh(less["refresh_token"]).json()
    assert "reports.read rates.read" == again["scope"]


def test_a_refresh_token_ends_after_thirty_days(app, clock):
    """Unless it is used: a new one begins anew."""
    tokens = app.tokens()

    clock.now += 29 * 24 * 3600
    again = app.refresh(tokens.refresh_token).json()
    clock.now += 30 * 24 * 3600
    assert "invalid_grant" == _refused(app.refresh(again["refresh_token"]))


def test_a_service_may_give_no_refresh_tokens(start_practice, app_of):
    """Then the metadata says so, too."""
    app = app_of(start_practice(refresh_tokens=False))

    assert not hasattr(app.tokens(), "refresh_token")
    known = app.http.get(
        f"{app.service.issuer}/.well-known/oauth-authorization-server"
    ).json()
    assert ["authorization_code", "client_credentials"] == known[
        "grant_types_supported"
    ]


@pytest.mark.parametrize("secret", ["CNRY-wrong-secret-11", ""])
@pytest.mark.parametrize("way", ["header", "body"])
def test_a_client_must_prove_who_it_is(app, secret, way):
    """401 with a challenge (RFC 6749 5.2), and the code is not spent."""
    code = app.consent()["code"]
    name = app.service.client_id
    proof = (
        {"headers": _basic(name, secret)}
        if way == "header"
        else {"client_id": name, "client_secret": secret or None}
    )

    answer = app.exchange(code, auth=None, **proof)

    assert "invalid_client" == _refused(answer, status=401)
    assert answer.headers["WWW-Authenticate"].startswith("Basic realm=")
    assert 200 == app.exchange(code).status_code


def test_a_client_may_prove_it_in_the_body(app):
    """client_secret_post."""
    answer = app.exchange(
        app.consent()["code"],
        auth=None,
        client_id=app.service.client_id,
        client_secret=app.service.client_secret,
    )

    assert 200 == answer.status_code


def test_both_halves_of_basic_are_form_encoded(start_practice, app_of):
    """A secret with ``:``, ``%`` and ``+`` works (RFC 6749 2.3.1)."""
    secret = "CNRY-odd:secret%2B+&é=/7"
    app = app_of(start_practice(client_secret=secret, client_id="a:b c"))
    header = _basic(quote_plus("a:b c"), quote_plus(secret))

    assert 200 == (
        app.exchange(app.consent()["code"], auth=None, headers=header).status_code
    )
    plain = _basic("a:b c", secret)
    answer = app.exchange(app.consent()["code"], auth=None, headers=plain)
    assert "invalid_client" == _refused(answer, status=401)


@pytest.mark.parametrize("header", ["Basic", "Basic %%%", "Basic YWJj", "Bearer x"])
def test_a_header_that_is_no_basic_is_refused(app, header):
    """Whatever the body says."""
    answer = app.exchange("x", auth=None, headers={"Authorization": header})

    assert "invalid_client" == _refused(answer, status=401)


def test_two_ways_to_prove_it_are_one_too_many(app):
    """RFC 6749 2.3: at most one."""
    twice = app.exchange("x", client_secret=app.service.client_secret)
    other = app.exchange("x", client_id="somebody-else")

    assert "invalid_request" == _refused(twice)
    assert "invalid_request" == _refused(other)


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": ["refresh_token", "refresh_token"]}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, "invalid_grant"),
        ({"grant_type": "authorization_code", "code": ["a", "b"]}, "invalid_request"),
    ],
)
def test_a_token_request_that_makes_no_sense_is_refused(app, practice, fields, error):
    """In the protocol's words."""
    assert error == _refused(app.ask(**fields))
    assert (1, 1) == (practice.counters.token_requests, practice.counters.refused)


def test_only_forms_are_read(app, practice):
    """Not JSON, not the query, not GET."""
    url = f"{practice.issuer}/oauth/token"
    body = {"grant_type": "refresh_token", "refresh_token": "x"}

    assert "invalid_request" == _refused(app.http.post(url, json=body, auth=app.auth))
    in_query = app.http.post(url, params=body, data={"x": "y"}, auth=app.auth)
    assert "invalid_request" == _refused(in_query)
    head = {"Content-Type": "application/x-www-form-urlencoded"}
    no_text = app.http.post(url, content=b"grant_type=%FF", headers=head, auth=app.auth)
    assert "invalid_request" == _refused(no_text)
    assert 405 == app.http.get(url, auth=app.auth).status_code
    assert "POST" == app.http.get(url).headers["Allow"]


def test_a_client_can_give_its_grant_back(app, practice):
    """The refresh token takes the access tokens with it (RFC 7009 2.1)."""
    tokens = app.tokens()

    assert 200 == app.ask("/oauth/revoke", token=tokens.refresh_token).status_code

    assert 401 == app.api("/me", tokens.access_token).status_code
    assert "invalid_grant" == _refused(app.refresh(tokens.refresh_token))
    assert (1, 0) == (practice.counters.revocations, practice.counters.families_revoked)


def test_a_client_can_give_an_access_token_back(app):
    """Only that; the refresh token goes on."""
    tokens = app.tokens()

    hint = {"token_type_hint": "access_token"}
    app.ask("/oauth/revoke", token=tokens.access_token, **hint)

    assert 401 == app.api("/me", tokens.access_token).status_code
    assert 200 == app.refresh(tokens.refresh_token).status_code


def test_giving_back_what_nobody_knows_is_fine(app, practice):
    """RFC 7009 2.2; but not without a token, nor by somebody else."""
    assert 200 == app.ask("/oauth/revoke", token="x").status_code
    assert "invalid_request" == _refused(app.ask("/oauth/revoke"))
    stranger = app.ask("/oauth/revoke", auth=None, token="x")
    assert "invalid_client" == _refused(stranger, status=401)
    assert 0 == practice.counters.revocations


def test_two_people_have_two_grants(app):
    """Ending one leaves the other."""
    ada, grace = app.tokens(), app.tokens(visitor=Visitor("grace"))
    assert "Grace Hopper" == app.api("/me", grace.access_token).json()["name"]

    app.ask("/oauth/revoke", token=ada.refresh_token)

    assert 200 == app.api("/me", grace.access_token).status_code
