"""Redirects: each hop passes the guard, and nothing of a request goes elsewhere."""

import httpx
import pytest

from conn_core.errors import HostNotAllowed


def test_a_redirect_is_not_followed_unless_asked(ask, peer, reply):
    """The default is the answer as it is."""
    peer.answer = lambda _: reply(302, headers={"Location": "/elsewhere"})

    assert 302 == ask("GET", "/user").status_code
    assert ["/v1/user"] == [seen.path for seen in peer.seen]


def test_F3_F4_a_redirect_to_another_host_or_port_is_refused(
    ask, peer, stranger, reply
):
    """The error names the target; the target sees nothing at all."""
    peer.answer = lambda _: reply(302, headers={"Location": f"{stranger.url}/x"})

    with pytest.raises(HostNotAllowed, match=f"not {stranger.host}. Nothing was sent"):
        ask("GET", "/user", follow_redirects=True, headers={"X-Mine": "1"})

    assert [] == stranger.seen


@pytest.mark.parametrize(
    "target",
    [
        "https://sub.example.org/",
        "http://localhost:{port}/",
        "https://user:pw@127.0.0.1:{port}/",
    ],
)
def test_F5_F6_a_redirect_to_what_is_not_listed_is_refused(ask, peer, reply, target):
    """Another name of the same machine is another host."""
    location = target.format(port=peer.port)
    peer.answer = lambda _: reply(302, headers={"Location": location})

    with pytest.raises(HostNotAllowed):
        ask("GET", "/user", follow_redirects=True)

    assert 1 == len(peer.seen)


def test_F7_a_redirect_to_a_file_is_refused(ask, peer, reply):
    """Only http and https are addresses of services."""
    peer.answer = lambda _: reply(302, headers={"Location": "file:///etc/passwd"})

    with pytest.raises((HostNotAllowed, httpx.UnsupportedProtocol)):
        ask("GET", "/user", follow_redirects=True)


def test_F8_a_redirect_to_a_listed_host_has_the_credential_again(
    ask, peer, stranger, reply, new_broker, secret
):
    """Another listed host gets it too, although httpx takes it away across hosts."""
    peer.answer = lambda _: reply(302, headers={"Location": f"{stranger.url}/file"})

    answer = ask(
        "GET",
        "/user",
        using=new_broker(api_hosts=(peer.host, stranger.host)),
        follow_redirects=True,
    )

    assert 200 == answer.status_code
    assert f"Bearer {secret}" == stranger.seen[0].headers["authorization"]
    assert secret not in repr([vars(r.request) for r in (*answer.history, answer)])


def test_F10_a_307_takes_no_body_to_a_stranger(ask, peer, stranger, reply):
    """A redirected POST would carry its body along."""
    peer.answer = lambda _: reply(307, headers={"Location": f"{stranger.url}/x"})

    with pytest.raises(HostNotAllowed):
        ask("POST", "/orders", json={"cake": 1}, follow_redirects=True)

    assert [] == stranger.seen


def test_F11_a_loop_of_redirects_ends_after_five(ask, peer, reply):
    """A circle does not keep us busy."""
    peer.answer = lambda _: reply(302, headers={"Location": "/v1/user"})

    with pytest.raises(httpx.TooManyRedirects):
        ask("GET", "/user", follow_redirects=True)

    assert 6 == len(peer.seen)
