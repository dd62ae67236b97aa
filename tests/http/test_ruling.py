"""Rules where no server is there that could hold requests to them: the client does."""

import pytest
from scripted_peer import Reply

from conn_core._rules import Rules
from conn_core.errors import MethodNotAllowed

READING = Rules(methods=("GET", "HEAD"), paths=("/v1/orders",))


@pytest.fixture
def held(new_broker):
    """A broker in this process, whose connection has rules."""
    broker = new_broker(exposure="sealed", rules=READING)
    broker.relay = lambda _name: None
    return broker


def test_what_the_rules_allow_is_sent(ask, held, peer, secret):
    """With the credential, as ever."""
    assert 200 == ask("GET", "/orders/7?x=1", using=held).status_code
    assert f"Bearer {secret}" == peer.seen[-1].headers["authorization"]


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("POST", "/orders"),
        ("DELETE", "/orders/7"),
        ("GET", "/customers"),
        ("GET", "/orders/../customers"),
        ("GET", "/orders/%2e%2e/customers"),
        ("GET", "/orders%2f..%2fcustomers"),
    ],
)
def test_nothing_else_is_sent(ask, held, peer, method, address):
    """However the path is written."""
    with pytest.raises(MethodNotAllowed, match="Nothing was sent"):
        ask(method, address, using=held)
    assert [] == peer.seen


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "x-method-override"])
def test_no_header_stands_for_another_method(ask, held, peer, name):
    """Some servers would believe it."""
    with pytest.raises(MethodNotAllowed, match="names another"):
        ask("GET", "/orders", using=held, headers={name: "DELETE"})
    assert [] == peer.seen


def test_a_redirect_leads_to_nothing_else(ask, held, peer):
    """Each hop is held to them."""
    peer.answer = lambda _: Reply(302, headers={"Location": "/v1/customers"})
    with pytest.raises(MethodNotAllowed):
        ask("GET", "/orders", using=held, follow_redirects=True)
    assert ["/v1/orders"] == [each.path for each in peer.seen]
