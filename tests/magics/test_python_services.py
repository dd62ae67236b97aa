"""``cm.create_service`` and its like: services as functions."""

import tomllib

import pytest

import conn_magics as cm
from conn_core.errors import (
    CredentialsAtStake,
    InvalidInput,
    NameTaken,
    ServiceNotFound,
)

ACME = {
    "name": "Acme CRM",
    "authorization_endpoint": "https://auth.acme.example/authorize",
    "token_endpoint": "https://auth.acme.example/token",
    "api_base_url": "https://api.acme.example/v2",
    "scopes": [{"name": "read", "display_name": "Read contacts", "read_only": True}],
}


@pytest.fixture
def acme(broker):
    """A service of one's own."""
    return cm.create_service(**ACME)


def test_create_service_takes_what_a_form_takes(broker, acme):
    """The id and the hosts are made from the rest."""
    assert ("acme-crm", ("api.acme.example",), "priya") == (
        acme.id,
        acme.api_hosts,
        acme.owner,
    )
    assert acme == cm.service("acme-crm")
    with pytest.raises(NameTaken):
        cm.create_service(**ACME)


def test_a_key_and_blanks_are_completed(broker):
    """As in the form."""
    made = cm.create_service(
        name="Shop", auth_type="api_key", api_base_url="https://{shop}.acme.example"
    )
    assert ("X-API-Key", ["shop"]) == (
        made.param_name,
        [each.name for each in made.parameters],
    )


def test_what_is_wrong_is_said_by_member(broker):
    """And nothing is stored."""
    before = dict(broker._services)
    with pytest.raises(InvalidInput) as caught:
        cm.create_service(**ACME | {"api_base_url": "http://acme.example"})
    assert {"api_base_url"} == caught.value.fields.keys()
    assert before == broker._services


def test_edit_service_changes_what_is_named(broker, acme):
    """Live credentials are not ended by accident."""
    broker.has("crm", service="acme-crm")
    assert "CRM" == cm.edit_service("acme-crm", name="CRM").name
    moved = {"api_base_url": "https://b.example"}
    with pytest.raises(CredentialsAtStake):
        cm.edit_service("acme-crm", **moved)
    after = cm.edit_service("acme-crm", wipe_credentials=True, **moved)
    assert ("CRM", ("b.example",)) == (after.name, after.api_hosts)
    assert "needs authorization" == cm.get("crm").status


def test_a_service_travels_as_text(broker, acme):
    """Export, delete, import."""
    text = cm.export_service("acme-crm")
    assert "acme-crm" == tomllib.loads(text)["service"][0]["id"]
    cm.delete_service("acme-crm")
    with pytest.raises(ServiceNotFound):
        cm.service("acme-crm")
    assert "Acme CRM" == cm.import_service(text).name


def test_register_service_hands_the_secret_on(broker, acme, canary):
    """By hand, or by the service itself."""
    secret = canary("client-secret")
    assert cm.register_service("acme-crm", client_id="us", client_secret=secret)
    kept = broker.registrations["acme-crm"]
    assert ("us", secret) == (kept.client_id, kept.client_secret.get_secret_value())
    with pytest.raises(InvalidInput, match="registers nobody"):
        cm.register_service("acme-crm", automatic=True)
    with pytest.raises(InvalidInput) as caught:
        cm.register_service("acme-crm", client_secret=secret)
    canary.sweep(texts={"error": str(caught.value), "shown": repr(cm.services())})


def test_propose_service_learns_and_stores_nothing(broker):
    """What it says is what ``create_service`` takes."""
    learned = cm.propose_service(issuer="https://acme.example")
    assert "https://auth.acme.example/token" == learned.service["token_endpoint"]
    made = cm.create_service(
        **learned.service, name="Acme", api_base_url="https://a.example"
    )
    assert "acme" == made.id
