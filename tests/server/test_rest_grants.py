"""REST: grants, and what a job may ask that shows one."""

import pytest
from company import Company

from conn_serverext import _routes

GRANTS = "api/v1/grants"
DRAFT = {"name": "nightly", "connections": ["mine"], "exposure": "direct"}
#: All that a grant opens: a name of the route's, and methods.
FOR_JOBS = {
    ("GET", "api/v1/status"),
    ("GET", "api/v1/connections"),
    ("GET", "api/v1/connections/mine"),
    ("POST", "api/v1/connections/mine/token"),
    ("POST", "api/v1/connections/mine/sign"),
    ("GET", "api/v1/connections/mine/snippet"),
    ("POST", "api/v1/check"),
}


@pytest.fixture
def issued(kernel, connected, jp_asyncio_loop):
    """The answer that holds a bearer."""
    made = jp_asyncio_loop.run_until_complete(kernel("POST", GRANTS, body=DRAFT))
    assert 201 == made.code, made.text
    return made.json


@pytest.fixture
def job(fetch, issued):
    """Sends a request as a job does."""

    async def send(method, path, *, body=None, headers=None):
        if method not in {"GET", "HEAD"} and body is None:
            body = {}
        shown = {"Authorization": f"Bearer {issued['bearer']}"} | (headers or {})
        return await fetch(method, path, headers=shown, body=body)

    return send


async def test_a_program_is_handed_the_bearer_once(kernel, issued, extension):
    """Afterwards nobody can read it any more."""
    assert issued["bearer"].startswith("jcg_")
    assert extension.public_url == issued["endpoint"]
    grant = issued["grant"]
    assert ("nightly", ["mine"], extension.owner, "direct") == (
        grant["name"],
        grant["connections"],
        grant["owner"],
        grant["exposure"],
    )
    listed = await kernel("GET", GRANTS)

    assert [grant] == listed.json["items"]
    assert "jcg_" not in listed.text


@pytest.mark.parametrize("sign", [{"Cookie": "a=1"}, {"Sec-Fetch-Mode": "cors"}])
async def test_a_browser_is_never_handed_one(kernel, connected, sign):
    """A notebook's script must find no way to it."""
    answer = await kernel("POST", GRANTS, body=DRAFT, headers=sign)

    assert (403, "not_allowed") == (answer.code, answer.json["code"])
    assert "Grants are handed to programs" in answer.json["message"]
    assert 0 == (await kernel("GET", GRANTS)).json["total"]


async def test_a_page_may_list_and_revoke(browser, issued, root):
    """A grant is seen and ended where its owner looks."""
    listed = await browser.get(f"{root}{GRANTS}")

    assert ["nightly"] == [each["name"] for each in listed.json["items"]]


async def test_a_revoked_grant_ends_at_once(kernel, job, issued):
    """The answer says when; the next request of the job is 401, in words."""
    assert 200 == (await job("GET", "api/v1/status")).code

    ended = await kernel("DELETE", f"{GRANTS}/{issued['grant']['id']}")

    assert (200, True) == (ended.code, ended.json["revoked_at"] is not None)
    answer = await job("GET", "api/v1/status")
    assert (401, "grant_ended") == (answer.code, answer.json["code"])
    assert "'nightly' was revoked by" in answer.json["message"]
    assert "Bearer" == answer.headers["WWW-Authenticate"]
    again = await kernel("DELETE", f"{GRANTS}/none")
    assert (404, "grant_not_found") == (again.code, again.json["code"])


async def test_an_expired_grant_ends(job, clock):
    """By the broker's clock."""
    clock.now += 31 * 86_400

    answer = await job("POST", "api/v1/connections/mine/token")

    assert (401, "grant_ended") == (answer.code, answer.json["code"])


async def test_U2_a_job_is_its_owner_with_what_was_granted(
    job, kernel, extension, access_token
):
    """It has the token where the grant is direct, and sees nothing else."""
    body = {"service": "tea", "name": "Other"}
    assert 201 == (await kernel("POST", "api/v1/connections", body=body)).code

    status = await job("GET", "api/v1/status")
    listed = await job("GET", "api/v1/connections")
    token = await job("POST", "api/v1/connections/mine/token")
    other = await job("GET", "api/v1/connections/other")
    ready = await job("POST", "api/v1/check", body={"needs": [{"name": "mine"}]})
    snippet = await job("GET", "api/v1/connections/mine/snippet")

    assert extension.owner == status.json["user"]
    assert "the server's own" == status.json["key_source"]
    assert ["mine"] == [each["link_name"] for each in listed.json["items"]]
    assert access_token == token.json["access_token"]
    assert (404, "connection_not_found") == (other.code, other.json["code"])
    assert [True] == [each["ready"] for each in ready.json["items"]]
    assert "mine" in snippet.json["snippet"]


async def test_U2_a_sealed_grant_is_handed_no_token(fetch, kernel, connected):
    """Whatever the connection itself is."""
    made = await kernel("POST", GRANTS, body=DRAFT | {"exposure": "sealed"})
    shown = {"Authorization": f"Bearer {made.json['bearer']}"}

    path = "api/v1/connections/mine/token"
    answer = await fetch("POST", path, headers=shown, body={})

    assert "sealed" == answer.json["exposure"]
    assert not answer.json.get("access_token")
    assert "CNRY" not in answer.text


def every_call():
    """Return each method and address of the route table, with parts filled in."""
    for pattern, handler in _routes.ROUTES:
        path = pattern.replace(r"\.", ".")
        path = path.replace("(enable|refresh|accept)", "enable")
        for part in ("([^/]+)", "(.*)", "([^/]*)", ".*"):
            path = path.replace(part, "mine")
        for method in handler.SUPPORTED_METHODS:
            if "/proxy/" not in path:
                yield method, path


@pytest.mark.parametrize(("method", "path"), sorted(every_call()))
async def test_U2_a_grant_opens_a_few_addresses_and_no_other(job, method, path):
    """Every route and method there is; a page as little as the rest of the API."""
    answer = await job(method, path)

    if (method, path) in FOR_JOBS:
        assert answer.code in {200, 400, 422}, answer.text
    else:
        assert 403 == answer.code
        assert "CNRY" not in answer.text


def test_U2_what_a_grant_opens_is_there():
    """A route that is renamed is not forgotten here."""
    assert set(every_call()) >= FOR_JOBS


async def test_U2_a_grant_counts_and_not_the_log_in_beside_it(
    job, browser, jp_serverapp
):
    """A job that sends a log-in's token too is a job."""
    token = jp_serverapp.identity_provider.token

    answer = await job("GET", f"api/v1/services?token={token}")

    assert 403 == answer.code


async def test_U2_where_nobody_needs_to_log_in_a_grant_is_still_one(job, jp_serverapp):
    """It opens no more than elsewhere."""
    jp_serverapp.identity_provider.token = ""

    assert 403 == (await job("GET", "api/v1/services")).code
    assert 403 == (await job("GET", "")).code
    assert 200 == (await job("GET", "api/v1/connections")).code


@pytest.mark.parametrize("bearer", ["jcg_", "jcg_" + "a" * 43, "jcg_é"])
async def test_an_unknown_grant_gets_nowhere(fetch, provider, bearer):
    """401 in our words, on every address that is for jobs."""
    shown = {"Authorization": f"Bearer {bearer}".encode().decode("latin-1")}

    answer = await fetch("GET", "api/v1/connections", headers=shown)

    assert (401, "grant_ended") == (answer.code, answer.json["code"])


class TestOfACompany:
    """With an identity provider that names people, who log in elsewhere."""

    @pytest.fixture
    def jp_server_config(self, jp_server_config):
        jp_server_config["ServerApp"]["identity_provider_class"] = Company
        return jp_server_config

    async def test_a_job_is_let_in_without_its_log_in(self, fetch, provider, kernel):
        """By the grant alone, as its owner."""
        registration = {"client_id": "shop", "client_secret": "CNRY-client-secret-91"}
        await kernel("PUT", "api/v1/services/tea/registration", body=registration)
        nobody = await fetch("GET", "api/v1/connections")

        shown = {"Authorization": "Bearer jcg_unknown", "X-Person": "sam"}
        unknown = await fetch("GET", "api/v1/connections", headers=shown)

        assert (401, "not_authenticated") == (nobody.code, nobody.json["code"])
        assert (401, "grant_ended") == (unknown.code, unknown.json["code"])


async def test_what_a_job_calls_itself_is_noted(job, kernel):
    """For whoever looks which job it was."""
    await job("GET", "api/v1/status", headers={"X-Connections-Place": "argo%2Fnightly"})

    (grant,) = (await kernel("GET", GRANTS)).json["items"]
    assert "argo/nightly" == grant["last_used_from"]
