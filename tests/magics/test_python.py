"""``import conn_magics as cm``."""

import copy
import inspect
import json
import pickle
from datetime import UTC, datetime

import pytest

import conn_magics as cm
from conn_core.errors import (
    ConnectionNotFound,
    HostNotAllowed,
    InvalidInput,
    Sealed,
)


@pytest.mark.usefixtures("broker")
def test_connect_gives_a_client():
    """Base URL set, token sent."""
    assert "priya-n" == cm.connect("beans").get("/me").json()["as"]


@pytest.mark.usefixtures("broker")
async def _ask():
    async with cm.connect("beans", client="async") as client:
        return (await client.get("/me")).json()["as"]


@pytest.mark.usefixtures("broker")
def test_connect_gives_an_async_client():
    """The same, to be awaited."""
    import asyncio

    assert "priya-n" == asyncio.run(_ask())


@pytest.mark.usefixtures("broker")
def test_connect_of_a_foreign_host_sends_nothing():
    """The allow-list holds whatever address is given."""
    with pytest.raises(HostNotAllowed, match="Nothing was sent"):
        cm.connect("beans").get("https://example.org/steal")


def test_get_tells_the_facts(broker):
    """Status, service, scopes, account, expiry."""
    ends = datetime(2027, 1, 31, tzinfo=UTC)
    broker.has("beans", name="My beans", expires_at=ends)
    found = cm.get("My beans")
    assert (
        "beans",
        "My beans",
        "coffee",
        "connected",
        ("beans.read",),
        ("beans.read",),
        "priya-n",
        ends,
    ) == (
        found.link_name,
        found.name,
        found.service,
        found.status,
        found.scopes,
        found.granted_scopes,
        found.account,
        found.expires_at,
    )
    with pytest.raises(ConnectionNotFound):
        cm.get("gihub")


def test_facts_are_at_most_two_seconds_old(broker):
    """Somebody else's change is seen; one look is one question."""
    from conn_magics._holder import Holder

    now = [100.0]
    holder = Holder(clock=lambda: now[0])
    with holder.using(broker):
        found = cm.Connection("beans", holder=holder)
        broker.asked.clear()
        assert ("connected", "priya-n") == (found.status, found.account)
        assert ["connection"] == broker.asked
        broker.revoke("beans")
        now[0] += 2.1
        assert "revoked" == found.status


@pytest.mark.usefixtures("broker")
def test_a_connection_gives_clients_headers_and_token(token):
    """Several ways to the same credential; the client is the best one."""
    found = cm.get("beans")
    assert "priya-n" == found.client().get("/me").json()["as"]
    assert "beans" == found.async_client(timeout=3).link_name
    headers = found.headers()
    assert {"Authorization": f"Bearer {token}"} == dict(headers)
    assert f"Bearer {token}" == headers["authorization"]
    assert (1, ["Authorization"], False) == (
        len(headers),
        list(headers),
        "Cookie" in headers,
    )
    assert token == found.token().reveal()


def test_the_token_prints_when_it_ends(broker, monkeypatch):
    """``<token for 'google-sheets', expires 14:05>``, local time."""
    import dataclasses

    real = broker.access_token
    ends = datetime(2026, 11, 25, 14, 5).astimezone()
    monkeypatch.setattr(
        broker,
        "access_token",
        lambda *a, **o: dataclasses.replace(real(*a, **o), expires_at=ends),
    )
    given = cm.get("beans").token()
    assert (
        "<token for 'beans', expires 14:05>" == repr(given) == f"{given}" == str(given)
    )
    assert ends == given.expires_at
    monkeypatch.undo()
    assert "<token for 'beans'>" == repr(cm.get("beans").token())


def test_sealed_connections_give_no_token(broker):
    """Nor headers; the text says what goes on working."""
    broker.has("beans", exposure="sealed")
    for ask in (cm.get("beans").token, cm.get("beans").headers):
        with pytest.raises(Sealed, match=r"its token stays .* cm\.connect\('beans'\)"):
            ask()
    assert 200 == cm.connect("beans").get("/me").status_code


@pytest.mark.parametrize(("ask", "what"), [("token", "tokens"), ("headers", "headers")])
def test_J3_what_signs_its_requests_has_nothing_to_hand_out(broker, ask, what):
    """The broker signs; an empty token would only look like one."""
    old = broker.service("coffee").model_copy(
        update={"id": "old", "auth_type": "oauth1"}
    )
    broker._services["old"] = old
    broker.has("tea", service="old")

    with pytest.raises(InvalidInput, match=f"there are no {what} to hand out"):
        getattr(cm.get("tea"), ask)()

    cm.connect("tea").get("/me")
    assert "sign" in broker.asked


def test_a_key_in_the_address_has_no_headers(broker, monkeypatch):
    """It cannot be put into a header by us."""
    import dataclasses

    real = broker.access_token
    monkeypatch.setattr(
        broker,
        "access_token",
        lambda *a, **o: dataclasses.replace(real(*a, **o), param_type="query"),
    )
    with pytest.raises(InvalidInput, match="does not send its credential in a header"):
        cm.get("beans").headers()


def _things():
    found = cm.get("beans")
    return {
        "connection": found,
        "client": found.client(),
        "async": found.async_client(),
        "token": found.token(),
        "headers": found.headers(),
        "list": cm.list(),
    }


@pytest.mark.usefixtures("broker")
def test_K1_to_K9_no_way_of_looking_shows_the_token(canary):
    """repr, str, format, pprint, HTML, vars, members: name and state only."""
    from pprint import pformat

    from IPython.core.formatters import DisplayFormatter
    from IPython.lib.pretty import pretty
    from rich.pretty import pretty_repr

    texts = {}
    for name, thing in _things().items():
        looks = [
            repr(thing),
            str(thing),
            f"{thing}",
            pformat(thing),
            pretty(thing),
            pretty_repr(thing),
        ]
        looks += [repr(getattr(thing, "__dict__", None)), repr(dir(thing))]
        looks.append(repr(inspect.getmembers(thing)))
        looks.append(json.dumps([thing], default=str))
        # Text, HTML and whatever else a notebook would ask for.
        looks.append(repr(DisplayFormatter().format(thing)))
        texts[name] = "\n".join(looks)
    assert 6 == canary.sweep(texts=texts)


@pytest.mark.usefixtures("broker")
def test_K10_a_connection_travels_as_its_name(canary):
    """To a worker, a cache or another kernel; there it asks again."""
    packed = pickle.dumps(cm.get("beans"))
    canary.sweep(texts={"pickle": packed})
    again = pickle.loads(packed)
    assert again == cm.get("beans")
    assert "priya-n" == again.client().get("/me").json()["as"]
    assert copy.deepcopy(again) == again
    assert {again} == {cm.get("beans"), again}


@pytest.mark.parametrize("name", ["client", "async", "token"])
@pytest.mark.usefixtures("broker")
def test_K10_what_holds_or_uses_a_credential_does_not_travel(name):
    """The error says where to open it instead."""
    thing = _things()[name]
    for serialise in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError, match="cannot be serialised"):
            serialise(thing)


def test_list_and_services_are_lists_that_show_themselves(broker):
    """Objects, not tables of text."""
    broker.has("acme-crm", status="revoked")
    assert ["acme-crm"] == [c.link_name for c in cm.list(status="revoked")]
    assert ["coffee"] == [s.id for s in cm.services("coffee")]
    assert "acme-crm" in repr(cm.list())
    assert "<table" in cm.list()._repr_html_()


def test_ui_without_widgets_is_the_list(broker):
    """Plain Python has no widgets."""
    assert repr(cm.list()) == repr(cm.ui())


def test_the_public_names_exist():
    """``__all__`` is sorted, complete and true."""
    assert sorted(cm.__all__) == cm.__all__
    assert all(getattr(cm, name) is not None for name in cm.__all__)
    assert cm.__all__ == dir(cm)
    with pytest.raises(AttributeError):
        getattr(cm, "nothing")  # noqa: B009 - the lookup is what is tested
