"""The address that carries requests: who may use it, what is sent, what is written."""

import asyncio
import json

import pytest

from conn_core.broker import Lending
from conn_core.errors import StoreUnavailable

PROXY = "api/v1/connections/mine/proxy/"


@pytest.fixture
def lines(extension, jp_asyncio_loop):
    """What the audit log says of carried requests."""

    async def read():
        await extension.core.relaying.ledger.close()
        return await extension.core.run(_requests_in)

    return read


def _requests_in(core):
    import sqlalchemy as sa

    from conn_core.store._tables import audit

    with core.store.read() as tx:
        found = tx.execute(sa.select(audit).order_by(audit.c.seq)).mappings()
        return [dict(line) for line in found if line["action"] != "use"]


METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@pytest.mark.parametrize("method", METHODS)
async def test_each_method_is_carried(kernel, mine, api, key, method):
    """With the credential; the answer says that it is the service's."""
    body = "x=1" if method in {"POST", "PUT", "PATCH"} else None

    answer = await kernel(
        method,
        f"{PROXY}echo?page=2&token=t",
        body=body,
        headers={"Content-Type": "a/b"},
    )

    assert 200 == answer.code
    assert "1" == answer.headers["X-Connections-Upstream"]
    asked = api.seen[-1]
    assert (method, "/v1/echo?page=2&token=t") == (asked.method, asked.target)
    assert (body or "").encode() == asked.body
    assert key == asked.one("X-Key")


async def test_a_head_is_carried_without_a_body(kernel, mine, api):
    """Its length is that of what a GET would bring."""
    answer = await kernel("HEAD", f"{PROXY}echo")

    assert (200, "") == (answer.code, answer.text)
    assert "HEAD" == api.seen[-1].method
    assert int(answer.headers["Content-Length"]) > 0


async def test_J16_the_path_is_carried_as_it_was_written(kernel, mine, api):
    """Encoded characters stay encoded: decoded they are another path."""
    await kernel("GET", f"{PROXY}a%2Fb/%C3%A4/%FF/c%20d?q=%26&r=/proxy/")

    assert "/v1/a%2Fb/%C3%A4/%FF/c%20d?q=%26&r=/proxy/" == api.seen[-1].target


async def test_another_origin_of_the_service(kernel, mine, api):
    """A header names it."""
    await kernel("GET", f"{PROXY}x", headers={"X-Connections-Origin": api.origin})

    assert "/x" == api.seen[-1].target


@pytest.mark.parametrize(
    ("status", "headers"),
    [(404, {}), (304, {"ETag": '"1"'}), (302, {"Location": "/x"}), (503, {})],
)
async def test_the_services_own_errors_go_through(kernel, mine, api, status, headers):
    """They are no errors of ours, and redirects are for whoever asked."""
    api.answers("/v1/x", b"", status=status, headers=headers.items())

    answer = await kernel("GET", f"{PROXY}x")

    assert (status, "1") == (answer.code, answer.headers["X-Connections-Upstream"])
    assert headers == {name: answer.headers[name] for name in headers}


async def test_our_own_errors_are_ours(kernel, mine):
    """Without the mark, and in the words of every other address."""
    elsewhere = {"X-Connections-Origin": "https://evil.example"}
    refused = await kernel("GET", f"{PROXY}x", headers=elsewhere)
    missing = await kernel("GET", "api/v1/connections/none/proxy/x")

    assert (403, "host_not_allowed") == (refused.code, refused.json["code"])
    assert (404, "connection_not_found") == (missing.code, missing.json["code"])
    assert "X-Connections-Upstream" not in refused.headers


@pytest.mark.parametrize(
    "origin",
    [
        "http://169.254.169.254",
        "http://[fd00:ec2::254]",
        "http://metadata.google.internal",
        "http://127.0.0.1:1",
        "http://10.0.0.1",
    ],
)
async def test_F1_E21_J18_addresses_inside_are_no_part_of_a_service(
    kernel, mine, api, key, origin
):
    """Whoever asks for them is refused, and nothing is sent anywhere."""
    headers = {"X-Connections-Origin": origin}

    answer = await kernel("GET", f"{PROXY}latest/meta-data/", headers=headers)

    assert (403, "host_not_allowed") == (answer.code, answer.json["code"])
    assert "Nothing was sent" in answer.json["message"]
    assert [] == api.seen


async def test_J7_a_reflected_credential_is_taken_out_and_told(
    kernel, mine, canary, key
):
    """The history has it; nobody has the credential."""
    answer = await kernel("GET", f"{PROXY}echo")
    events = await kernel("GET", "api/v1/connections/mine/events")

    assert "[redacted]" in answer.text
    canary.sweep([], {"answer": answer.text, "headers": str(answer.headers)})
    told = [e for e in events.json["items"] if e["action"] == "token.reflected"]
    assert ["127.0.0.1 sent the credential back in an answer; it was taken out"] == [
        event["detail"] for event in told
    ]


async def test_J10_J11_no_cookie_and_no_proxy_header_comes_back(kernel, mine, api):
    """And ours stay as they are, whatever the service says."""
    said = {
        "Set-Cookie": "a=1",
        "WWW-Authenticate": "Basic",
        "Content-Security-Policy": "default-src *",
        "Cache-Control": "public",
        "Server": "theirs",
    }
    api.answers("/v1/x", headers=said.items())

    answer = await kernel("GET", f"{PROXY}x")

    assert not {"Set-Cookie", "Www-Authenticate"} & set(answer.headers)
    assert "no-store" == answer.headers["Cache-Control"]
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "theirs" == answer.headers["Server"]


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "BREW"])
async def test_J9_other_methods_are_refused(
    kernel_header, jp_http_port, root, mine, api, method
):
    """They show credentials to others, or nobody knows what they do."""
    target = f"{root}{PROXY}x"
    head = await _raw(jp_http_port, f"{method} {target} HTTP/1.1", kernel_header)

    assert head.startswith("HTTP/1.1 405 ")
    assert [] == api.seen


async def _raw(port, first, headers):
    """Send what no client would."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = [first, f"Host: 127.0.0.1:{port}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    writer.write("\r\n".join([*lines, "", ""]).encode())
    found = (await reader.read()).decode("latin-1")
    writer.close()
    return found


async def test_J16_an_absolute_address_is_no_way_in(
    kernel_header, jp_http_port, root, mine, api
):
    """Ours is a server, not a proxy of the whole net."""
    for target in (f"{api.origin}/x", f"http://evil.example{root}{PROXY}x"):
        answer = await _raw(jp_http_port, f"GET {target} HTTP/1.1", kernel_header)
        assert not answer.startswith("HTTP/1.1 200 ")
    assert [] == api.seen


@pytest.mark.parametrize(
    "browsers",
    [
        {"Cookie": "_xsrf=1"},
        {"Origin": "http://127.0.0.1"},
        {"Sec-Fetch-Site": "same-origin"},
    ],
)
async def test_J20_no_browser_gets_in(kernel, mine, api, browsers):
    """Not even with the right bearer."""
    answer = await kernel("GET", f"{PROXY}x", headers=browsers)

    assert (403, "not_allowed") == (answer.code, answer.json["code"])
    assert [] == api.seen


async def test_J20_a_token_in_the_address_lets_nobody_in(
    fetch, mine, api, jp_serverapp
):
    """Logs have it; the query is the service's alone."""
    token = jp_serverapp.identity_provider.token
    header = {"Authorization": "token wrong"}

    answer = await fetch("GET", f"{PROXY}x?token={token}", headers=header)

    assert 401 == answer.code
    assert [] == api.seen


async def test_D18_a_large_body_waits_for_the_authorizer(kernel, mine, api, jp_web_app):
    """It is refused before it is carried anywhere."""
    from jupyter_server.auth.authorizer import Authorizer

    class Nobody(Authorizer):
        def is_authorized(self, handler, user, action, resource):
            return False

    jp_web_app.settings["authorizer"] = Nobody()

    answer = await kernel("POST", f"{PROXY}x", body=b"x" * 200_000)

    assert 403 == answer.code
    assert [] == api.seen


async def test_a_revoked_connection_carries_nothing(kernel, mine, api, extension):
    """Within half a second, in the words of every other use."""
    await kernel("GET", f"{PROXY}x")
    await kernel("POST", "api/v1/connections/mine/revoke", body={})
    extension.core.relaying.loans._monotonic = lambda: 1e12

    answer = await kernel("GET", f"{PROXY}x")

    assert (423, "connection_revoked") == (answer.code, answer.json["code"])
    assert 1 == len(api.seen)


@pytest.mark.parametrize("method", ["GET", "POST", "TRACE"])
async def test_M1_M5_a_carried_query_is_in_no_log(
    kernel_header, jp_http_port, root, mine, api, canary, caplog, method
):
    """Whatever it is called, and whether it is carried, refused or an error."""
    caplog.set_level("DEBUG")
    api.answers("/v1/missing", status=404)
    query = f"?email={canary('query')}"
    for target in ("x", "missing"):
        await _raw(
            jp_http_port,
            f"{method} {root}{PROXY}{target}{query} HTTP/1.1",
            kernel_header,
        )
        await _raw(jp_http_port, f"{method} {root}{PROXY}{target}{query} HTTP/1.1", {})

    assert f"{method} {root}{PROXY}missing (" in caplog.text
    canary.sweep([], {"log": caplog.text})


async def test_M15_each_request_is_written_down(kernel, mine, api, lines, canary):
    """With where it went and how it ended, and without its query."""
    await kernel("GET", f"{PROXY}users/12345?secretive=1")
    elsewhere = {"X-Connections-Origin": "https://evil.example"}
    await kernel("GET", f"{PROXY}x", headers=elsewhere)

    found = [line for line in await lines() if line["action"] == "request"]

    assert [
        ("127.0.0.1", "GET", "/v1/users/{}", 200, "ok"),
        ("", "GET", "/x", None, "refused"),
    ] == [
        tuple(line[n] for n in ("host", "method", "path", "status", "result"))
        for line in found
    ]
    assert found[0]["bytes"] > 0
    canary.sweep([], {"lines": json.dumps(found, default=str)})


@pytest.fixture
def borrowed(extension, monkeypatch):
    """The connection counts as somebody else's."""
    monkeypatch.setattr(Lending, "is_borrowed", True)


async def test_M17_what_is_somebody_elses_is_written_before_it_is_released(
    kernel, mine, api, borrowed, monkeypatch, extension
):
    """The line is there when the answer is; where it cannot be, there is no answer."""
    assert 200 == (await kernel("GET", f"{PROXY}me")).code
    told = await extension.core.run(_requests_in)
    assert ["/v1/me"] == [x["path"] for x in told if x["action"] == "request"]

    def full(*_, **__):
        raise StoreUnavailable("The disk is full")

    monkeypatch.setattr("conn_core.broker._request_log._write", full)
    elsewhere = {"X-Connections-Place": "another.ipynb"}
    refused = await kernel("GET", f"{PROXY}me", headers=elsewhere)

    assert (503, "audit_unavailable") == (refused.code, refused.json["code"])
    assert "X-Connections-Upstream" not in refused.headers


async def test_requests_of_one_kind_become_one_line(kernel, mine, api, lines):
    """A loop over a thousand pages is no thousand lines."""
    for number in range(5):
        await kernel("GET", f"{PROXY}users/{number}")

    found = [line for line in await lines() if line["action"] == "request"]

    assert sum(int((line["detail"] or "1").split()[0]) for line in found) == 5
    assert len(found) < 5


async def test_the_operators_limits_reach_the_relay(extension):
    """One that is set stands in the place of the usual one."""
    extension.options.relay_at_once = 7

    limits = extension.broker_settings().relay

    assert (7, 120) == (limits.at_once, limits.idle_seconds)
