"""REST: internal connections, ends at the provider, where a connection is used."""

import urllib.parse

import pytest

CONNECTIONS = "api/v1/connections"
INTERNAL = "api/v1/internal-connections/coffee"


@pytest.fixture
def connected(connect, browser, grant, root, jp_asyncio_loop):
    """A connection called ``mine`` that has been authorized."""

    async def go():
        begun = await connect(name="mine")
        await browser.get(grant(await browser.get(f"{root}start/{begun['flow']}")))

    return jp_asyncio_loop.run_until_complete(go())


async def test_an_internal_connection_is_made_once(kernel):
    """A second task adds scopes and drops none."""
    first = (await kernel("PUT", INTERNAL, body={"scopes": ["read"]})).json
    second = (await kernel("PUT", INTERNAL, body={"scopes": ["order"]})).json
    listed = (await kernel("GET", f"{CONNECTIONS}?group=internal")).json

    assert ("internal", ["read"]) == (first["group"], first["scopes"])
    assert first["link_name"] == second["link_name"]
    assert {"read", "order"} == set(second["scopes"])
    assert [second["link_name"]] == [item["link_name"] for item in listed["items"]]


async def test_an_internal_connection_is_only_revoked_and_enabled(kernel):
    """Editing and deleting are refused, and the reason is said."""
    name = (await kernel("PUT", INTERNAL, body={})).json["link_name"]
    path = f"{CONNECTIONS}/{name}"

    edited = await kernel("PATCH", path, body={"name": "Mine now"})
    deleted = await kernel("DELETE", path)
    revoked = await kernel("POST", f"{path}/revoke")
    enabled = await kernel("POST", f"{path}/enable")

    for refused in (edited, deleted):
        assert (409, "internal_connection") == (refused.code, refused.json["code"])
        assert "built-in task" in refused.json["message"]
    assert ("revoked", "needs authorization") == (
        revoked.json["status"],
        enabled.json["status"],
    )


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"scopes": "read"}, "scopes"),
        ({"scopes": ["a b"]}, "scopes.0"),
        ({"parameters": {"a": 1}}, "parameters.a"),
        ({"service": "tea"}, "service"),
        ({"name": "x"}, "name"),
    ],
)
async def test_a_task_says_only_what_it_needs(kernel, body, field):
    """Everything else is refused."""
    answer = await kernel("PUT", INTERNAL, body=body)

    assert (422, [field]) == (answer.code, list(answer.json["fields"]))


async def test_a_revocation_at_the_provider_says_what_it_answered(kernel, connected):
    """This service has no address for it: the person is told."""
    here = await kernel("POST", f"{CONNECTIONS}/mine/revoke")
    await kernel("POST", f"{CONNECTIONS}/mine/enable")
    there = await kernel(
        "POST", f"{CONNECTIONS}/mine/revoke", body={"at_provider": True}
    )

    assert ("revoked", "") == (here.json["status"], here.json["notice"])
    assert "revoked" == there.json["status"]
    assert "Coffee" in there.json["notice"]


async def test_a_deletion_says_what_it_was(kernel, connected):
    """The answer is the connection; a flag that means nothing deletes nothing."""
    odd = await kernel("DELETE", f"{CONNECTIONS}/mine?keep_grant=yes")
    gone = await kernel("DELETE", f"{CONNECTIONS}/mine?keep_grant=true")

    assert (422, ["keep_grant"]) == (odd.code, list(odd.json["fields"]))
    assert (200, "mine", "") == (
        gone.code,
        gone.json["link_name"],
        gone.json["notice"],
    )


async def test_where_a_connection_is_used_is_said(kernel, connected, extension):
    """A kernel says from which notebook it asks; whatever it says is only text."""
    for place in ("reports/März/spend.ipynb", "<b>\x00\n" + "x" * 500):
        header = {"X-Connections-Place": urllib.parse.quote(place)}
        used = await kernel("POST", f"{CONNECTIONS}/mine/token", headers=header)
        assert 200 == used.code, used.text

    uses = (await kernel("GET", f"{CONNECTIONS}/mine/uses")).json

    assert 2 == uses["total"]
    assert {extension.owner} == {use["person"] for use in uses["items"]}
    places = {use["place"] for use in uses["items"]}
    assert "reports/März/spend.ipynb" in places
    assert all(place.isprintable() and len(place) <= 300 for place in places)


@pytest.mark.parametrize("name", ["%00", "a%00b", "%ff", "%ED%A0%80", "x" * 5000])
@pytest.mark.parametrize("rest", ["", "/uses", "/events", "/snippet"])
async def test_an_odd_name_finds_nothing(kernel, name, rest):
    """No store is asked for what is no name."""
    answer = await kernel("GET", f"{CONNECTIONS}/{name}{rest}")

    assert answer.code in {400, 404, 422}
    assert {"code", "message", "hint"} <= answer.json.keys()
