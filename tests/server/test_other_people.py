"""What somebody finds at the addresses of what is not theirs, and what nobody finds."""

import pytest
import scripted_provider
from company import Company

from conn_serverext import _routes

SAMS, NOBODYS = "quietly-kept", "never-was-one"


@pytest.fixture
def jp_server_config(jp_server_config):
    jp_server_config["ServerApp"]["identity_provider_class"] = Company
    return jp_server_config


@pytest.fixture
def as_(fetch, provider):
    """Sends a request as somebody who is logged in."""

    async def send(person, method, path, body=None):
        headers = {"X-Person": person, "Cookie": "_xsrf=a", "X-XSRFToken": "a"}
        if body is None and method in {"POST", "PUT", "PATCH"}:
            body = {}
        return await fetch(method, path, headers=headers, body=body)

    return send


@pytest.fixture
def sams(as_, jp_asyncio_loop):
    """The flow of a connection that Sam shares with nobody."""

    async def go():
        registration = {"client_id": "a", "client_secret": "CNRY-client-secret-41c2"}
        await as_("sam", "PUT", "api/v1/services/tea/registration", registration)
        draft = {"service": "tea", "name": SAMS, "shared_with": []}
        made = await as_("sam", "POST", "api/v1/connections", draft)
        assert 201 == made.code, made.text
        begun = await as_(
            "sam", "POST", f"api/v1/connections/{SAMS}/authorizations", {}
        )
        assert 201 == begun.code, begun.text
        return begun.json["flow"]

    return jp_asyncio_loop.run_until_complete(go())


@pytest.fixture
def connected(as_, grant, new_browser, root, sams):
    """Finishes in Sam's browser what Sam began."""

    async def go(flow):
        headers = {"X-Person": "sam"}
        browser = new_browser()
        started = await browser.send("GET", f"{root}start/{flow}", headers=headers)
        assert 303 == started.code, started.text
        ended = await browser.send("GET", grant(started), headers=headers)
        assert 303 == ended.code, ended.text

    return go


def _addresses(*beginnings):
    """Return method and address of every route that names one thing of somebody's."""
    for path, handler in _routes.ROUTES:
        if path.startswith(beginnings):
            filled = path.replace("([^/]+)", "{}", 1).replace(
                "(enable|refresh|accept)", "accept"
            )
            for method in handler.SUPPORTED_METHODS:
                yield pytest.param(method, filled, id=f"H3 {method} {filled}")


def _seen(answer, name):
    """Return what somebody sees of an answer, without the name they asked for."""
    seen = (answer.text, answer.headers.get("Location", ""))
    return tuple(text.replace(name, "X") for text in seen)


#: What a request has to say to be looked at.
_BODIES = {
    "revoke": {"at_provider": True},
    "share": {"shared_with": []},
    "transfer": {"to": "alex"},
    "test": {"timeout": 1},
    "paste": {"address": "http://127.0.0.1/?code=a&state=b"},
}


@pytest.mark.parametrize(
    ("method", "path"),
    [*_addresses("api/v1/connections/(", "connection/(", "api/v1/authorizations/(")],
)
async def test_H3_what_is_somebody_elses_is_not_there(as_, sams, method, path):
    """Neither code, history, test nor anything else tells it from nothing."""
    own = sams if "authorizations/{}" in path else SAMS
    body = {"name": "Mine"} if method == "PATCH" else _BODIES.get(path.split("/")[-1])

    theirs = await as_("alex", method, path.format(own), body)
    nothing = await as_("alex", method, path.format(NOBODYS), body)

    assert theirs.code == nothing.code
    # A page's buttons lead back to the page, which is not there either.
    assert theirs.code in {303, 403, 404, 415}, theirs.text
    assert _seen(theirs, own) == _seen(nothing, NOBODYS)
    still = await as_("sam", "GET", f"api/v1/connections/{SAMS}")
    assert ("needs authorization", 1) == (still.json["status"], still.json["version"])


async def test_H3_a_check_before_a_job_does_not_tell_either(as_, sams):
    """In a list of needs, a stranger's connection is one that is not there."""
    needs = [{"name": SAMS}, {"name": f"sam/{SAMS}"}, {"name": NOBODYS}]
    answer = await as_("alex", "POST", "api/v1/check", {"needs": needs})

    told = [
        one["problem"].replace(need["name"], "X")
        for need, one in zip(needs, answer.json["items"], strict=True)
    ]
    assert ["There is no connection called 'X'"] * 3 == told


async def test_I8_what_is_shared_is_agreed_to_before_it_is_used(as_, connected):
    """By REST as in a notebook: what it is, the refusal, the word, the use."""
    await as_("sam", "POST", "api/v1/connections", {"service": "tea", "name": "Lent"})
    begun = await as_("sam", "POST", "api/v1/connections/lent/authorizations", {})
    await connected(begun.json["flow"])

    seen = await as_("alex", "GET", "api/v1/connections/lent")
    assert (False, ["api.tea.example"]) == (
        seen.json["accepted"],
        seen.json["api_hosts"],
    )
    refused = await as_("alex", "POST", "api/v1/connections/lent/refresh", {})
    assert (409, "acceptance_required", "Run %conn accept lent") == (
        refused.code,
        refused.json["code"],
        refused.json["hint"],
    )

    agreed = await as_("alex", "POST", "api/v1/connections/sam%2Flent/accept", {})
    assert (200, True) == (agreed.code, agreed.json["accepted"])
    used = await as_("alex", "POST", "api/v1/connections/lent/refresh", {})
    assert 200 == used.code, used.text


@pytest.mark.parametrize(
    "path",
    [
        "api/v1/connections?q=quietly",
        "api/v1/connections?service=tea",
        "api/v1/connections?group=organisation",
        "api/v1/services/tea",
        "",
    ],
)
async def test_H8_no_list_and_no_number_tells_of_it(as_, sams, path):
    """Searched, filtered, or counted beside a service."""
    answer = await as_("alex", "GET", path)

    assert 200 == answer.code
    assert SAMS not in answer.text
    counted = answer.json if path else {}
    assert 0 == counted.get("total", 0) == counted.get("connection_count", 0)


async def test_H7_nobody_reads_a_secret_back(as_, connected, sams):
    """Not even its owner, from any address that can be read."""
    await connected(sams)
    seen = {}
    for path, handler in _routes.ROUTES:
        if "GET" not in handler.SUPPORTED_METHODS:
            continue
        of = sams if "authorization" in path or "result" in path else SAMS
        of = "tea" if "service" in path or path.startswith("new") else of
        answer = await as_("sam", "GET", path.replace("([^/]+)", of))
        seen[path] = answer.code, f"{answer.text}{dict(answer.headers.get_all())}"

    shown = await as_("sam", "GET", f"api/v1/connections/{SAMS}")
    assert "connected" == shown.json["status"]
    assert 12 < sum(code == 200 for code, _ in seen.values())
    secrets = (
        scripted_provider.ACCESS_TOKEN,
        scripted_provider.REFRESH_TOKEN,
        "CNRY-client-secret-41c2",
    )
    assert [] == [
        path for path, (_, text) in seen.items() if any(s in text for s in secrets)
    ]


ODD_NAMES = [
    "../../etc/passwd",
    "..%2F..%2Fetc%2Fpasswd",
    "%2e%2e",
    "..",
    "%2Fetc%2Fpasswd",
    "C%3A%5CWindows%5Cwin.ini",
    "%5C%5Cserver%5Cshare",
    "nul",
    "a%00b",
    "%C0%AE%C0%AE",
]


@pytest.mark.parametrize(
    "path",
    [
        "api/v1/connections/{}",
        "api/v1/connections/{}/snippet",
        "api/v1/services/{}",
        "api/v1/services/{}/toml",
        "api/v1/authorizations/{}",
        "connection/{}",
        "result/{}",
    ],
)
async def test_O13_a_name_never_becomes_a_path(as_, path):
    """It is looked up, and not found."""
    for name in ODD_NAMES:
        answer = await as_("sam", "GET", path.format(name))
        assert answer.code in {400, 404}, (name, answer.text)
        assert "root:x:" not in answer.text
        assert "Traceback" not in answer.text


async def test_O17_an_exported_file_has_a_plain_name(as_):
    """It is made of the id, and an id has letters, digits and dashes."""
    draft = {
        "name": '../"x\r\ny; filename=evil.html',
        "auth_type": "api_key",
        "param_name": "X-Api-Key",
        "api_base_url": "https://api.acme.example/v2",
    }
    made = await as_("sam", "POST", "api/v1/services", draft)
    assert 201 == made.code, made.text

    answer = await as_("sam", "GET", f"api/v1/services/{made.json['id']}/toml")

    assert (
        f'attachment; filename="{made.json["id"]}.toml"'
        == answer.headers["Content-Disposition"]
    )
    assert made.json["id"].replace("-", "").isalnum()
