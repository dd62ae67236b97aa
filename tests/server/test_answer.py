"""The callback's query, without a server."""

import pytest

from conn_core.auth import CallbackNames
from conn_core.errors import AuthorizationFailed
from conn_serverext._answer import read_answer, state_in

USUAL = CallbackNames()


def test_the_answer_of_a_provider_is_read():
    """State, code and issuer are kept, what others add is left out."""
    query = "state=abc&code=x%2By&iss=https%3A%2F%2Fa.example&session_state=1&scope=a+b"

    assert {"state": "abc", "code": "x+y", "iss": "https://a.example"} == read_answer(
        query, USUAL
    )


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("", id="A1-empty"),
        pytest.param("code=x", id="A1-no-state"),
        pytest.param("state=&code=x", id="A1-empty-state"),
        pytest.param("state=s", id="neither-code-nor-error"),
        pytest.param("state=a&state=b&code=x", id="A6-state-twice"),
        pytest.param("state=a&code=x&code=y", id="A6-code-twice"),
        pytest.param("state=a&code=x&iss=b&iss=c", id="A6-iss-twice"),
        pytest.param("state=a&code=x&error=b&error=c", id="A6-error-twice"),
        pytest.param("state[]=a&code=x", id="A7-array"),
        pytest.param("state=a&code[0]=x&code=y", id="A7-array-of-code"),
        pytest.param(" state=a&code=x", id="A7-blank-in-name"),
        pytest.param("state=" + "a" * 1_048_576 + "&code=x", id="A7-1-MiB"),
        pytest.param("state=" + "a" * 513 + "&code=x", id="A7-long"),
        pytest.param("state=a&code=" + "x" * 4097, id="A7-long-code"),
        pytest.param("state=a%00&code=x", id="A7-nul"),
        pytest.param("state=%ff%fe&code=x", id="A7-not-utf-8"),
        pytest.param("state=%E2%80%8B&code=x", id="A7-invisible"),
        pytest.param("state=a&code=x%0d%0aSet-Cookie:+b", id="A7-line-break"),
        pytest.param("&".join(["a=1"] * 60) + "&state=a&code=x", id="many"),
        pytest.param("state=a&code=x&access_token=t", id="A12-implicit"),
        pytest.param("state=a&code=x&id_token=t", id="A12-hybrid"),
    ],
)
def test_what_no_provider_sends_is_refused(query):
    """A1, A6, A7, A12: refused before anything is looked up."""
    with pytest.raises(AuthorizationFailed) as caught:
        read_answer(query, USUAL)

    assert "This address holds no usable answer of a service" == caught.value.message


OLD = CallbackNames(
    states=("oauth_token", "denied"), outcomes=("oauth_verifier", "denied"), others=()
)
OWN = CallbackNames(states=("s",), outcomes=("auth_code", "error"), others=("shop",))


@pytest.mark.parametrize(
    ("query", "names", "expected", "state"),
    [
        (
            "oauth_token=t&oauth_verifier=v&state=x",
            OLD,
            {"oauth_token", "oauth_verifier"},
            "t",
        ),
        ("denied=t", OLD, {"denied"}, "t"),
        ("s=t&auth_code=c&shop=a&code=x", OWN, {"s", "auth_code", "shop"}, "t"),
        ("s=t&auth_code=c&shop=a&error=e", OWN, {"s", "error", "shop"}, "t"),
    ],
    ids=["oauth1", "oauth1-denied", "own-names", "own-names-refused"],
)
def test_an_answer_is_read_by_the_names_of_its_service(query, names, expected, state):
    """And by no other: what another service calls a code is left out."""
    found = read_answer(query, names)

    assert expected == found.keys()
    assert state == state_in(found, names)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("state=a&code=x", OLD),
        ("oauth_token=t", OLD),
        ("oauth_token=t&oauth_token=u&oauth_verifier=v", OLD),
        ("oauth_token=" + "t" * 513 + "&oauth_verifier=v", OLD),
        ("s=t&auth_code=c&shop=" + "a" * 4097, OWN),
        ("s=t&auth_code=c&shop[]=a", OWN),
    ],
)
def test_A6_A7_own_names_are_read_as_strictly(query, names):
    """Missing, twice, too long, or not plain."""
    with pytest.raises(AuthorizationFailed):
        read_answer(query, names)


def test_A8_a_refusal_with_a_code_is_a_refusal():
    """The code beside an error goes nowhere."""
    assert {"state": "a", "error": "server_error"} == read_answer(
        "state=a&code=x&error=server_error", USUAL
    )


def test_A10_a_long_description_is_cut():
    """A provider's prose has 500 characters here, whatever it holds."""
    query = "state=a&error=x&error_description=" + "%3Cscript%3E" * 9000

    found = read_answer(query, USUAL)

    assert 500 == len(found["error_description"])
    assert found["error_description"].startswith("<script><script>")
