"""The forms with the broker that does the work, on a store in a temporary folder."""

import json
import types
from urllib.parse import parse_qs, urlsplit

import pytest
from notebook_page import wait_until

from conn_core import Settings
from conn_core.broker import open_core
from conn_widgets import (
    Field,
    OpenLink,
    ScopePicker,
    SecretField,
    connections_panel,
    edit_form,
    new_connection_form,
)
from conn_widgets._list import ConnectionList

CATALOG = """
[[service]]
id = "ledger"
name = "Ledger"
description = "Invoices and payments"
category = "Finance"
authorization_endpoint = "https://ledger.example.com/authorize"
token_endpoint = "https://ledger.example.com/token"
api_base_url = "https://api.ledger.example.com"
api_hosts = ["api.ledger.example.com"]
test_path = "/me"
account_field = "login"
scopes = [
    { name = "invoices.read", display_name = "Read invoices", read_only = true },
    { name = "invoices.write", display_name = "Change invoices" },
]
"""


class Provider:
    """Answers what the authorization server and the API of the ledger would."""

    def __init__(self, token):
        self._token = token
        self.forms = []

    def post_form(self, _url, fields, *, headers):
        self.forms.append((dict(fields), dict(headers)))
        return self._answer(
            {
                "access_token": self._token,
                "token_type": "Bearer",
                "expires_in": 600,
                "refresh_token": f"{self._token}-refresh",
                "scope": "invoices.read",
            }
        )

    def get(self, _url, *, headers):
        assert headers["Authorization"] == f"Bearer {self._token}"
        return self._answer({"login": "priya-n"})

    def close(self):
        """Nothing is open."""

    @staticmethod
    def _answer(body):
        return types.SimpleNamespace(
            status=200,
            headers={"content-type": "application/json"},
            body=json.dumps(body).encode(),
        )


@pytest.fixture
def core(tmp_path, canary):
    catalog = tmp_path / "catalog"
    catalog.mkdir()
    (catalog / "ledger.toml").write_text(CATALOG)
    settings = Settings(
        data_dir=tmp_path / "data",
        runtime_dir=tmp_path / "runtime",
        user="priya",
        use_keyring=False,
        public_url="http://127.0.0.1:8888/connections/",
        catalog_paths=(catalog,),
    )
    core = open_core(settings, provider=Provider(canary("access-token")))
    yield core
    core.close()


@pytest.fixture
def connected(core, hold, wire, canary):
    """The form after a person filled it in and allowed access in the browser."""
    broker = core.acting_as("priya")
    form = hold(new_connection_form(broker, service="ledger"))
    wire.type(form.of(Field, label="Client id"), value="priyas-client")
    wire.type(form.of(SecretField), filled=True)
    secret_field = form.of(SecretField)
    form.press("Create and connect")
    wire.receive(secret_field, do="secret", secret=canary("client-secret"))

    flow = form.of(OpenLink).href.rpartition("/")[2]
    waiting = form.stage.screen
    started = core.start_authorization(flow, user="priya")
    asked = parse_qs(urlsplit(started.authorization_url).query)
    core.finish_authorization(
        "ledger",
        {"state": asked["state"][0], "code": canary("code")},
        binding=started.binding.reveal(),
        user="priya",
    )
    # Nobody takes the steps here: the form watches the broker from its own thread.
    wait_until(lambda: form.stage.screen is not waiting, seconds=10, what="the end")
    return form


def test_the_main_job_from_the_form_to_connected_as(core, connected, wire, canary):
    """Registered, created, authorized, and no secret in any widget or message."""
    assert "Connected as priya-n" in connected.html()
    made = core.acting_as("priya").connection("ledger")
    assert ("connected", ("invoices.read",)) == (made.status, made.granted_scopes)
    canary.sweep(
        texts={
            "wire": wire.everything(),
            "html": connected.html(),
            "text": connected.stage.text(),
        }
    )


def test_the_panel_shows_what_was_made(core, connected, hold, wire):
    """With its code and its test."""
    form = hold(connections_panel(core.acting_as("priya")))
    listing = form.of(ConnectionList)
    wire.receive(listing, do="ready")
    (row,) = wire.last(listing, "rows")["rows"]
    wire.receive(listing, do="act", action="code", name="ledger")

    assert ("Ledger", "Connected") == (row["name"], row["pill"]["label"])
    code = wire.last(listing, "row")["row"]["code"]
    assert '%%connection ledger\nledger.get("/me").json()' == code


def test_a_new_scope_needs_consent_again(core, connected, hold, wire):
    """The edit goes on to authorize, and until then the connection waits."""
    broker = core.acting_as("priya")
    form = hold(edit_form(broker, "ledger"))
    wire.type(form.of(ScopePicker), value=["invoices.read", "invoices.write"])

    form.press("Update")

    assert "needs authorization" == broker.connection("ledger").status
    assert form.of(OpenLink).href.startswith("http://127.0.0.1:8888/connections/start/")


def test_a_taken_name_is_refused_by_the_broker_too(core, connected, hold, wire):
    """The form proposes a free one, and believes the broker."""
    form = hold(new_connection_form(core.acting_as("priya"), service="ledger"))
    name = form.of(Field, label="Connection name")
    assert "Ledger 2" == name.value

    wire.type(name, value="ledger")
    form.press("Create and connect")

    assert "You already have a connection called 'Ledger'" in name.error
