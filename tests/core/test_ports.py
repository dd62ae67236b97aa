"""Where a service that somebody describes may listen (E12)."""

import dataclasses

import pytest

from conn_core import ServiceDraft, Settings, read_draft
from conn_core.errors import InvalidInput

OAUTH = {
    "name": "Acme CRM",
    "authorization_endpoint": "https://login.acme.example/authorize",
    "token_endpoint": "https://login.acme.example/token",
    "api_base_url": "https://api.acme.example/v2",
}
ELSEWHERE = "https://acme.example:8443/x"


@pytest.fixture
def opened(world):
    """Opens the deployment anew after its operator has opened a port."""

    def go():
        settings = dataclasses.replace(world.settings, allowed_ports=(8443,))
        return world.open(settings=settings).acting_as("sam")

    return go


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("authorization_endpoint", ELSEWHERE),
        ("token_endpoint", ELSEWHERE),
        ("refresh_endpoint", ELSEWHERE),
        ("revocation_endpoint", ELSEWHERE),
        ("registration_endpoint", ELSEWHERE),
        ("issuer", ELSEWHERE),
        ("api_base_url", "https://api.acme.example:8443/v2"),
        ("api_hosts", ["api.acme.example", "files.acme.example:8443"]),
        ("api_hosts", ["api.acme.example", "*.acme.example:8443"]),
    ],
)
def test_E12_a_port_that_nobody_has_opened_is_refused(world, opened, member, value):
    """Beside its field, with who could open it; opened, it is taken."""
    draft = read_draft(ServiceDraft, OAUTH | {member: value})
    with pytest.raises(InvalidInput) as caught:
        world.broker().create_service(draft)
    assert "uses port 8443, and only 443 is allowed here" == caught.value.fields[member]
    assert (
        "An operator allows it with c.Connections.allowed_ports = [8443]"
        == caught.value.hint
    )
    assert 0 == world.broker().services(predefined=False).total

    assert "acme-crm" == opened().create_service(draft).id


def test_E12_another_port_than_the_opened_one_is_refused(opened):
    """What to write opens both."""
    draft = read_draft(ServiceDraft, OAUTH | {"issuer": "https://acme.example:22"})
    with pytest.raises(InvalidInput) as caught:
        opened().create_service(draft)
    assert caught.value.hint.endswith("c.Connections.allowed_ports = [22, 8443]")


def test_E12_a_service_is_not_moved_to_such_a_port(world):
    """Edited, it is looked at as when it was new."""
    sam = world.broker()
    sam.create_service(read_draft(ServiceDraft, OAUTH))
    draft = read_draft(ServiceDraft, OAUTH | {"token_endpoint": ELSEWHERE})
    with pytest.raises(InvalidInput):
        sam.edit_service("acme-crm", draft)
    assert OAUTH["token_endpoint"] == sam.service("acme-crm").token_endpoint


def test_E12_443_may_be_written_out(world):
    """It is where https is."""
    draft = OAUTH | {"token_endpoint": "https://login.acme.example:443/token"}
    assert world.broker().create_service(read_draft(ServiceDraft, draft))


def test_E12_this_machine_has_any_port_where_it_is_allowed(world):
    """A practice service takes the one that is free."""
    settings = dataclasses.replace(world.settings, allow_loopback=True)
    draft = OAUTH | {
        "token_endpoint": "http://127.0.0.1:41999/token",
        "api_base_url": "http://localhost:41999/",
    }
    broker = world.open(settings=settings).acting_as("sam")
    assert broker.create_service(read_draft(ServiceDraft, draft))


def test_E12_nobody_is_asked_about_itself_at_such_a_port(world):
    """Else everybody here could find out who listens at which port."""
    with pytest.raises(InvalidInput, match="Nothing was asked: issuer uses") as caught:
        world.broker().propose_service(issuer="https://login.acme.example:22")
    assert {"issuer"} == caught.value.fields.keys()
    assert [] == world.provider.token_requests


@pytest.mark.parametrize("issuer", ["https://[", "https://x.example:99999"])
def test_an_issuer_that_is_no_address_is_called_that(world, issuer):
    """Its port is not what is wrong with it."""
    with pytest.raises(InvalidInput, match="such as https://") as caught:
        world.broker().propose_service(issuer=issuer)
    assert "port" not in str(caught.value)


@pytest.mark.parametrize("text", ["0", "65536", "https", "-1", "8443-8445", "٣", "1.5"])
def test_E12_a_port_that_is_none_is_refused_at_the_start(text, tmp_path):
    """Who wrote it is told, before anything is opened."""
    with pytest.raises(InvalidInput, match="among the allowed ports is no port"):
        Settings.from_environment(
            {"JUPYTER_CONNECTIONS_ALLOWED_PORTS": f"8443, {text}"},
            jupyter_data_dir=tmp_path,
            jupyter_runtime_dir=tmp_path,
            user="sam",
        )
