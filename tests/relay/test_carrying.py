"""One carried request: what is sent, what comes back, and once more after a 401."""

import asyncio
import dataclasses
import json

import pytest

from conn_core import Secret
from conn_core.auth import Outgoing
from conn_core.errors import InvalidInput, ProviderUnavailable
from conn_core.http import Errand, Relay, needles_of


def test_the_credential_is_added_and_the_answer_comes_back(carry, api, secret):
    """The API gets its credential; whoever asks gets the answer."""
    api.answers("/v1/me", b'{"login": "ada"}', headers=[("ETag", '"7"')])

    answer = carry("me?page=2")

    assert (200, b'{"login": "ada"}') == (answer.status, answer.body)
    assert '"7"' == answer.headers["etag"]
    assert "/v1/me?page=2" == api.seen[0].target
    assert f"Bearer {secret}" == api.seen[0].one("Authorization")
    assert api.host == api.seen[0].one("Host")


@pytest.fixture
def parts_of(loan, lender_of, limits, policy):
    """Carries one request; returns each part, and whether it was known to be the last."""

    async def go():
        relay = Relay(policy=policy, limits=limits)
        answer = await relay.send(lender_of(loan), Errand(method="GET", target="me"))
        found = []
        while part := await answer.part():
            found.append((part, answer.has_ended))
        answer.close()
        await relay.close()
        return found

    return lambda: asyncio.run(go())


def test_the_last_part_is_known_to_be_the_last(parts_of, api):
    """Nobody has to ask for another one."""
    api.says("/v1/me", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwhole")

    assert [(b"whole", True)] == parts_of()


def test_a_part_is_not_the_last_where_the_beginning_of_a_secret_waits(
    parts_of, api, secret
):
    """What was held back is still to come."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 18\r\n\r\n"
    start = secret[:9].encode()
    api.says("/v1/me", head + b"a secret " + start)

    assert [(b"a secret ", False), (start, True)] == parts_of()


def test_a_body_arrives_as_it_was_sent(carry, api):
    """A whole body is sent with its length."""
    carry("echo", method="POST", body=b"x=1", headers=(("Content-Type", "text/x"),))

    assert ("POST", b"x=1") == (api.seen[0].method, api.seen[0].body)
    assert "3" == api.seen[0].one("Content-Length")
    assert "text/x" == api.seen[0].one("Content-Type")


def test_a_body_in_parts_is_sent_in_chunks_or_with_its_length(carry, api):
    """Where nobody knows the length it is sent in chunks."""

    async def parts():
        yield b"one "
        yield b"two"

    carry("up", method="PUT", body=None, parts=parts)
    carry("up", method="PUT", body=None, parts=parts, length=7)

    chunked, counted = api.seen
    assert [b"one two"] * 2 == [chunked.body, counted.body]
    assert ("chunked", None) == (
        chunked.one("Transfer-Encoding"),
        chunked.one("Content-Length"),
    )
    assert (None, "7") == (
        counted.one("Transfer-Encoding"),
        counted.one("Content-Length"),
    )


def test_J8_no_compression_is_asked_for(carry, api):
    """What is compressed cannot be searched."""
    carry("me", headers=(("Accept-Encoding", "gzip, br"),))

    assert ["identity"] == api.seen[0].all("Accept-Encoding")


def test_redirects_go_back_to_whoever_asked(carry, api):
    """The relay follows none."""
    api.answers("/v1/me", b"", status=302, headers=[("Location", "/elsewhere")])

    answer = carry()

    assert (302, "/elsewhere") == (answer.status, answer.headers["location"])
    assert 1 == len(api.seen)


@pytest.fixture
def renewed(loan, changed, canary):
    """The same connection a moment later."""
    fresh = canary("renewed")
    found = changed(loan, access_token=Secret(fresh), generation=2)
    return dataclasses.replace(found, needles=needles_of([fresh]))


def _refuses(api, secret):
    def play(line, asked):
        status = 401 if secret in asked.one("Authorization") else 200
        line.sendall(f"HTTP/1.1 {status} X\r\nContent-Length: 2\r\n\r\nok".encode())

    api.plays["/v1/me"] = play


def test_after_a_401_it_is_sent_once_more(carry, api, secret, loan, renewed, lender_of):
    """With a renewed credential, and only once."""
    _refuses(api, secret)
    lender = lender_of(loan, renewed)

    answer = carry(lender=lender)

    assert (200, 2, [1]) == (answer.status, len(api.seen), lender.rejected)


@pytest.mark.parametrize(
    "errand",
    [{"method": "POST", "body": b"x"}, {"method": "PUT", "body": None}],
)
def test_what_may_have_been_done_is_not_sent_twice(
    carry, api, secret, loan, renewed, lender_of, errand
):
    """No POST, and nothing whose body has gone by."""
    _refuses(api, secret)

    async def parts():
        yield b"x"

    answer = carry(lender=lender_of(loan, renewed), parts=parts, **errand)

    assert (401, 1) == (answer.status, len(api.seen))


def test_a_401_with_nothing_newer_goes_back(carry, api, secret, loan, lender_of):
    """A credential that cannot be renewed is not tried again."""
    _refuses(api, secret)

    assert 401 == carry(lender=lender_of(loan)).status
    assert 1 == len(api.seen)


def test_a_credential_in_the_query(carry, api, loan, changed, secret):
    """It takes the place of what whoever asks put there."""
    loan = changed(loan, param_type="query", param_name="key", param_prefix="")

    carry("me?key=mine&page=2", loan=loan)

    assert f"/v1/me?page=2&key={secret}" == api.seen[0].target
    assert api.seen[0].one("Authorization") is None


def test_a_credential_in_a_form(carry, api, loan, changed, secret):
    """The form is whole, so the field is put into it."""
    loan = changed(loan, param_type="body", param_name="key", param_prefix="")
    kind = (("Content-Type", "application/x-www-form-urlencoded"),)

    carry("me", method="POST", body=b"a=1", headers=kind, loan=loan)

    assert f"a=1&key={secret}".encode() == api.seen[0].body
    assert loan.needs_whole_body


def test_a_signed_request(carry, api, loan, changed):
    """The broker signs what is sent, with its Host."""
    asked = []

    def sign(request: Outgoing):
        asked.append(request)
        return {"Authorization": "OAuth signed"}

    loan = dataclasses.replace(changed(loan, signed_by="oauth1"), sign=sign)

    carry("me?page=2", loan=loan)

    assert "OAuth signed" == api.seen[0].one("Authorization")
    assert f"{api.origin}/v1/me?page=2" == asked[0].url
    assert api.host == asked[0].headers["Host"]


def test_headers_that_the_service_wants_are_added(carry, api, loan, changed):
    """Whatever whoever asks wrote in their place."""
    loan = changed(loan, api_headers={"X-Version": "2"})

    carry("me", headers=(("x-version", "1"),), loan=loan)

    assert ["2"] == api.seen[0].all("X-Version")


def test_a_service_that_is_not_there(carry, api):
    """Is said in words, without the address."""
    api.close()

    with pytest.raises(ProviderUnavailable, match=r"127\.0\.0\.1 cannot be reached"):
        carry("me?secretive=1")


def test_a_service_that_hangs_up(carry, api):
    """So is one that says nothing."""
    api.plays["/v1/me"] = lambda line, _: line.shutdown(2)

    with pytest.raises(ProviderUnavailable, match="broke off"):
        carry(method="POST")


def test_an_answer_that_is_cut_is_no_answer(carry, api):
    """Half an answer is never taken for a whole one."""

    def play(line, _):
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        line.shutdown(2)

    api.plays["/v1/me"] = play

    with pytest.raises(ProviderUnavailable, match="broke off its answer"):
        carry()


def test_T18_a_header_that_breaks_the_line_is_refused(carry, api):
    """Nothing is smuggled behind it."""
    with pytest.raises(InvalidInput, match="Nothing was sent"):
        carry("me", headers=(("X-A", "1\r\nX-B: 2"),))
    assert [] == api.seen


def test_T18_a_method_that_breaks_the_line_is_refused(carry, api):
    """Nor before it."""
    with pytest.raises(InvalidInput, match="Nothing was sent"):
        carry("me", method="GET /x HTTP/1.1\r\nX: ")
    assert [] == api.seen


def test_nothing_shows_the_credential(loan, secret):
    """No repr of what holds it does."""
    assert secret not in f"{loan!r} {json.dumps(loan.token.to_json(), default=str)}"
