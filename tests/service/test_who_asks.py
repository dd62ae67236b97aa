"""Who is taken for whom: by a proxy's header, and by a token of the hub."""

from types import SimpleNamespace

import pytest
from tornado.httputil import HTTPHeaders

from conn_core import Secret
from conn_core.errors import NotAllowed
from conn_serverext.service._identity import HubIdentity, ProxyIdentity

ACCESS = {"access:services!service=connections"}


@pytest.fixture
def shown(canary):
    """What the proxy shows."""
    return canary("proxy-secret")


@pytest.fixture
def person_in(shown):
    """Says who a request comes from: ``person_in(peer, *headers)``."""
    identity = ProxyIdentity(
        user_header="X-Person",
        networks=["10.1.0.0/16"],
        secret_header="X-Proxy-Secret",
        secret=Secret(shown),
    )

    def ask(peer, *headers):
        found = HTTPHeaders()
        for name, value in headers:
            found.add(name, value)
        request = SimpleNamespace(headers=found, remote_ip=peer)
        user = identity.get_user(SimpleNamespace(request=request))
        return user and user.username

    return ask


def test_H12_whom_the_proxy_names_is_who_asks(person_in, shown):
    """From its address, with its secret."""
    named = ("X-Person", "priya"), ("X-Proxy-Secret", shown)
    assert "priya" == person_in("10.1.2.3", *named)


@pytest.mark.parametrize("peer", ["10.2.0.1", "127.0.0.1", "", "/run/a.sock"])
def test_H12_a_header_from_elsewhere_names_nobody(person_in, shown, peer):
    """Also with the secret: it may have been seen."""
    assert person_in(peer, ("X-Person", "priya"), ("X-Proxy-Secret", shown)) is None


def test_H12_a_header_without_the_proxys_secret_names_nobody(person_in, shown):
    """Another program of that machine could write it."""
    assert person_in("10.1.2.3", ("X-Person", "priya")) is None
    wrong = ("X-Proxy-Secret", shown[::-1])
    assert person_in("10.1.2.3", ("X-Person", "priya"), wrong) is None


def test_H12_two_names_are_none(person_in, shown):
    """What a caller sent went through beside what the proxy says."""
    secret = ("X-Proxy-Secret", shown)
    twice = ("X-Person", "mallory"), ("X-Person", "priya")
    assert person_in("10.1.2.3", *twice, secret) is None


def of_hub(model):
    """Return who a token belongs to of which the hub says this."""
    hub = SimpleNamespace(
        access_scopes=ACCESS,
        check_scopes=lambda wanted, model: wanted & set(model["scopes"]),
    )
    return HubIdentity(hub)._admitted(model)


def test_H11_a_person_of_the_hub_is_who_asks():
    """With the scope of this service."""
    model = {"kind": "user", "name": "priya", "scopes": [*ACCESS]}
    assert "priya" == of_hub(model).username


@pytest.mark.parametrize("scopes", [[], ["self"], ["access:services!service=other"]])
def test_H11_a_token_for_something_else_opens_nothing(scopes):
    """It says whose it is, and may have been given to anybody for that."""
    with pytest.raises(NotAllowed, match="may not use connections"):
        of_hub({"kind": "user", "name": "priya", "scopes": scopes})


def test_H11_a_service_of_the_hub_is_no_person():
    """It may be called like one."""
    with pytest.raises(NotAllowed, match="this is no person"):
        of_hub({"kind": "service", "name": "priya", "scopes": [*ACCESS]})
