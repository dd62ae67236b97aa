"""Who somebody is."""

import pytest
from jupyter_server.auth.identity import (
    IdentityProvider,
    LegacyIdentityProvider,
    PasswordIdentityProvider,
    User,
)

from conn_serverext._identity import KernelIdentity, names_people, owner_of, person_of


class Company(IdentityProvider):
    """Knows its people."""

    def get_user(self, handler):
        name = handler.request.headers.get("X-Person")
        return User(username=name) if name else None


class Dressed(PasswordIdentityProvider):
    """Jupyter's own, with another log-in page."""

    @property
    def login_available(self):
        return True


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (IdentityProvider, False),
        (PasswordIdentityProvider, False),
        (LegacyIdentityProvider, False),
        (Dressed, False),
        (Company, True),
    ],
)
def test_a_provider_names_people_or_lets_them_in(kind, expected):
    """What counts is whether it says who, not what it is called."""
    assert expected == names_people(kind())


def test_anonymous_users_are_the_person_who_runs_the_server():
    """Jupyter makes up another one for each request."""
    anybody = User(username="c0ffee")

    assert "priya" == person_of(anybody, provider=IdentityProvider(), owner="priya")


def test_a_named_user_is_that_user_and_a_kernel_is_the_owner():
    """On one server, at the same time."""
    sam = User(username="sam")

    assert "sam" == person_of(sam, provider=Company(), owner="priya")
    assert "priya" == person_of(sam, provider=KernelIdentity("priya"), owner="priya")


def test_M11_a_name_of_any_length_is_short_and_stays_unique():
    """Two long names that begin alike do not become one person."""
    one, two = ("x" * 1_000_000 + end for end in "ab")

    names = {
        person_of(User(username=name), provider=Company(), owner="o")
        for name in (one, two)
    }
    assert {256} == {len(name) for name in names}
    assert 2 == len(names)


def test_on_a_hub_the_hubs_user_owns_the_server():
    """Whatever the account in the container is called."""
    environ = {"JUPYTERHUB_USER": "alice"}

    assert "alice" == owner_of(Company(), environ=environ, os_user="jovyan")
    assert "jovyan" == owner_of(Company(), environ={}, os_user="jovyan")
    assert "jovyan" == owner_of(IdentityProvider(), environ=environ, os_user="jovyan")


@pytest.fixture
def jp_server_config(jp_server_config):
    jp_server_config["ServerApp"]["identity_provider_class"] = Company
    return jp_server_config


async def test_H2_people_of_one_server_see_what_is_shared_and_nothing_else(
    fetch, provider
):
    """What Sam keeps does not exist for Alex, by any name or list; the rest is seen."""

    async def ask(person, method, path, body=None):
        return await fetch(
            method,
            path,
            headers={"X-Person": person, "Cookie": "_xsrf=a", "X-XSRFToken": "a"},
            body=body,
        )

    kept = {"service": "tea", "name": "Kept", "shared_with": []}
    shared = {"service": "tea", "name": "Shared"}
    for draft in (kept, shared):
        made = await ask("sam", "POST", "api/v1/connections", draft)
        assert 201 == made.code, made.text

    assert 200 == (await ask("sam", "GET", "api/v1/connections/kept")).code
    assert 404 == (await ask("alex", "GET", "api/v1/connections/kept")).code
    assert 404 == (await ask("alex", "DELETE", "api/v1/connections/kept")).code
    listed = (await ask("alex", "GET", "api/v1/connections")).json
    assert [("shared", "organisation", "sam")] == [
        (each["link_name"], each["group"], each["owner"]) for each in listed["items"]
    ]
    assert 200 == (await ask("alex", "GET", "api/v1/connections/shared")).code
    assert 403 == (await ask("alex", "DELETE", "api/v1/connections/shared")).code


async def test_H2_a_start_link_is_of_use_to_its_starter_only(fetch, provider, kernel):
    """T-03: Alex, lured to Sam's link, gets nowhere and nothing."""
    headers = {"Cookie": "_xsrf=a", "X-XSRFToken": "a"}
    registration = {"client_id": "shop", "client_secret": "CNRY-client-secret-8812"}
    await kernel("PUT", "api/v1/services/tea/registration", body=registration)

    async def as_(person, method, path, body=None):
        return await fetch(
            method, path, headers=headers | {"X-Person": person}, body=body
        )

    await as_("sam", "POST", "api/v1/connections", {"service": "tea"})
    begun = await as_("sam", "POST", "api/v1/connections/tea/authorizations", {})
    flow = begun.json["flow"]

    lured = await as_("alex", "GET", f"start/{flow}")
    watched = await as_("alex", "GET", f"api/v1/authorizations/{flow}")
    starter = await as_("sam", "GET", f"start/{flow}")

    assert (404, 404, 303) == (lured.code, watched.code, starter.code)
    assert [] == lured.headers.get_list("Set-Cookie")


async def test_a_kernel_beside_a_named_provider_is_the_owner(kernel, extension):
    """Its bearer is checked by us, so the provider need not know it."""
    status = await kernel("GET", "api/v1/status")

    assert (200, extension.owner) == (status.code, status.json["user"])
