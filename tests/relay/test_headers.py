"""Which headers cross the relay, in both directions."""

import asyncio

import pytest

from conn_core.errors import InvalidInput, ProviderError
from conn_core.http import Errand, Relay


def test_T17_headers_of_this_hop_are_not_sent(carry, api):
    """Nor what is meant for us, nor what proxies before us wrote."""
    carry(
        "me",
        headers=(
            ("Accept", "text/plain"),
            ("Authorization", "Bearer CNRY-ours-1"),
            ("Connection", "close, X-Hop"),
            ("X-Hop", "1"),
            ("Keep-Alive", "1"),
            ("TE", "trailers"),
            ("Upgrade", "websocket"),
            ("Expect", "100-continue"),
            ("Proxy-Authorization", "Basic x"),
            ("Cookie", "jupyter=1"),
            ("Origin", "http://hub"),
            ("Sec-Fetch-Site", "none"),
            ("Host", "evil.example"),
            ("X-Forwarded-For", "10.1.2.3"),
            ("Via", "1.1 hub"),
            ("X-Connections-Place", "a.ipynb"),
        ),
    )

    names = {name.lower() for name, _ in api.seen[0].headers}
    assert {"accept", "authorization", "host", "user-agent", "accept-encoding"} == names
    assert "CNRY-ours-1" not in str(api.seen[0].headers)


def test_what_is_handed_on_by_name_is_sent(carry, api):
    """So a user's own cookie reaches the API, and what belongs to the hop does not."""
    carry(
        "me",
        headers=(
            ("X-Connections-Forward-Cookie", "a=1"),
            ("X-Connections-Forward-Origin", "https://mine.example"),
            ("X-Connections-Forward-Transfer-Encoding", "chunked"),
            ("X-Connections-Forward-Host", "evil.example"),
            ("X-Connections-Forward-", "nameless"),
            ("User-Agent", "mine/1"),
        ),
    )

    asked = api.seen[0]
    assert ("a=1", "https://mine.example") == (asked.one("Cookie"), asked.one("Origin"))
    assert ["mine/1"] == asked.all("User-Agent")
    assert api.host == asked.one("Host")
    assert asked.one("Transfer-Encoding") is None


def test_F12_the_credentials_own_header_cannot_be_replaced(carry, api, secret):
    """Whatever whoever asks writes there."""
    forwarded = ("X-Connections-Forward-Authorization", "Bearer CNRY-mine-1")

    carry("me", headers=(forwarded,))

    assert [f"Bearer {secret}"] == api.seen[0].all("Authorization")


def test_T18_a_header_that_is_there_twice(carry, api):
    """One that has a single meaning is refused; others are one list."""
    twice = (("Content-Type", "a/b"), ("content-type", "c/d"))
    with pytest.raises(InvalidInput, match="twice"):
        carry("me", headers=twice)
    assert [] == api.seen

    carry("me", headers=(("X-A", "1"), ("x-a", "2")))

    assert ["1, 2"] == api.seen[0].all("X-A")


@pytest.mark.parametrize(
    "name",
    [
        "Set-Cookie",
        "WWW-Authenticate",
        "Proxy-Authenticate",
        "Proxy-Connection",
        "X-Connections-Upstream",
        "Access-Control-Allow-Origin",
        "Strict-Transport-Security",
        "Clear-Site-Data",
        "Keep-Alive",
        "Upgrade",
    ],
)
def test_J10_J11_headers_that_do_not_come_back(carry, api, name):
    """No cookie for our origin, and nothing that speaks for us."""
    api.answers("/v1/me", headers=[(name, "x=CNRY-odd-1"), ("X-Rate", "5")])

    answer = carry()

    assert name.lower() not in answer.headers
    assert "5" == answer.headers["x-rate"]


def test_J11_what_connection_names_does_not_come_back(carry, api):
    """It is for this hop alone."""
    api.answers("/v1/me", headers=[("Connection", "close, X-Hop"), ("X-Hop", "1")])

    assert not {"connection", "x-hop"} & carry().headers.keys()


def test_J10_no_cookie_is_kept_for_the_next_request(
    api, loan, lender_of, changed, policy, limits
):
    """Nobody sends what somebody else was given, through one relay to one host."""
    api.answers("/v1/me", headers=[("Set-Cookie", "session=CNRY-other-1")])
    # Jars keep nothing for a host that is an address: this one has a name.
    host = api.host.replace("127.0.0.1", "localhost")
    named = changed(loan, api_base_url=f"http://{host}/v1", api_hosts=(host,))
    relay = Relay(policy=policy, limits=limits, resolve=lambda *_: ["127.0.0.1"])

    async def twice():
        for _ in range(2):
            errand = Errand(method="GET", target="me")
            answer = await relay.send(lender_of(named), errand)
            while await answer.part():
                pass
            answer.close()
        await relay.close()

    asyncio.run(twice())

    assert [None, None] == [asked.one("Cookie") for asked in api.seen]


@pytest.mark.parametrize("status", [407, 101])
def test_J11_what_only_a_proxy_says_is_refused(carry, api, status):
    """Whoever asks would take it for ours."""
    api.answers("/v1/me", b"", status=status)

    with pytest.raises(ProviderError, match=r"only a proxy does|broke off"):
        carry()
