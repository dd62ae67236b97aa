"""Credentials that a service sends back, however it writes and packs them."""

import base64
import dataclasses
import gzip
import html
import json
import time
import zlib
from urllib.parse import quote

import pytest

from conn_core import RelayLimits, Secret
from conn_core.errors import ProviderError
from conn_core.http import Relay, needles_of

#: What an address, JSON and HTML escape, and what base64 writes in two ways.
ODD = 'a/b+c"d&e<f>~?>é'

SPELLINGS = {
    "plain": lambda secret: secret.encode(),
    "url": lambda secret: quote(secret, safe="").encode(),
    "json": lambda secret: json.dumps(secret).encode(),
    "json without ascii": lambda secret: json.dumps(
        secret, ensure_ascii=False
    ).encode(),
    "html": lambda secret: html.escape(secret).encode(),
    "base64": lambda secret: base64.b64encode(secret.encode()),
    "base64 of a header": lambda secret: base64.b64encode(
        f"Authorization: Bearer {secret}; x".encode()
    ),
    "base64 for addresses": lambda secret: base64.urlsafe_b64encode(secret.encode()),
}


def _raw_deflate(body):
    squeezing = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return squeezing.compress(body) + squeezing.flush()


def _chunks(body, size):
    parts = (body[at : at + size] for at in range(0, len(body), size))
    return b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in parts) + b"0\r\n\r\n"


CHUNKED = "Transfer-Encoding: chunked"
PACKINGS = {
    "with its length": lambda body: ([f"Content-Length: {len(body)}"], body),
    "to the end": lambda body: (["Connection: close"], body),
    "chunks of one": lambda body: ([CHUNKED], _chunks(body, 1)),
    "chunks of seven": lambda body: ([CHUNKED], _chunks(body, 7)),
    "gzip": lambda body: (
        ["Content-Encoding: gzip", "Connection: close"],
        gzip.compress(body),
    ),
    "gzip in chunks": lambda body: (
        ["Content-Encoding: x-gzip", CHUNKED],
        _chunks(gzip.compress(body), 3),
    ),
    "deflate in chunks": lambda body: (
        ["Content-Encoding: deflate", CHUNKED],
        _chunks(zlib.compress(body), 5),
    ),
}


@pytest.fixture
def odd(canary):
    """A credential that has to be escaped everywhere."""
    return f"{canary('odd')}{ODD}"


@pytest.fixture
def odd_loan(loan, changed, odd):
    # As it is in the query: a header could not carry it.
    token = {"param_type": "query", "param_name": "key", "param_prefix": ""}
    lent = changed(loan, access_token=Secret(odd), **token)
    return dataclasses.replace(lent, needles=needles_of([odd]))


def _says(api, head, body):
    """Answer with this in two parts, the second when the first has arrived."""
    lines = ["HTTP/1.1 200 OK", "Content-Type: text/plain", *head, "", ""]
    half = len(body) // 2

    def play(line, _):
        line.sendall("\r\n".join(lines).encode() + body[:half])
        time.sleep(0.03)
        line.sendall(body[half:])
        line.shutdown(2)

    api.plays["/v1/me"] = play


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_J8_every_spelling_in_every_packing(
    carry, api, odd, odd_loan, canary, spelling, packing
):
    """What comes out has neither it nor the packing, and the text around it."""
    written = SPELLINGS[spelling](odd)
    _says(api, *PACKINGS[packing](b"before " + written + b" after"))

    answer = carry(loan=odd_loan)

    assert answer.has_reflected
    assert written not in answer.body
    assert b"[redacted]" in answer.body
    assert (b"before ", b" after") == (answer.body[:7], answer.body[-6:])
    canary.sweep([], {"body": answer.body.decode("utf-8", "replace")})


@pytest.mark.parametrize("name", ["Location", "Link", "Set-Cookie", "Refresh", "X-Any"])
@pytest.mark.parametrize("spelling", ["plain", "url", "base64", "base64 of a header"])
def test_J8_every_spelling_in_headers(carry, api, secret, canary, name, spelling):
    """Handed on without it, or not handed on at all."""
    written = SPELLINGS[spelling](secret).decode()
    value = f"<https://x.example/?t={written}>; rel=next"
    api.answers("/v1/me", b"", status=302, headers=[(name, value)])

    answer = carry()

    handed_on = answer.headers.get(name.lower(), "")
    assert (name in {"Location", "Link", "X-Any"}) == ("[redacted]" in handed_on)
    assert written not in str(answer.pairs)
    canary.sweep([], {"headers": str(answer.pairs)})


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [("deflate", _raw_deflate), ("br", bytes), ("zstd", bytes), ("gzip, br", bytes)],
)
def test_J8_what_cannot_be_searched_is_not_handed_on(
    carry, api, secret, encoding, pack
):
    """An encoding that nobody asked for and that is not taken off here."""
    _says(
        api,
        [f"Content-Encoding: {encoding}", "Connection: close"],
        pack(f"before {secret}".encode()),
    )

    with pytest.raises(ProviderError, match="encoding that was not asked for"):
        carry()


def test_J8_in_the_answer_of_an_error_and_in_the_name_of_a_header(carry, api, secret):
    """Errors quote what they were sent, and some make a header's name of it."""
    api.answers(
        "/v1/me",
        f'{{"error": "bad key {secret}"}}'.encode(),
        status=401,
        headers=[(f"X-{secret}", "1")],
    )

    answer = carry()

    assert (401, True) == (answer.status, answer.has_reflected)
    assert secret.encode() not in answer.body
    assert secret.lower() not in str(answer.pairs).lower()


def test_J13_a_bomb_in_chunks_is_counted_as_what_it_becomes(carry, api, policy):
    """A limit is for what arrives, not for what was sent."""
    bomb = gzip.compress(bytes(20_000_000))
    api.answers("/v1/me", bomb, headers=[("Content-Encoding", "gzip")])
    limits = RelayLimits(most_answered=1_000_000)

    with pytest.raises(ProviderError, match="more than 1,000,000 bytes"):
        carry(relay=Relay(policy=policy, limits=limits))
