"""How providers refuse, each in its own words."""

import pytest
from scripted import AT, NOW, RT, Reply, Row, attempt

from conn_core import Secret
from conn_core.auth import GrantEnded, TokenSet, auth_type
from conn_core.errors import ProviderError, ProviderUnavailable

OAUTH2 = auth_type("oauth2")


ERROR_ROWS = [
    Row(
        "R16 GitHub: an error with status 200", {"error": "bad_code"}, means="bad_code"
    ),
    Row(
        "47 Slack: ok is false",
        {"ok": False, "error": "invalid_client_id"},
        service={"habits": {"answer": {"success": {"ok": "true"}}}},
        means="invalid_client_id",
    ),
    Row(
        "R16 TikTok: a code that is a number, and null data",
        {"code": 40105, "message": "Access token is incorrect", "data": {}},
        service={
            "habits": {
                "answer": {
                    "access_token": ["data.access_token"],
                    "success": {"code": "0"},
                    "error": ["code"],
                    "error_description": ["message"],
                }
            }
        },
        means="40105: Access token is incorrect",
    ),
    Row(
        "R16 Fitbit: a list of errors",
        {"success": False, "errors": [{"errorType": "invalid_scope", "message": "No"}]},
        reply={"status": 400},
        service={
            "habits": {
                "answer": {
                    "success": {"success": "true"},
                    "error": ["errors.0.errorType"],
                    "error_description": ["errors.0.message"],
                }
            }
        },
        means="invalid_scope: No",
    ),
    Row(
        "an answer that says it is no success, and nothing else",
        {"ok": False},
        service={"habits": {"answer": {"success": {"ok": "true"}}}},
        means="HTTP 200",
    ),
    Row(
        "an error in words only",
        {"problem": {"title": "No such client"}},
        reply={"status": 400},
        service={"habits": {"answer": {"error": ["problem.title"]}}},
        means="No such client",
    ),
    Row(
        "nothing but a status",
        b"",
        reply={"status": 403},
        means="HTTP 403",
    ),
]


@pytest.mark.parametrize("row", ERROR_ROWS, ids=lambda row: row.name)
def test_an_error_is_known_in_each_shape(row, server, client, new_service, run):
    """And named by its own word."""
    service = new_service(server.base, **row.service)
    server.plays(Reply(row.says, **row.reply))
    steps = OAUTH2.finish(service, client, attempt(), row.callback)
    with pytest.raises(ProviderError, match="refused the request") as caught:
        run(steps, server)
    assert f"Desk refused the request ({row.means})" == caught.value.message
    assert row.means.split(":")[0] == caught.value.provider_code


ENDED_ROWS = [
    Row("83 the standard", {"error": "invalid_grant"}, reply={"status": 400}),
    Row("83 a 401", {"error": "invalid_grant"}, reply={"status": 401}),
    Row("83 a 500", {"error": "invalid_grant"}, reply={"status": 500}),
    Row(
        "83 Atlassian: 403 unauthorized_client",
        {"error": "unauthorized_client"},
        reply={"status": 403},
        service={"habits": {"answer": {"ended": ["unauthorized_client"]}}},
    ),
    Row(
        "83 Zoho: 200 invalid_code",
        {"error": "invalid_code"},
        service={"habits": {"answer": {"ended": ["invalid_code"]}}},
    ),
    Row(
        "83 token_expired in a nested error",
        {"error": {"code": "token_expired"}},
        service={"habits": {"answer": {"ended": ["token_expired"]}}},
    ),
]


@pytest.mark.parametrize("row", ENDED_ROWS, ids=lambda row: row.name)
def test_83_a_disguised_invalid_grant_is_one(row, server, client, new_service, run):
    """The service says which words mean it."""
    service = new_service(server.base, **row.service)
    held = TokenSet(access_token=Secret(AT), refresh_token=Secret(RT))
    server.plays(Reply(row.says, **row.reply))
    with pytest.raises(GrantEnded):
        run(OAUTH2.renew(service, client, held, now=NOW), server)


@pytest.mark.parametrize(
    "word", ["unauthorized_client", "invalid_code", "token_expired", "flux"]
)
def test_83_words_that_no_service_explains_never_end_a_grant(
    word, pure, client, new_service, run
):
    """Unknown errors are for now."""
    held = TokenSet(access_token=Secret(AT), refresh_token=Secret(RT))
    pure.plays(*[Reply({"error": word}, status=400)] * 2)  # once for each way to prove
    with pytest.raises(ProviderError, match=word):
        run(OAUTH2.renew(new_service(), client, held, now=NOW), pure)


PASSING_ROWS = [
    Row("F-35 500", b"", reply={"status": 500}),
    Row("F-40 temporarily_unavailable", {"error": "temporarily_unavailable"}),
    Row("F-40 HTML with 200", b"<html>", reply={"content_type": "text/html"}),
    Row(
        "a service's own word",
        {"error": "access_denied_by_load"},
        service={"habits": {"answer": {"passing": ["access_denied_by_load"]}}},
    ),
]


@pytest.mark.parametrize("row", PASSING_ROWS, ids=lambda row: row.name)
def test_F40_what_passes_by_itself_ends_nothing(row, server, client, new_service, run):
    """And the wait that the provider asks for is known."""
    service = new_service(server.base, **row.service)
    held = TokenSet(access_token=Secret(AT), refresh_token=Secret(RT))
    headers = {"retry-after": "120"}
    server.plays(Reply(row.says, headers=headers, **row.reply))
    with pytest.raises(ProviderUnavailable) as caught:
        run(OAUTH2.renew(service, client, held, now=NOW), server)
    assert 120.0 == caught.value.retry_after


UNUSABLE_ROWS = [
    Row("a type that we do not know", {"token_type": "DPoP"}, means=RT),
    Row("a token that is none", {"access_token": ["x"]}, means=RT),
    Row("no token at all", {"access_token": None}, means=RT),
    Row(
        "a fact that is none of its own",
        {"instance_url": "https://evil.example"},
        service={
            "parameters": [
                {
                    "name": "host",
                    "filled_by": "answer",
                    "host_suffixes": [".desk.example"],
                }
            ],
            "habits": {"answer": {"facts": {"instance_url": {"parameter": "host"}}}},
        },
        means=RT,
    ),
    Row("a refresh token that is none either", {"refresh_token": {"x": RT}}, means=""),
    Row("one that is no ASCII", {"refresh_token": "é"}, means=""),
    Row("an error, whatever else it says", {"error": "invalid_scope"}, means=""),
]


@pytest.mark.parametrize("row", UNUSABLE_ROWS, ids=lambda row: row.name)
def test_the_refresh_token_of_an_unusable_answer_is_handed_on(
    row, server, client, new_service, run
):
    """The one that was sent may be spent."""
    service = new_service(server.base, **row.service)
    held = TokenSet(access_token=Secret(AT), refresh_token=Secret("CNRY-the-spent-one"))
    good = {"access_token": AT, "refresh_token": RT, "token_type": "Bearer"}
    server.plays(Reply(good | row.says))
    with pytest.raises(ProviderError) as caught:
        run(OAUTH2.renew(service, client, held, now=NOW), server)
    came = caught.value.refresh_token
    assert row.means == ("" if came is None else came.reveal())
    assert "CNRY" not in f"{caught.value!r} {vars(caught.value)}"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (f'{{"access_token":"a","access_token":"b","refresh_token":"{RT}"}}', RT),
        (f'{{"access_token":"a","refresh_token":"x","refresh_token":"{RT}"}}', ""),
        (f'{{"refresh_token":"{RT}","expires_in":{"9" * 100}}}', RT),
        (f'{{"refresh_token":"{RT}","access_token":', ""),
        (f'["{RT}"]', ""),
        ("[" * 100_000, ""),
    ],
    ids=["R6 twice", "R6 itself twice", "R10 digits", "R4 cut", "list", "R24 deep"],
)
def test_only_what_is_beyond_doubt_is_handed_on(
    body, expected, pure, client, new_service, run
):
    """A broken answer is read as far as it is none."""
    held = TokenSet(access_token=Secret(AT), refresh_token=Secret("CNRY-the-spent-one"))
    pure.plays(Reply(body))
    with pytest.raises(ProviderUnavailable) as caught:
        run(OAUTH2.renew(new_service(), client, held, now=NOW), pure)
    came = caught.value.refresh_token
    assert expected == ("" if came is None else came.reveal())
