"""Where the server is, for kernels and for browsers."""

from types import SimpleNamespace

import pytest
from traitlets import TraitError

from conn_serverext import Connections
from conn_serverext._addresses import address_of, is_elsewhere, is_other_spelling
from conn_serverext._cookies import FlowCookies


def _server(**changes):
    usual = {
        "ip": "localhost",
        "port": 8888,
        "base_url": "/",
        "sock": "",
        "certfile": "",
    }
    return SimpleNamespace(**(usual | changes))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "http://127.0.0.1:8888/connections/"),
        ({"ip": ""}, "http://127.0.0.1:8888/connections/"),
        ({"ip": "0.0.0.0"}, "http://127.0.0.1:8888/connections/"),
        ({"ip": "127.0.0.1"}, "http://127.0.0.1:8888/connections/"),
        ({"ip": "::1"}, "http://[::1]:8888/connections/"),
        ({"ip": "::"}, "http://[::1]:8888/connections/"),
        ({"ip": "10.1.2.3"}, "http://10.1.2.3:8888/connections/"),
        (
            {"base_url": "/user/alice/", "port": 9},
            "http://127.0.0.1:9/user/alice/connections/",
        ),
        ({"certfile": "cert.pem"}, "https://127.0.0.1:8888/connections/"),
        ({"sock": "/run/jupyter.sock"}, None),
    ],
)
def test_A30_the_address_is_a_number_not_localhost(changes, expected):
    """It is made of what the server listens on, never of a request."""
    assert expected == address_of(_server(**changes))


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost:8888", True),
        ("[::1]:8888", True),
        ("127.0.0.1:8888", False),
        ("127.0.0.1.evil.example:8888", False),
        ("lab.example.com", False),
    ],
)
def test_other_spellings_of_this_machine_are_known(host, expected):
    """Only three names mean this machine."""
    ours = "http://127.0.0.1:8888/connections/"

    assert expected == is_other_spelling(host, public_url=ours)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost:8888", False),
        ("127.0.0.1:8888", False),
        ("localhost:9999", True),
        ("lab.example.com:8888", True),
        ("localhost:port", True),
    ],
)
def test_a_way_back_to_another_machine_is_seen(host, expected):
    """A forwarded port or a host name leads elsewhere than the worked-out address."""
    ours = "http://127.0.0.1:8888/connections/"

    assert expected == is_elsewhere(host, public_url=ours)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (
            "https://lab.example.com/user/priya/connections",
            "https://lab.example.com/user/priya/connections/",
        ),
        ("http://127.0.0.1:9000/connections/", "http://127.0.0.1:9000/connections/"),
        ("", ""),
    ],
)
def test_a_public_url_ends_in_a_slash(written, kept):
    """A slash more or less is no mistake."""
    assert kept == Connections(public_url=written).public_url


@pytest.mark.parametrize(
    "written",
    [
        "lab.example.com/connections/",
        "https://lab.example.com/",
        "http://lab.example.com/connections/",
        "https://me:CNRY-pw-1@lab.example.com/connections/",
        "https://lab.example.com/connections/?a=b",
        "javascript:alert(1)/connections/",
    ],
)
def test_a_public_url_that_cannot_be_one_stops_the_configuration(written):
    """Better no extension than one that sends codes elsewhere."""
    with pytest.raises(TraitError, match="must be like") as caught:
        Connections(public_url=written)

    assert "CNRY" not in str(caught.value)


def test_A18_on_https_the_binding_cookie_belongs_to_this_host_alone():
    """``__Host-`` needs Secure and the root path, and then no sibling can set it."""
    cookies = FlowCookies("https://lab.example.com/user/priya/connections/")

    assert cookies.binding("s").startswith("__Host-connections-443-")
    assert {
        "path": "/",
        "httponly": True,
        "samesite": "Lax",
        "secure": True,
    } == cookies.binding_attributes()
    assert "__Secure-connections-result" == cookies.result()


def test_two_servers_and_two_attempts_use_different_cookies():
    """Browsers do not keep the cookies of two ports apart."""
    one = FlowCookies("http://127.0.0.1:8888/connections/")
    two = FlowCookies("http://127.0.0.1:8889/connections/")

    assert 3 == len({one.binding("a"), one.binding("b"), two.binding("a")})
    assert "/connections/" == one.binding_attributes()["path"]
