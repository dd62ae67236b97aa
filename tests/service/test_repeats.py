"""The very same question again, a moment later: what it may skip, and what never."""

import asyncio
import re
import socket
import time
from types import SimpleNamespace

import fake_hub
import pytest
from patience import until

from conn_core import Secret
from conn_serverext.service._repeats import Repeatable

PATH = "api/v1/connections/airtop/token"


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def connected(service, token, key):
    """Give the person of a token a connection whose key is this."""
    draft = {"service": "airtop", "name": "Airtop", "secret": {"api_key": key}}
    answer = service.ask("POST", "api/v1/connections", body=draft, **bearer(token))
    assert 201 == answer.status, answer.text


def vend(service, token, *, body="{}", path=PATH, **headers):
    headers = {"Content_Type": "application/json"} | bearer(token) | headers
    return service.ask("POST", path, body=body, **headers)


@pytest.fixture
def newcomer(service, its_hub, canary):
    """Makes people with a connection each; returns the name, the hub token, the key."""

    def make():
        name, key = f"p{time.monotonic_ns()}", canary("key")
        its_hub.people[name] = fake_hub.Person()
        token = its_hub.token_of(name)
        connected(service, token, key)
        return name, token, key

    return make


@pytest.fixture
def ada(newcomer):
    """The hub token of one of them."""
    return newcomer()[1]


#: Has the service say each vend that a handler answers, and its answers count for long:
#: on a machine that is busy each might come when the one before counts no more.
TALKATIVE = """
import logging
from conn_serverext import _vends
from conn_serverext.service import _app
_app.ServiceApp.log_level = logging.DEBUG
_vends.GOOD_FOR = 60
"""


def test_it_is_answered_again_and_counted_again(
    new_replica, hub, metrics_bearer, patched
):
    """Without its handler, which would have said so in the log."""
    replica = new_replica(**patched(TALKATIVE)).start()
    token = hub.token_of("sam")
    connected(replica, token, "CNRY-key-of-sam")
    vend(replica, token)  # is noted, with a look at the hub

    found = [vend(replica, token) for _ in range(12)]

    assert {(200, "CNRY-key-of-sam")} == {
        (answer.status, answer.json["access_token"]) for answer in found
    }
    assert {"no-store"} == {answer.headers["Cache-Control"] for answer in found}
    assert 1 == len({tuple(sorted(answer.headers)) for answer in found})
    shown = replica.ask("GET", "/metrics", **bearer(metrics_bearer[1])).text
    counted = re.search(r'_seconds_count\{kind="token",status="2xx"\} (\d+)', shown)
    assert counted is not None
    assert 13 == int(counted[1])
    assert 1 <= replica.log.count("POST TokenHandler 200") < 12


def test_vends_are_not_listed_in_the_log_and_refusals_are(service, ada):
    """They are thousands; what is refused is somebody's trouble."""
    before = len(service.log)
    vend(service, ada)
    vend(service, ada, path="api/v1/connections/nothing/token")

    until(lambda: "TokenHandler 404" in service.log[before:])  # once it is sent
    assert "TokenHandler 200" not in service.log[before:]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"Origin": "http://127.0.0.1:8000"}, 403),
        ({"Cookie": "a=b"}, 403),
        ({"Sec_Fetch_Site": "same-origin"}, 403),
        ({"Content_Type": "text/plain"}, 415),
        ({"Authorization": "Bearer CNRY-nobodys"}, 401),
        ({"Authorization": "Bearer jcg_nobodys"}, 401),
        ({"body": '{"require": ["all"]}'}, 409),
        ({"body": '{"a": 1}'}, 422),
        ({"body": "{"}, 400),
        ({"body": "[]"}, 400),
        ({"path": f"{PATH}?token=CNRY-x"}, 403),
        ({"path": "api/v1/connections/nothing/token"}, 404),
    ],
)
def test_another_question_is_looked_at_anew(service, ada, change, status):
    """However little is different, and however soon it comes."""
    for _ in range(3):
        assert 200 == vend(service, ada).status

    answer = vend(service, ada, **change)

    assert status == answer.status
    assert "CNRY-key" not in answer.text


def test_everybody_gets_their_own(service, newcomer):
    """Though all ask the same of the same address."""
    people = [newcomer() for _ in range(2)] * 3

    found = [vend(service, token).json["access_token"] for _, token, _ in people]

    assert [key for _, _, key in people] == found


def head_of(service, token, *, version="1.1", more=""):
    """Return a whole vend as it is written."""
    return (
        f"POST {service.prefix}{PATH} HTTP/{version}\r\nHost: 127.0.0.1:{service.port}\r\n"
        f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        f"{more}Content-Length: 2\r\n\r\n{{}}"
    ).encode()


def test_what_one_is_told_of_their_connection_is_told_nobody_else(service, ada):
    """One of HTTP/1.0 has it kept, one of HTTP/1.1 keeps it anyway (RFC 9112 9.3)."""
    old = head_of(service, ada, version="1.0", more="Connection: keep-alive\r\n")
    told = []
    for _ in range(6):
        with socket.create_connection(("127.0.0.1", service.port)) as one:
            one.sendall(old)
            with one.makefile("rb") as answer:
                head = list(iter(answer.readline, b"\r\n"))
        assert b"Connection: Keep-Alive\r\n" in head
        told.append(vend(service, ada).headers["Connection"])

    assert [None] * 6 == told


def test_what_is_sealed_is_lent_no_more_from_the_next_call_on(service, ada):
    """Whatever was answered a moment ago."""
    assert "access_token" in vend(service, ada).json
    sealed = service.ask(
        "POST", "api/v1/connections/airtop/seal", body={}, **bearer(ada)
    )
    assert 200 == sealed.status

    assert "access_token" not in vend(service, ada).json


def test_a_token_that_ends_is_no_good_though_it_never_pauses(
    service, its_hub, newcomer
):
    """Nor that of somebody who loses the right to be here."""
    (_, ended, _), (name, kept, _) = newcomer(), newcomer()
    assert [200] * 2 == [vend(service, token).status for token in (ended, kept)]
    its_hub.tokens.pop(ended)
    its_hub.people[name].scopes = ()

    def found():
        return [vend(service, token).status for token in (ended, kept)]

    until(lambda: 200 not in found(), pause=0)  # five seconds; for ever without an end
    assert [401, 403] == found()


def test_who_leaves_before_the_answer_leaves_nothing_behind(service, ada):
    """No request that runs for ever, and no line of an accident."""
    assert 200 == vend(service, ada).status
    before = len(service.log)
    head = head_of(service, ada)
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", service.port)) as left:
            left.sendall(head)
        time.sleep(0.02)
    time.sleep(0.5)  # what is in memory is looked up anew
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", service.port)) as left:
            left.sendall(head)

    assert 200 == vend(service, ada).status
    said = service.log[before:]
    assert "Traceback" not in said
    assert "exception" not in said.lower()


@pytest.mark.parametrize("found", [None, Secret("CNRY-answer")])
def test_who_left_while_the_database_was_asked_is_answered_nothing(found):
    """Neither by what was found, nor by a handler that has lost the request."""
    request, done = SimpleNamespace(connection=None), []
    handler = SimpleNamespace(
        finish=lambda: done.append("handled"), on_connection_close=lambda: None
    )
    look = asyncio.new_event_loop().create_future()
    site = SimpleNamespace(
        repeats=SimpleNamespace(asked_by=lambda _: "asked"),
        core=SimpleNamespace(
            vends=SimpleNamespace(lent=lambda _: None, look=lambda _: look)
        ),
        traffic=SimpleNamespace(ends=done.append),
    )
    repeatable = Repeatable(request, handler, site)
    repeatable.finish()
    repeatable.on_connection_close()

    look.set_result(found)
    look.get_loop().run_until_complete(look)
    look.get_loop().close()

    assert [request] == done
