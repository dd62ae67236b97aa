"""What is typed with a new connection: it works, or nothing stays and the error says so."""

import dataclasses
from urllib.parse import parse_qs, urlsplit

import pytest

from conn_core import ConnectionDraft
from conn_core.errors import InvalidInput, ProviderUnavailable

MORE = """
[[service]]
id = "robot-desk"
name = "Robot Desk"
grant_type = "client_credentials"
token_endpoint = "https://login.robot.example/token"
token_endpoint_auth_method = "client_secret_post"
api_base_url = "https://api.robot.example"
api_hosts = ["api.robot.example"]
api_headers = { "X-Site" = "{site_key}" }
credential_fields = [{ name = "site_key", display_name = "Site key" }]

[[service]]
id = "blank-desk"
name = "Blank Desk"
auth_type = "api_key"
api_base_url = "https://{site}.blank.example"
api_hosts = ["{site}.blank.example"]
parameters = [{ name = "site", filled_by = "answer" }]
"""


@pytest.fixture
def settings(settings, tmp_path):
    """The usual services, and two that ask for more."""
    more = tmp_path / "more.toml"
    more.write_text(MORE)
    return dataclasses.replace(settings, catalog_paths=(*settings.catalog_paths, more))


def draft(service, **secret):
    return ConnectionDraft(service=service, name="Robot", secret=secret)


def nothing_is_stored(world):
    tables = ("connections", "credentials", "secrets", "flows")
    return all(world.sql(f"SELECT * FROM {table}") == [] for table in tables)


def test_a_provider_that_refuses_leaves_no_connection(world, answer):
    """The text says so, and so does the list."""
    world.register("robot-desk")
    for _ in range(2):
        refusal = b'{"error": "invalid_scope"}'
        world.provider.script.append(answer(400, refusal))
        with pytest.raises(InvalidInput, match=r"^Nothing was stored\. ") as caught:
            world.broker().create(draft("robot-desk", site_key="CNRY-site-key"))
        assert "Robot Desk refused the request (invalid_scope)" in caught.value.message
        assert nothing_is_stored(world)


def test_nor_does_one_that_is_down(world):
    """What was typed is still in the form: it is sent again from there."""
    world.register("robot-desk")
    world.provider.script.append(ProviderUnavailable("login.robot.example is down"))
    with pytest.raises(InvalidInput, match="is down"):
        world.broker().create(draft("robot-desk", site_key="CNRY-site-key"))
    assert nothing_is_stored(world)


def test_nor_does_a_service_that_never_says_its_own_address(world):
    """Its blank is filled by an answer that nobody gives."""
    with pytest.raises(InvalidInput, match="Blank Desk did not say its site"):
        world.broker().create(draft("blank-desk", api_key="CNRY-a-key"))
    assert nothing_is_stored(world)


def test_an_attempt_on_a_connection_that_is_there_says_how_it_ended(world, answer):
    """Nothing of it hangs, and the connection stays as it was."""
    world.register("robot-desk")
    sam = world.broker()
    sam.create(ConnectionDraft(service="robot-desk", name="Robot"))
    world.provider.script.append(answer(400, b'{"error": "invalid_scope"}'))
    done = sam.authorize("robot", secret={"site_key": "CNRY-site-key"})
    assert "failed" == done.state
    assert "invalid_scope" in done.error
    assert "needs authorization" == sam.connection("robot").status


@pytest.mark.parametrize(
    "public_url", [None, "https://hub.example/user/sam/connections/"]
)
def test_what_a_form_says_to_register_is_what_is_sent(world, public_url):
    """Without a server, too: the browser goes there, and its address is pasted."""
    world.open(settings=dataclasses.replace(world.settings, public_url=public_url))
    sam = world.created()
    told = sam.service("expenses").redirect_uri
    begun = sam.authorize("expenses", flow="paste")
    asked = parse_qs(urlsplit(begun.start_url).query)
    assert [told] == asked["redirect_uri"]
    assert told.endswith("connections/callback/expenses")
