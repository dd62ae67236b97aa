"""REST: whom a connection is shared with, whose it is, and what administrators see."""

import pytest
from company import Company


@pytest.fixture
def jp_server_config(jp_server_config):
    jp_server_config["ServerApp"]["identity_provider_class"] = Company
    return jp_server_config


@pytest.fixture
def options(options):
    """``c.Connections``: warden looks after this server."""
    return options | {"administrators": ["warden"]}


@pytest.fixture
def ask(fetch, provider):
    """Asks as a person; returns status and body."""

    async def send(person, method, path, body=None):
        headers = {"X-Person": person, "Cookie": "_xsrf=a", "X-XSRFToken": "a"}
        answer = await fetch(
            method, f"api/v1/connections{path}", headers=headers, body=body
        )
        return answer.code, answer.json

    return send


@pytest.fixture
def tea(ask, jp_asyncio_loop):
    """Sam's connection, for nobody else."""
    draft = {"service": "tea", "name": "Tea", "shared_with": []}
    code, made = jp_asyncio_loop.run_until_complete(ask("sam", "POST", "", draft))
    assert 201 == code, made
    return made


async def test_an_owner_says_anew_who_may_use_it(ask, tea):
    """People and groups by name, or everybody."""
    code, shared = await ask(
        "sam", "POST", "/tea/share", {"shared_with": ["user:grace", "group:Data team"]}
    )

    assert (200, ["group:Data team", "user:grace"]) == (code, shared["shared_with"])
    assert 200 == (await ask("grace", "GET", "/tea"))[0]
    code, refused = await ask("grace", "POST", "/tea/share", {"shared_with": ["*"]})
    assert (403, "not_allowed") == (code, refused["code"])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "shared_with"),
        ({"shared_with": ["grace"]}, "shared_with.0"),
        ({"shared_with": [], "owner": "grace"}, "owner"),
    ],
)
async def test_H19_what_is_shared_is_read_strictly(ask, tea, body, field):
    """Nothing else can be changed by the way."""
    code, refused = await ask("sam", "POST", "/tea/share", body)
    assert (422, {field}) == (code, set(refused["fields"]))


async def test_an_owner_hands_it_on(ask, tea):
    """It is somebody else's then."""
    code, handed_on = await ask("sam", "POST", "/tea/transfer", {"to": "grace"})

    assert (200, "grace") == (code, handed_on["owner"])
    assert 404 == (await ask("sam", "GET", "/tea"))[0]
    assert 200 == (await ask("grace", "GET", "/tea"))[0]


@pytest.mark.parametrize("body", [{}, {"to": ""}, {"to": "a", "owner": "b"}])
async def test_to_whom_it_is_handed_on_has_to_be_said(ask, tea, body):
    """And nothing else."""
    code, _ = await ask("sam", "POST", "/tea/transfer", body)
    assert 422 == code
    assert 200 == (await ask("sam", "GET", "/tea"))[0]


async def test_H7_H8_the_list_of_all_is_for_administrators(ask, tea):
    """Others are refused; without it an administrator sees what anybody would."""
    code, listed = await ask("warden", "GET", "?group=all")
    assert (200, [("sam", "tea")], 1) == (
        code,
        [(each["owner"], each["link_name"]) for each in listed["items"]],
        listed["total"],
    )
    assert 403 == (await ask("sam", "GET", "?group=all"))[0]
    assert 0 == (await ask("warden", "GET", ""))[1]["total"]
    assert 422 == (await ask("warden", "GET", "?group=everything"))[0]


async def test_an_administrator_stops_what_they_may_not_use(ask, tea):
    """By its owner's name and its own."""
    code, revoked = await ask("warden", "POST", "/sam%2Ftea/revoke", {})
    assert (200, "revoked") == (code, revoked["status"])
    assert 403 == (await ask("warden", "POST", "/sam%2Ftea/test", {}))[0]
    assert 404 == (await ask("grace", "POST", "/sam%2Ftea/revoke", {}))[0]


async def test_H22_nothing_of_somebody_elses_is_overwritten_by_its_name(ask, tea):
    """Each person has their own; one's own name is taken."""
    draft = {"service": "tea", "name": "Tea"}
    code, made = await ask("grace", "POST", "", draft)
    assert (201, "grace") == (code, made["owner"])
    code, taken = await ask("sam", "POST", "", draft)
    assert (409, "name_taken") == (code, taken["code"])
    code, shown = await ask("sam", "GET", "/tea")
    assert (200, tea["created_at"], tea["version"]) == (
        code,
        shown["created_at"],
        shown["version"],
    )


async def test_H10_what_an_administrator_does_is_written_under_their_own_name(ask, tea):
    """Its owner reads who it was."""
    await ask("warden", "POST", "/sam%2Ftea/revoke", {})

    code, events = await ask("sam", "GET", "/tea/events")
    done = [(each["actor"], each["action"]) for each in events["items"]]
    assert (200, ("warden", "revoke")) == (code, done[0])


async def test_H11_a_kernels_key_opens_nothing_of_somebody_elses(
    fetch, kernel_header, tea
):
    """Whoever it says to be beside it: the key says whose kernel it is."""
    for headers in (kernel_header, kernel_header | {"X-Person": "sam"}):
        for name in ("tea", "sam%2Ftea"):
            answer = await fetch("GET", f"api/v1/connections/{name}", headers=headers)
            assert 404 == answer.code


async def test_H12_a_key_of_a_server_that_is_gone_opens_nothing(fetch, tea):
    """Each server makes its own at its start."""
    headers = {"Authorization": "Bearer CNRY-of-the-server-before"}
    answer = await fetch("GET", "api/v1/connections/tea", headers=headers)
    assert 401 == answer.code
