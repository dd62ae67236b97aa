"""The web page where something is refused, or goes another way than the usual one."""

import re

import pytest
import scripted_provider
from page_forms import words_of

from conn_core import Authorization
from conn_core.broker import LocalBroker
from conn_core.errors import ProviderUnavailable, StoreUnavailable

MORE = """
[[service]]
id = "key-shop"
name = "Key shop"
auth_type = "api_key"
param_name = "X-API-Key"
param_prefix = ""
api_base_url = "https://api.keys.example"
api_hosts = ["api.keys.example"]
test_path = "/me"

[[service]]
id = "robot"
name = "Robot"
grant_type = "client_credentials"
token_endpoint = "https://login.robot.example/token"
registration_endpoint = "https://login.robot.example/register"
api_base_url = "https://api.robot.example"
api_hosts = ["api.robot.example"]

[[service]]
id = "signed"
name = "Signed"
authorization_endpoint = "https://login.signed.example/authorize"
token_endpoint = "https://login.signed.example/token"
token_endpoint_auth_method = "private_key_jwt"
api_base_url = "https://api.signed.example"
api_hosts = ["api.signed.example"]

[[service]]
id = "public"
name = "Public"
authorization_endpoint = "https://login.public.example/authorize"
token_endpoint = "https://login.public.example/token"
token_endpoint_auth_method = "none"
api_base_url = "https://api.public.example"
api_hosts = ["api.public.example"]

[[service]]
id = "both"
name = "Both"
authorization_endpoint = "https://login.both.example/authorize"
token_endpoint = "https://login.both.example/token"
api_base_url = "https://api.both.example"
api_hosts = ["api.both.example"]
api_headers = { X-Team = "{team_key}" }
credential_fields = [{ name = "team_key", display_name = "Team key" }]
"""
REGISTERED = {"client_id": "shop", "client_secret": scripted_provider.CLIENT_SECRET}


@pytest.fixture
def catalog_file(catalog_file):
    catalog_file.write_text(catalog_file.read_text() + MORE)
    return catalog_file


@pytest.fixture
def make(kernel):
    """Makes a connection by REST."""

    async def go(service, name="Mine"):
        if service != "key-shop":
            path = f"api/v1/services/{service}/registration"
            await kernel("PUT", path, body=REGISTERED)
        secret = {"secret": {"api_key": "CNRY-key-7"}} if service == "key-shop" else {}
        body = {"service": service, "name": name} | secret
        made = await kernel("POST", "api/v1/connections", body=body)
        assert 201 == made.code, made.text

    return go


@pytest.fixture
def refuse(monkeypatch):
    """Lets the broker refuse one of its questions."""

    def go(question, error=None):
        def refused(self, *_args, **_options):
            raise error or ProviderUnavailable("Coffee does not answer", "Try later")

        monkeypatch.setattr(LocalBroker, question, refused)

    return go


@pytest.mark.parametrize("deed", ["test", "enable", "accept", "authorize"])
async def test_a_button_that_is_refused_says_why(land, make, refuse, deed):
    """On the connection's page, with what to do."""
    await make("coffee")
    refuse(deed)

    _, said = await land(f"connection/mine/{deed}", page="connection/mine/edit")

    assert "Coffee does not answer. Try later." in said


@pytest.mark.parametrize("deed", ["revoke", "delete"])
async def test_a_question_that_is_refused_stays(submit, make, refuse, deed):
    """With why, and with Cancel."""
    await make("coffee")
    refuse(deed)

    answer = await submit(f"connection/mine/{deed}")

    assert 503 == answer.code
    assert "Coffee does not answer. Try later." in words_of(answer)
    assert ">Cancel</a>" in answer.text


async def test_nobody_consents_for_a_robot(land, kernel):
    """A token is fetched at once, and the page says so."""
    _, said = await land("new/robot", name="Robot", do="create", **REGISTERED)

    assert "Connected. Use it in a cell: the code is below." in said
    shown = (await kernel("GET", "api/v1/connections/robot")).json
    assert "connected" == shown["status"]


async def test_a_robot_that_is_refused_is_not_connected(land, provider):
    """What the provider said is said."""
    provider.token_answer = (400, {"error": "invalid_client"})

    _, said = await land("new/robot", name="Robot", do="create", **REGISTERED)

    assert "invalid_client" in said
    assert "Connected." not in said


async def test_a_broker_that_cannot_begin_is_said_after_creating(land, refuse):
    """The connection is there; its page says what went wrong."""
    refuse("authorize")

    _, said = await land("new/coffee", name="Mine", do="create", **REGISTERED)

    assert "Coffee does not answer. Try later." in said
    assert "Needs authorization" in said


async def test_a_key_that_does_not_work_is_stored_and_said(land, provider):
    """It may be right, and the service out of order."""
    provider.api_answer = (401, {})
    fields = {"secret.api_key": "CNRY-key-8"}

    _, said = await land("new/key-shop", name="Keys", do="create", **fields)

    assert "Stored, but not working yet." in said


async def test_a_key_that_cannot_be_tried_is_stored_and_said(land, refuse):
    """The same when nobody answers."""
    refuse("test")

    fields = {"secret.api_key": "CNRY-key-8"}
    _, said = await land("new/key-shop", name="Keys", do="create", **fields)

    assert "Stored, but not working yet. Coffee does not answer. Try later." in said


async def test_another_key_is_typed_later(land, submit, make):
    """The row's button leads to the field; without a key it is said there."""
    await make("key-shop")
    _, asked = await land("connection/mine/authorize", page="connection/mine")
    assert "What you type here is sent to api.keys.example only." in asked

    empty = await submit("connection/mine/authorize", typed="yes")
    assert 'id="f-secret-api_key-error">' in empty.text

    fields = {"secret.api_key": "CNRY-key-9", "typed": "yes"}
    _, said = await land("connection/mine/authorize", **fields)
    assert "Connected." in said
    assert "CNRY-key-9" not in said


async def test_an_attempt_that_fails_at_once_is_said(land, make, monkeypatch):
    """Nothing was stored."""
    await make("coffee")
    ended = Authorization(
        flow="f",
        state="failed",
        link_name="mine",
        service="coffee",
        service_name="Coffee",
    )
    monkeypatch.setattr(LocalBroker, "authorize", lambda *_args, **_options: ended)

    _, said = await land("connection/mine/authorize", page="connection/mine")

    assert "Coffee could not be connected. Nothing was stored." in said


@pytest.mark.parametrize(
    ("page", "fields"),
    [
        ("new/robot", {"name": "Robot"}),
        ("service/robot/registration", {}),
        ("connection/mine/authorize", {"typed": "yes"}),
    ],
)
async def test_a_client_is_registered_by_itself(
    submit, kernel, monkeypatch, page, fields
):
    """Where the service offers that; the form then asks for it no more."""
    await kernel(
        "POST", "api/v1/connections", body={"service": "robot", "name": "Mine"}
    )

    def registered(self, service_id):
        draft = {"client_id": "automatic", "client_secret": "CNRY-automatic-1"}
        from conn_core import ClientRegistration

        return self.register_client(service_id, ClientRegistration(**draft))

    monkeypatch.setattr(LocalBroker, "register_automatically", registered)

    answer = await submit(page, do="register-automatically", **fields)

    assert answer.code in {200, 303}, words_of(answer)
    assert (await kernel("GET", "api/v1/services/robot")).json["registered"]
    assert "Register automatically" not in answer.text


@pytest.mark.parametrize(
    ("page", "fields"),
    [("new/robot", {"name": "Kept"}), ("connection/mine/authorize", {"typed": "yes"})],
)
async def test_an_automatic_registration_that_is_refused_is_said(
    submit, kernel, refuse, page, fields
):
    """Above the form, which stays as it is."""
    await kernel(
        "POST", "api/v1/connections", body={"service": "robot", "name": "Mine"}
    )
    refuse("register_automatically")

    answer = await submit(page, do="register-automatically", **fields)

    assert 503 == answer.code
    assert "Coffee does not answer. Try later." in words_of(answer)
    assert fields.get("name", "") in answer.text


async def test_a_registration_has_the_fields_of_its_service(browser, root):
    """A private key in lines; no secret where the client is public."""
    signed = await browser.get(f"{root}new/signed")
    public = await browser.get(f"{root}new/public")

    assert '<textarea id="f-client_secret"' in signed.text
    assert 'placeholder="PEM or JWK"' in signed.text
    assert 'name="client_id"' in public.text
    assert "client_secret" not in public.text


async def test_a_name_alone_is_changed_without_consent(
    land, connect, browser, grant, kernel
):
    """The page says that it is done, and no more."""
    begun = await connect(name="Mine")
    await browser.get(grant(await browser.get(begun["start_url"])))
    version = (await kernel("GET", "api/v1/connections/mine")).json["version"]

    _, said = await land(
        "connection/mine/edit", name="Ours", scopes="read", version=str(version)
    )

    assert "Updated." in said
    assert "Authorize it next." not in said
    assert "Ours" == (await kernel("GET", "api/v1/connections/mine")).json["name"]


async def test_the_usual_scopes_are_a_preset(submit, make):
    """Those that a new connection begins with."""
    await make("coffee")

    shown = await submit("connection/mine/edit", name="Mine", do="scopes:usual")

    assert re.search(r'value="read" checked', shown.text)
    assert not re.search(r'value="order" checked', shown.text)


async def test_N_a_form_has_a_largest_size(submit):
    """Beyond it nothing is read."""
    answer = await submit("service/new", document="x" * 6_400_000, do="import")

    assert 413 == answer.code


async def test_a_list_that_cannot_be_read_does_not_stop_a_question(
    browser, root, kernel, refuse
):
    """Who is concerned is left out then."""
    draft = {"name": "Acme", "auth_type": "basic", "api_base_url": "https://a.example"}
    await kernel("POST", "api/v1/services", body=draft)
    refuse("connections", StoreUnavailable("The database is away"))

    answer = await browser.get(f"{root}service/acme/delete")

    assert 200 == answer.code
    assert "No connection that you can see uses it." in words_of(answer)


async def test_a_pasted_address_finishes_an_attempt(land, connect, browser, grant):
    """The address that the browser was sent to, where it could not come back."""
    begun = await connect(name="Mine")
    started = await browser.get(begun["start_url"])

    _, said = await land(
        f"authorization/{begun['flow']}", do="paste", address=grant(started)
    )

    assert "Connected as priya-n" in said


def test_what_was_typed_is_in_no_representation():
    """A form in a log shows nothing."""
    from conn_serverext.screens._form import Form

    assert "<Form>" == repr(Form({"client_secret": [b"CNRY-form-1"]}))


def test_the_words_of_an_error_are_said_beside_its_field():
    """Where no field has the name, they are said above the form."""
    from conn_core.errors import InvalidInput
    from conn_serverext.screens._screen import beside

    error = InvalidInput("Nothing was stored", "Try", fields={"a.b": "is odd"})

    assert ({"a": "is odd"}, None) == beside(error, {"a"})
    assert ({}, ("Nothing was stored.", "Try.")) == beside(error, {"c"})
    assert ({}, None) == beside(None, {"a"})


async def test_a_service_that_wants_more_than_it_was_told_still_has_a_page(
    browser, root, kernel, submit
):
    """A blank came into its addresses after a connection was made."""
    draft = {"name": "Acme", "auth_type": "basic", "api_base_url": "https://a.example"}
    await kernel("POST", "api/v1/services", body=draft)
    await kernel("POST", "api/v1/connections", body={"service": "acme", "name": "Mine"})
    changed = draft | {
        "id": "acme",
        "api_base_url": "https://{site}.acme.example",
        "api_hosts": ["{site}.acme.example"],
        "parameters": [
            {"name": "site", "display_name": "S", "help": "H", "example": "north"}
        ],
    }
    answer = await kernel("PATCH", "api/v1/services/acme", body=changed)
    assert 200 == answer.code, answer.text

    page = await browser.get(f"{root}connection/mine")
    asked = await browser.get(f"{root}connection/mine/authorize")

    assert "{site}.acme.example" in words_of(page)
    assert "What you type here is sent to Acme only." in words_of(asked)


async def test_a_person_who_cannot_be_one_is_said_beside_the_people(submit):
    """Not above the form, in the words of REST."""
    answer = await submit(
        "new/coffee",
        name="Mine",
        sharing="people",
        people="x" * 300,
        do="create",
        **REGISTERED,
    )

    assert 422 == answer.code
    assert 'id="f-people-error">' in answer.text


async def test_credentials_are_asked_for_on_the_way_to_a_page(land, browser, root):
    """Where a page opens too, they are typed after the connection is made."""
    _, said = await land("new/both", name="Both", do="create", **REGISTERED)

    assert "Authorize Both" in said
    assert "Team key" in said
