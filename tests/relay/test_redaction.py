"""Credentials that a service sends back."""

import base64
import dataclasses
import gzip
import html
import json
import random
import re
import zlib
from urllib.parse import quote

import pytest

from conn_core.errors import ProviderError
from conn_core.http import needles_of
from conn_core.http._redaction import Needles, Redactor

#: Everything that some spelling escapes.
ODD = 'CNRY-a/b+c"d&e=f<g>h-1234567890'


def test_J7_an_api_that_echoes_headers(carry, api, secret, canary):
    """Its answer is as long as before, without the credential."""
    answer = carry("anything")

    assert answer.has_reflected
    assert str(len(answer.body)) == answer.headers["content-length"]
    assert "[redacted]" in dict(json.loads(answer.body)["headers"])["Authorization"]
    canary.sweep([], {"body": answer.body.decode()})


def test_J7_an_answer_without_it_is_left_alone(carry, api):
    """Nothing is reported, and no byte changed."""
    body = bytes(range(256)) * 40
    api.answers("/v1/me", body)

    answer = carry()

    assert (body, False) == (answer.body, answer.has_reflected)


SPELLINGS = {
    "plain": ODD,
    "url": quote(ODD, safe=""),
    "url, lower case": re.sub("%..", lambda m: m[0].lower(), quote(ODD, safe="")),
    "json": json.dumps(ODD)[1:-1],
    "json with slashes": json.dumps(ODD)[1:-1].replace("/", "\\/"),
    "html": html.escape(ODD),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_J8_every_spelling_is_found(spelling):
    """However an answer writes it."""
    redactor = Redactor(needles_of([ODD]))
    written = f"before {SPELLINGS[spelling]} after".encode()

    shown = redactor.part(written) + redactor.rest()

    assert redactor.has_found
    assert len(written) == len(shown)
    assert b"before [redacted]" in shown
    assert b"* after" in shown


ODD_ONES = [
    ODD,
    "CNRY-plain-1234567890",
    "CNRYwJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "CNRY ~?>ÄÖÜ äöü",
    '"&<>/+?= "&<>/+?=',
]


@pytest.mark.parametrize("secret", ODD_ONES)
def test_J8_what_is_looked_for_first_is_in_every_spelling(secret):
    """Where none of it is there can be none of them; and it is never more."""
    needles = needles_of([secret, "CNRY-another-1234"])

    for spelling in needles.spellings:
        assert any(core in spelling for core in needles.cores)
    assert len(needles.cores) <= len(needles.spellings)


def test_what_is_looked_for_first_is_less_where_spellings_differ():
    """Base64 at three offsets, and what all other spellings leave as it is."""
    needles = needles_of(["CNRY-wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"])

    assert (7, 4) == (len(needles.spellings), len(needles.cores))


@pytest.mark.parametrize("before", ["", "u", "us", "user:", "Bearer "])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_J8_base64_is_found_at_every_offset(before, encode):
    """Alone, or with something before and after it."""
    redactor = Redactor(needles_of([ODD]))

    shown = redactor.part(encode(f"{before}{ODD}; and more".encode())) + redactor.rest()

    assert redactor.has_found
    assert b"[redacted]" in shown
    # At most what its neighbours share of a character is left.
    assert len("[redacted]") + shown.count(b"*") >= len(ODD) * 4 // 3 - 6


def test_J8_chunk_borders_hide_nothing():
    """Wherever an answer is cut: the sliding window sees the whole."""
    needles = needles_of([ODD])
    whole = f"x{ODD}y{ODD[:9]}z{ODD}".encode()
    expected = f"x{'[redacted]'.ljust(len(ODD), '*')}y{ODD[:9]}z"
    expected += "[redacted]".ljust(len(ODD), "*")
    dice = random.Random(7)
    for _ in range(200):
        redactor, shown, at = Redactor(needles), b"", 0
        while at < len(whole):
            step = dice.choice([1, 2, 5, 13, 29, 64])
            shown += redactor.part(whole[at : at + step])
            at += step
        assert expected.encode() == shown + redactor.rest()


def test_J8_what_cannot_be_a_secret_does_not_wait():
    """A stream of events arrives as it is sent."""
    redactor = Redactor(needles_of([ODD]))

    assert b"data: 1\n\n" == redactor.part(b"data: 1\n\n")
    assert b"data: " == redactor.part(b"data: CNRY-a")  # it could begin here
    assert b"CNRY-an end" == redactor.part(b"n end")


def test_J8_chunk_borders_on_the_wire(carry, api, secret, canary):
    """The same over a socket, part by part."""
    text = f"before {secret} after".encode()
    api.answers("/v1/me", chunks=[text[i : i + 3] for i in range(0, len(text), 3)])

    answer = carry()

    assert answer.has_reflected
    canary.sweep([], {"body": answer.body.decode()})


@pytest.mark.parametrize(
    ("encoding", "squeeze"), [("gzip", gzip.compress), ("deflate", zlib.compress)]
)
def test_J8_compression_that_nobody_asked_for(carry, api, secret, encoding, squeeze):
    """It is taken off, and what was in it is searched."""
    api.answers(
        "/v1/me",
        squeeze(f"before {secret}".encode()),
        headers=[("Content-Encoding", encoding)],
    )

    answer = carry()

    assert b"before [redacted]" in answer.body
    assert secret.encode() not in answer.body
    assert not {"content-encoding", "content-length"} & answer.headers.keys()


@pytest.mark.parametrize(
    ("encoding", "body"), [("br", b"x"), ("gzip", b"no gzip"), ("gzip, gzip", b"x")]
)
def test_J8_compression_that_cannot_be_read(carry, api, encoding, body):
    """Such an answer is refused: nobody knows what is in it."""
    api.answers("/v1/me", body, headers=[("Content-Encoding", encoding)])

    with pytest.raises(ProviderError, match="encoding that was not asked for"):
        carry()


def test_J13_a_bomb_comes_in_pieces(carry, api):
    """A few kilobytes that become many are handed on piece by piece."""
    bomb = gzip.compress(bytes(20_000_000))
    api.answers("/v1/me", bomb, headers=[("Content-Encoding", "gzip")])

    assert 20_000_000 == len(carry().body)


@pytest.mark.parametrize("name", ["Location", "Link", "X-Request", "ETag"])
def test_J8_headers_are_searched_too(carry, api, secret, canary, name):
    """In the plain form and in that of addresses."""
    value = f"https://x.example/?t={quote(secret, safe='')}&p={secret}"
    api.answers("/v1/me", b"", headers=[(name, value)])

    answer = carry()

    assert answer.has_reflected
    assert "[redacted]" in answer.headers[name.lower()]
    canary.sweep([], {"headers": str(answer.pairs)})


def test_J8_trailers_are_not_handed_on(carry, api, secret):
    """What follows a chunked body is dropped."""
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n"
    api.says("/v1/me", head, b"2\r\nok\r\n0\r\nX-T: " + secret.encode() + b"\r\n\r\n")

    answer = carry()

    assert (b"ok", False) == (answer.body, answer.has_reflected)
    assert not {"trailer", "x-t", "transfer-encoding"} & answer.headers.keys()


def test_a_short_secret_is_no_reason_to_change_answers():
    """It could be any word."""
    needles = needles_of(["short"])

    assert () == needles.spellings
    assert b"a short text" == Redactor(needles).part(b"a short text")


def test_the_defence_is_what_keeps_it_out(carry, api, loan, secret):
    """Without it the credential comes back: these tests see what they look for."""
    answer = carry("anything", loan=dataclasses.replace(loan, needles=Needles()))

    assert secret.encode() in answer.body
