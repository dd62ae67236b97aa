"""Where carried requests may go: read once, checked as they are sent."""

import asyncio
import dataclasses
import os

import pytest

from conn_core import Rules
from conn_core.errors import HostNotAllowed, MethodNotAllowed
from conn_core.http import AddressPolicy, Relay


@pytest.mark.parametrize(
    ("target", "sent"),
    [
        ("a/../b", "/v1/b"),
        ("../../../x", "/x"),
        ("%2e%2e/x?y=/../z", "/x?y=/../z"),
        ("a/%2E./b/.", "/v1/b/"),
        ("a;v=1/b%2Fc", "/v1/a;v=1/b%2Fc"),
        ("http://evil.example/x", "/v1/http://evil.example/x"),
        ("/evil.example/x", "/v1//evil.example/x"),
        ("", "/v1"),
        ("?a=1", "/v1?a=1"),
        ("100%25/na%C3%AFve", "/v1/100%25/na%C3%AFve"),
    ],
)
def test_J16_a_path_is_normalised_once(carry, api, target, sent):
    """What is checked is what is sent, and it stays at the API."""
    carry(target)

    assert sent == api.seen[0].target


@pytest.mark.parametrize(
    "target",
    [
        "a/..;/b",
        "a/..%2fb",
        "a/..%5cb",
        "a\\..\\b",
        "a/%252e%252e/b",
        "a/%25252e%25252e%25252fb",
        "a/%2525252525252e",
        "a/%zz",
        "a/b%0d%0aX: 1",
        "a b",
        "a\tb",
        "ä",
    ],
)
def test_J16_a_path_with_two_readings_is_refused(carry, api, target):
    """Nothing is sent where two servers might disagree."""
    with pytest.raises(HostNotAllowed, match="Nothing was sent"):
        carry(target)
    assert [] == api.seen


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://127.0.0.1",
        "http://127.0.0.1:1",
        "ftp://127.0.0.1",
        "file://",
        "http://user:pw@{host}",
        "http://{host}@evil.example",
        "http://{host}\\@evil.example",
        "http://{host}#@evil.example",
        "http://{host}/v1",
        "http://{host}?x",
        "//{host}",
        "http://[::1",
        "http://127.1:{port}",
        "http://2130706433:{port}",
        "http://0x7f000001:{port}",
    ],
)
def test_F1_J18_other_places_are_refused(carry, api, origin):
    """Before a name is looked up or a socket opened."""
    with pytest.raises(HostNotAllowed):
        carry("x", origin=origin.format(host=api.host, port=api.port))
    assert [] == api.seen


def test_another_host_of_the_service_may_be_named(carry, api):
    """The path is absolute there."""
    carry("x/y?z=1", origin=api.origin)

    assert "/x/y?z=1" == api.seen[0].target


@pytest.mark.parametrize(
    ("host", "addresses"),
    [
        ("169.254.169.254", None),
        ("[::ffff:169.254.169.254]", None),
        ("10.0.0.1", None),
        ("metadata.google.internal", ["93.184.216.34"]),
        ("api.example", ["169.254.169.254"]),
        ("api.example", ["93.184.216.34", "10.0.0.7"]),
        ("api.example", ["127.0.0.1"]),
        ("api.example", ["::1"]),
    ],
)
def test_E21_J18_internal_addresses_are_refused_though_they_are_listed(
    loan, changed, limits, lender_of, host, addresses
):
    """A service may list what it likes: the address decides, whatever the name."""
    from conn_core.http import Errand

    async def send():
        relay = Relay(
            policy=AddressPolicy(allow_loopback=True),
            limits=limits,
            resolve=lambda _, __: addresses,
        )
        lent = changed(loan, api_hosts=(host.strip("[]"), host), api_base_url="")
        try:
            await relay.send(
                lender_of(lent), Errand(method="GET", origin=f"https://{host}")
            )
        finally:
            await relay.close()

    with pytest.raises(HostNotAllowed, match="Nothing was sent"):
        asyncio.run(send())


def test_E21_this_machine_only_where_an_operator_allows_it(
    carry, api, limits, lender_of
):
    """The practice service is for demonstrations."""

    async def relay():
        return Relay(policy=AddressPolicy(), limits=limits)

    with pytest.raises(HostNotAllowed, match="this machine"):
        carry(relay=asyncio.run(relay()))
    assert [] == api.seen


def test_E36_the_environment_is_not_asked(carry, api, monkeypatch, tmp_path):
    """No proxy and no file with passwords gets between."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login mallory password CNRY-netrc-1")
    netrc.chmod(0o600)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("NETRC", os.fspath(netrc))

    assert 200 == carry().status
    assert "mallory" not in str(api.seen[0].headers)


ISSUING = "http://{host}/oauth/token"


@pytest.mark.parametrize(
    "target",
    [
        "oauth/token",
        "OAuth/Token",
        "oauth/token/",
        "oauth//token",
        "x/../oauth/token",
        "oauth/%74oken",
        "oauth/token;x=1",
        "oauth%2Ftoken",
        "oauth/%2574oken",
        "/oauth/token?grant_type=refresh_token",
    ],
)
def test_F24_the_authorization_server_is_no_part_of_the_api(carry, api, loan, target):
    """However its address is written."""
    closed = dataclasses.replace(loan, closed=(ISSUING.format(host=api.host),))

    with pytest.raises(HostNotAllowed, match="issue and end"):
        carry(target, origin=api.origin, loan=closed)
    assert [] == api.seen


def test_F24_what_is_beside_it_is_open(carry, api, loan):
    """Another path of the same host is the API."""
    closed = dataclasses.replace(loan, closed=(ISSUING.format(host=api.host),))

    assert 200 == carry("oauth/tokens", origin=api.origin, loan=closed).status


READ_ORDERS = Rules(methods=("GET", "HEAD"), paths=("/v1/orders", "/v1/shops/*/open"))


@pytest.mark.parametrize(
    ("method", "target"),
    [("GET", "orders"), ("HEAD", "orders/7"), ("GET", "shops/3/open?x=/secret")],
)
def test_J17_what_the_rules_include_is_sent(carry, loan, api, method, target):
    """A path and what is below it."""
    ruled = dataclasses.replace(loan, rules=READ_ORDERS)

    assert 200 == carry(target, method=method, loan=ruled).status


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("POST", "orders"),
        ("DELETE", "orders/7"),
        ("GET", "ordersx"),
        ("GET", "admin"),
        ("GET", "orders/../admin"),
        ("GET", "orders/%2e%2e/admin"),
        ("GET", "orders;/../admin"),
        ("GET", "/orders"),
    ],
)
def test_J17_what_they_do_not_is_refused(carry, loan, api, method, target):
    """A method, a path, or a path that becomes another one."""
    ruled = dataclasses.replace(loan, rules=READ_ORDERS)

    with pytest.raises(MethodNotAllowed, match="Nothing was sent"):
        carry(target, method=method, loan=ruled)
    assert [] == api.seen


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "x-http-method"])
def test_J17_no_header_makes_another_method_of_it(carry, loan, api, name):
    """Some servers take a GET for what a header says."""
    ruled = dataclasses.replace(loan, rules=READ_ORDERS)

    with pytest.raises(MethodNotAllowed, match="names another"):
        carry("orders", headers=((name, "DELETE"),), loan=ruled)
    assert [] == api.seen
    assert 200 == carry("orders", headers=((name, "DELETE"),)).status
