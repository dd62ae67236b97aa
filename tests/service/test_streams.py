"""Long bodies through the service: the token ends while they are on their way."""

import asyncio

import pytest
from replica_faults import check_kept, expire, kernel_of, refuse_early
from rotating_provider import LONG

from conn_core.http import connected_async_client, connected_client


@pytest.fixture
def kernel(replica_of, hub):
    """What a kernel asks; its connection may be sealed."""
    broker = kernel_of(hub, "sam", port=replica_of("a").port)
    yield broker
    broker.close()


def downloaded(kernel, kind):
    """Download with one client, and ask for something small afterwards."""
    if kind == "sync":
        with connected_client(kernel, "expenses") as client:
            with client.stream("GET", "/long") as answer:
                body = b"".join(answer.iter_bytes())
            return body, client.get("/me").status_code

    async def download():
        async with connected_async_client(kernel, "expenses") as client:
            async with client.stream("GET", "/long") as answer:
                body = b"".join([part async for part in answer.aiter_bytes()])
            return body, (await client.get("/me")).status_code

    return asyncio.run(download())


def test_F77_a_download_goes_on_when_its_token_ends(kernel, site):
    """Its credential counted at the beginning; the next request has the next one.

    With the token in the kernel and in the service's relay, with either client.
    """
    site.provider.on_half = lambda: (expire(site), site.provider.reject_all())
    generation = 2
    for sealed in (False, True):
        kernel.seal("expenses", sealed=sealed)
        for kind in ("sync", "async"):
            body, status = downloaded(kernel, kind)
            assert LONG == body, (sealed, kind)
            assert 200 == status, (sealed, kind)
            generation += 1
    check_kept(site, generation=generation, refreshes=generation - 1)


#: What is put, and whether it is there a second time: in the kernel, in the relay.
UPLOADS = (
    (lambda opened: {"content": b"all of it"}, True, True),
    # The relay has read it whole, whatever it was in the kernel.
    (lambda opened: {"content": opened}, False, True),
    (lambda opened: {"files": {"f": b"all of it"}}, False, True),
    (lambda opened: {"content": iter([b"all ", b"of it"])}, False, False),
)


@pytest.fixture
def upload(kernel, site, tmp_path):
    """Uploads with a token that the API refuses: the status, and how often it arrived."""
    file = tmp_path / "upload"
    file.write_bytes(b"all of it")

    def send(client, method, options):
        assert 200 == client.get("/me").status_code
        site.provider.uploads.clear()
        refuse_early(site)
        with file.open("rb") as opened:
            status = client.request(method, "/upload", **options(opened)).status_code
        assert all(b"all of it" in body for body in site.provider.uploads)
        return status, len(site.provider.uploads)

    return send


def test_F78_an_upload_is_sent_again_only_where_its_body_is_still_there(kernel, upload):
    """After a 401: what has gone by is not sent again, and nothing that adds is.

    Fails when it is: empty, or its second half.
    """
    for sealed in (False, True):
        kernel.seal("expenses", sealed=sealed)
        with connected_client(kernel, "expenses") as client:
            for options, *is_there in UPLOADS:
                expected = (200, 2) if is_there[sealed] else (401, 1)
                assert expected == upload(client, "PUT", options)
                assert (401, 1) == upload(client, "POST", options)
