"""REST, with a real core behind it and a scripted provider."""

import pytest

from conn_core.errors import StoreLocked
from conn_serverext._lazy_core import LazyCore

CONNECTIONS = "api/v1/connections"


async def test_status_names_the_server_and_the_person(kernel, extension):
    """Seen from outside, the broker is a server, as whom is who asks."""
    status = (await kernel("GET", "api/v1/status")).json

    assert ("server", extension.owner) == (status["kind"], status["user"])
    assert extension.public_url == status["redirect_base"] == status["location"]


async def test_services_are_listed_and_searched(kernel):
    """A list has one shape, and a search narrows it."""
    everything = (await kernel("GET", "api/v1/services?limit=2000")).json
    tea = (await kernel("GET", "api/v1/services?q=tea")).json

    assert {"items", "next_cursor", "total"} == everything.keys()
    assert {"coffee", "tea"} <= {service["id"] for service in everything["items"]}
    assert "tea" in [service["id"] for service in tea["items"]]
    assert tea["total"] < everything["total"]


async def test_a_list_of_services_goes_on_where_it_stopped(kernel):
    """The cursor of a page leads to the next one, not to the same."""
    first = (await kernel("GET", "api/v1/services?limit=1")).json
    cursor = first["next_cursor"]
    second = (await kernel("GET", f"api/v1/services?limit=1&cursor={cursor}")).json

    assert first["items"][0]["id"] != second["items"][0]["id"]


async def test_A29_a_service_says_what_to_register(kernel, jp_http_port, jp_base_url):
    """The redirect URL is made of the server's own address, whatever the Host header."""
    answer = await kernel(
        "GET",
        "api/v1/services/coffee",
        headers={"Host": "localhost:1", "X-Forwarded-Host": "evil.example"},
    )

    expected = (
        f"http://127.0.0.1:{jp_http_port}{jp_base_url}connections/callback/coffee"
    )
    assert expected == answer.json["redirect_uri"]


async def test_H7_a_client_secret_goes_in_and_never_out(kernel):
    """A registration is write-only, and a secret left out is kept."""
    path = "api/v1/services/coffee/registration"
    secret = "CNRY-registered-secret-55d1"

    first = await kernel(
        "PUT", path, body={"client_id": "shop", "client_secret": secret}
    )
    second = await kernel("PUT", path, body={"client_id": "shop"})

    assert (200, 200) == (first.code, second.code)
    assert first.json["registered"] is second.json["registered"] is True
    assert secret not in first.text + second.text


async def test_a_connection_is_created_read_changed_and_deleted(kernel):
    """The whole life of a connection, by REST."""
    made = await kernel("POST", CONNECTIONS, body={"service": "coffee", "name": "Mine"})
    assert (201, "mine") == (made.code, made.json["link_name"])
    assert '"1"' == made.headers["ETag"]

    changed = await kernel(
        "PATCH",
        f"{CONNECTIONS}/mine",
        body={"name": "Ours / both"},
        headers={"If-Match": '"1"'},
    )
    assert (200, "Ours / both", 2) == (
        changed.code,
        changed.json["name"],
        changed.json["version"],
    )
    assert changed.json == (await kernel("GET", f"{CONNECTIONS}/mine")).json

    deleted = await kernel("DELETE", f"{CONNECTIONS}/mine")
    gone = await kernel("GET", f"{CONNECTIONS}/mine")
    assert (200, "Ours / both") == (deleted.code, deleted.json["name"])
    assert (404, "connection_not_found") == (gone.code, gone.json["code"])


async def test_a_display_name_with_a_slash_is_one_part_of_the_path(kernel):
    """Percent-encoded, any name finds its connection."""
    await kernel("POST", CONNECTIONS, body={"service": "coffee", "name": "A / ü"})

    found = await kernel("GET", f"{CONNECTIONS}/A%20%2F%20%C3%BC")

    assert (200, "A / ü") == (found.code, found.json["name"])


async def test_a_list_is_filtered(kernel):
    """Group, service, status and text narrow a list."""
    for service in ("coffee", "tea"):
        await kernel("POST", CONNECTIONS, body={"service": service})

    async def names(query):
        answer = await kernel("GET", f"{CONNECTIONS}?{query}")
        return [item["service"] for item in answer.json["items"]]

    assert ["coffee", "tea"] == sorted(await names(""))
    assert ["tea"] == await names("service=tea")
    assert ["tea"] == await names("q=tea&group=my&status=needs%20authorization")
    assert [] == await names("status=connected")
    assert [] == await names("group=internal")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("group=everybody", "group"),
        ("status=fine", "status"),
        ("limit=0", "limit"),
        ("limit=10001", "limit"),
        ("limit=-1", "limit"),
        ("limit=99999999999999999999", "limit"),
        ("limit=%D9%A3", "limit"),
    ],
)
async def test_O2_a_wrong_filter_is_named(kernel, query, field):
    """422 says which parameter is wrong."""
    answer = await kernel("GET", f"{CONNECTIONS}?{query}")

    assert (422, "invalid_input", [field]) == (
        answer.code,
        answer.json["code"],
        list(answer.json["fields"]),
    )


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("POST", CONNECTIONS, {"service": "cofee"}, 404, "service_not_found"),
        (
            "POST",
            CONNECTIONS,
            {"service": "coffee", "owner": "x"},
            422,
            "invalid_input",
        ),
        ("POST", CONNECTIONS, {}, 422, "invalid_input"),
        ("PATCH", f"{CONNECTIONS}/c", {"service": "tea"}, 422, "not_editable"),
        ("POST", f"{CONNECTIONS}/c/token", {}, 409, "authorization_required"),
        ("POST", f"{CONNECTIONS}/c/refresh", {}, 409, "authorization_required"),
        ("POST", f"{CONNECTIONS}/c/revoke", {"at": 1}, 422, "invalid_input"),
        ("POST", f"{CONNECTIONS}/c/test", {"timeout": 0}, 422, "invalid_input"),
        ("POST", f"{CONNECTIONS}/c/test", {"timeout": "5"}, 422, "invalid_input"),
        ("POST", f"{CONNECTIONS}/nope/revoke", {}, 404, "connection_not_found"),
        ("GET", "api/v1/authorizations/x", None, 404, "authorization_not_found"),
        ("DELETE", "api/v1/authorizations/x", None, 404, "authorization_not_found"),
        ("PUT", "api/v1/services/tea/registration", {}, 422, "invalid_input"),
        ("GET", "api/v1/services/nope", None, 404, "service_not_found"),
    ],
)
async def test_an_error_has_its_own_status_and_words(
    kernel, method, path, body, status, code
):
    """H19: code, message and hint, as the kernel's exceptions have them."""
    await kernel("POST", CONNECTIONS, body={"service": "coffee", "name": "c"})

    answer = await kernel(method, path, body=body)

    assert (status, code) == (answer.code, answer.json["code"])
    assert {"code", "message", "hint"} <= answer.json.keys()


@pytest.mark.parametrize(
    ("header", "status"),
    [('"1"', 200), ("*", 200), ('"7"', 409), ("1", 400), ('W/"1"', 400), ('"01"', 400)],
)
async def test_a_change_of_another_version_is_refused(kernel, header, status):
    """``If-Match`` names the version that was read."""
    await kernel("POST", CONNECTIONS, body={"service": "coffee", "name": "c"})

    answer = await kernel(
        "PATCH", f"{CONNECTIONS}/c", body={"name": "d"}, headers={"If-Match": header}
    )

    assert status == answer.code


async def test_revoke_and_enable_answer_with_the_connection(kernel):
    """Both say how the connection is now."""
    await kernel("POST", CONNECTIONS, body={"service": "coffee", "name": "c"})

    revoked = await kernel("POST", f"{CONNECTIONS}/c/revoke")
    enabled = await kernel("POST", f"{CONNECTIONS}/c/enable", body={})

    assert "revoked" == revoked.json["status"]
    assert "needs authorization" == enabled.json["status"]


async def test_history_is_a_list(kernel):
    """Events come newest first, as many as asked for."""
    await kernel("POST", CONNECTIONS, body={"service": "coffee", "name": "c"})
    await kernel("POST", f"{CONNECTIONS}/c/revoke")

    everything = (await kernel("GET", f"{CONNECTIONS}/c/events")).json
    newest = (await kernel("GET", f"{CONNECTIONS}/c/events?limit=1")).json

    assert ["revoke", "create"] == [event["action"] for event in everything["items"]]
    assert everything["items"][:1] == newest["items"]


async def test_code_to_copy_is_made_for_a_connection(kernel):
    """With the service's own harmless address, for the client that was asked for."""
    await kernel("POST", CONNECTIONS, body={"service": "coffee", "name": "c"})

    usual = (await kernel("GET", f"{CONNECTIONS}/c/snippet")).json
    script = (await kernel("GET", f"{CONNECTIONS}/c/snippet?for=python")).json
    odd = await kernel("GET", f"{CONNECTIONS}/c/snippet?for=cobol")

    assert '%%connection c\nc.get("/me").json()' == usual["snippet"]
    assert 'c = cm.connect("c")\nc.get("/me").json()' in script["snippet"]
    everywhere = ["httpx", "async", "requests", "pandas", "python"]
    assert everywhere == usual["libraries"] == script["libraries"]
    assert (422, "invalid_input") == (odd.code, odd.json["code"])


async def test_an_authorization_is_begun_watched_and_given_up(kernel, connect, root):
    """The start link is local; the provider's own address is nowhere (A16)."""
    begun = await connect()
    path = f"api/v1/authorizations/{begun['flow']}"

    assert begun["start_url"].endswith(f"{root}start/{begun['flow']}")
    assert "login.coffee.example" not in str(begun)
    assert "pending" == (await kernel("GET", path)).json["state"]
    assert 204 == (await kernel("DELETE", path)).code
    assert "denied" == (await kernel("GET", path)).json["state"]


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"Content-Type": "text/plain"}, '{"service": "coffee"}', 415),
        (
            {"Content-Type": "application/x-www-form-urlencoded"},
            "service=coffee",
            415,
        ),
        ({"Content-Type": "application/x-www-form-urlencoded"}, "", 415),
        ({"Content-Type": "multipart/form-data; boundary=x"}, "--x--", 415),
        ({}, '{"service": "coffee"}', 415),
        ({"Content-Type": "application/jsonp"}, "{}", 415),
        ({"Content-Type": "application/json"}, "{", 400),
        ({"Content-Type": "application/json"}, "[]", 400),
        ({"Content-Type": "application/json"}, '"x"', 400),
        ({"Content-Type": "application/json"}, '{"a": NaN}', 400),
        ({"Content-Type": "application/json"}, "[" * 60_000, 400),
        ({"Content-Type": "application/json"}, '{"a": ' + "9" * 5000 + "}", 400),
        ({"Content-Type": "application/json"}, '{"a": 1, "a": 1}', 400),
        ({"Content-Type": "application/json"}, '{"a": ["\\ud800"]}', 400),
        ({"Content-Type": "application/json"}, '{"a": {"\\udc00": 1}}', 400),
        ({"Content-Type": "application/json"}, b"\xff\xfe", 400),
        ({"Content-Type": "application/json"}, " " * 65_537, 413),
    ],
)
async def test_D11_odd_bodies_are_refused(kernel, headers, body, status):
    """A body is a JSON object of at most 64 KiB, and says so."""
    answer = await kernel("POST", CONNECTIONS, body=body, headers=headers)

    assert status == answer.code
    assert {"code", "message", "hint"} == answer.json.keys()
    assert 0 == (await kernel("GET", CONNECTIONS)).json["total"]


async def test_a_body_may_name_its_character_set(kernel):
    """``application/json; charset=utf-8`` is JSON."""
    answer = await kernel(
        "POST",
        CONNECTIONS,
        body='{"service": "coffee"}',
        headers={"Content-Type": "Application/JSON; charset=UTF-8"},
    )

    assert 201 == answer.code


async def test_N14_markup_in_json_is_no_markup(kernel):
    """A name that holds a tag leaves as JSON that holds none."""
    name = "<img src=x onerror=alert(1)>"
    made = await kernel("POST", CONNECTIONS, body={"service": "coffee", "name": name})

    assert name == made.json["name"]
    assert "<" not in made.text
    assert made.headers["Content-Type"].startswith("application/json")


@pytest.mark.parametrize("path", ["api/v1/status", CONNECTIONS, f"{CONNECTIONS}/nope"])
async def test_every_answer_has_the_same_headers(kernel, path):
    """Nothing is cached, framed, sniffed or read by another origin."""
    answer = await kernel("GET", path, headers={"Origin": "http://127.0.0.1:1"})
    shut = (
        "default-src 'none'; form-action 'none'; frame-ancestors 'none'; "
        "base-uri 'none'"
    )
    for headers in (answer.headers, (await kernel("GET", path)).headers):
        assert "no-store" == headers["Cache-Control"]
        assert "nosniff" == headers["X-Content-Type-Options"]
        assert "no-referrer" == headers["Referrer-Policy"]
        assert shut == headers["Content-Security-Policy"]
        assert "Access-Control-Allow-Origin" not in headers


async def test_a_core_that_does_not_open_is_tried_again(kernel, extension, provider):
    """A key store that was locked may be open the next time."""
    attempts = []

    def once_locked():
        attempts.append(1)
        if len(attempts) == 1:
            raise StoreLocked("The key store is locked", "Unlock it")
        return extension.open_core()

    extension.core = LazyCore(once_locked)

    locked = await kernel("GET", "api/v1/status")
    opened = await kernel("GET", "api/v1/status")

    assert (503, "store_locked", 200) == (locked.code, locked.json["code"], opened.code)
