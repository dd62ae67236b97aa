"""``%conn service edit``, ``delete`` and ``register``: of one's own, and nobody else's."""

import pytest

from conn_core.errors import (
    Conflict,
    CredentialsAtStake,
    InteractionRequired,
    InvalidInput,
    NotAllowed,
    ServiceNotFound,
    VersionConflict,
)
from conn_magics._usage import UsageError


def test_G_edit_changes_what_is_said_and_keeps_the_rest(terminal, acme, broker):
    """The hosts follow the base URL as long as they are its own."""
    assert "'acme-crm' is changed" == repr(terminal(f"service edit {acme} --name CRM"))
    terminal(f"service edit {acme} --base-url https://api2.acme.example")
    after = broker.service(acme)
    assert ("CRM", ("api2.acme.example",)) == (after.name, after.api_hosts)
    terminal(f"service edit {acme} --host api2.acme.example --host b.example")
    terminal(f"service edit {acme} --base-url https://api3.acme.example")
    assert ("api2.acme.example", "b.example") == broker.service(acme).api_hosts


def test_edit_takes_away_what_is_empty(terminal, acme, broker):
    """An empty text means that there is none."""
    terminal(f"service edit {acme} --revoke-url https://auth.acme.example/revoke")
    terminal(f'service edit {acme} --revoke-url ""')
    assert broker.service(acme).revocation_endpoint is None


def test_edit_drops_the_default_scopes_that_are_gone(terminal, acme, broker):
    """What new connections begin with is one of the scopes."""
    terminal(f"service edit {acme} --scope a --scope b --default-scope a")
    terminal(f"service edit {acme} --scope b")
    assert () == broker.service(acme).default_scopes


def test_edit_of_nothing_is_explained(terminal, acme, notebook):
    """In a notebook it is the form."""
    with pytest.raises(UsageError, match="Say what to change"):
        terminal(f"service edit {acme}")
    assert notebook(f"service edit {acme}") is None
    assert "Edit Acme CRM" in repr(notebook.shown[0])


MOVE = "service edit acme-crm --base-url https://evil.example"


def test_G1_endpoints_under_live_credentials_are_asked_about(terminal, acme, broker):
    """The question says whom it concerns; no means that nothing changes."""
    broker.has("crm", service=acme)

    assert "Nothing was changed" == repr(terminal(MOVE, answers=["n"]))

    assert "https://api.acme.example/v2" == broker.service(acme).api_base_url
    assert "It concerns:\n  crm, of priya" == repr(terminal.shown[-1])
    assert terminal.asked[-1].startswith(
        "End the credentials of Acme CRM? Credentials of 1 connection of 1 person are "
        "bound to the addresses and hosts of Acme CRM, and this would change them. "
        "Credentials belong to the addresses they were made for: everybody has to "
        "authorize again. [y/N] "
    )
    assert "'acme-crm' is changed" == repr(terminal(MOVE, answers=["y"]))
    assert "needs authorization" == broker.found["crm"].status


def test_G1_a_job_says_the_option_that_ends_them(conn, terminal, acme, broker):
    """Nobody can be asked there."""
    broker.has("crm", service=acme)
    with pytest.raises(CredentialsAtStake) as caught:
        conn(MOVE)
    assert str(caught.value).endswith("Add --wipe-credentials to end them")
    assert "connected" == broker.found["crm"].status
    conn(f"{MOVE} --wipe-credentials")
    assert "needs authorization" == broker.found["crm"].status


def test_G8_two_editors_at_once(terminal, acme, broker, monkeypatch):
    """The second is told, and nothing is lost."""
    read = broker.service(acme)
    terminal(f"service edit {acme} --name First")
    monkeypatch.setattr(broker, "service", lambda _id: read)
    with pytest.raises(VersionConflict, match="somebody else"):
        terminal(f"service edit {acme} --name Second")
    monkeypatch.undo()
    assert "First" == broker.service(acme).name


def test_G7_what_is_not_ones_own_cannot_be_changed(terminal):
    """The broker says so; the words are its own."""
    for line in ("service edit coffee --name x", "service delete coffee -y"):
        with pytest.raises(NotAllowed, match="ships with this program"):
            terminal(line)


def test_delete_asks_and_says_how_many_use_it(terminal, acme, broker):
    """Enter means no; a service in use is refused."""
    assert "Nothing was changed" == repr(
        terminal(f"service delete {acme}", answers=[""])
    )
    assert "This cannot be undone." in terminal.asked[-1]
    broker.has("crm", service=acme)
    with pytest.raises(Conflict, match="is used by crm"):
        terminal(f"service delete {acme} -y")
    broker.found.clear()
    assert "'acme-crm' is deleted" == repr(
        terminal(f"service delete {acme}", answers=["y"])
    )
    with pytest.raises(ServiceNotFound):
        terminal(f"service show {acme}")


def test_a_job_is_told_to_write_y(conn, terminal, acme):
    """As for connections."""
    with pytest.raises(InteractionRequired, match=f"service delete {acme} -y"):
        conn(f"service delete {acme}")


def test_register_asks_for_what_is_missing(terminal, acme, broker, canary):
    """The id may be said; the secret never."""
    secret = canary("client-secret")
    assert "Acme CRM can be connected to now" in repr(
        terminal(f"service register {acme}", answers=["us"], secrets=[secret])
    )
    assert ["Client id: "] == terminal.asked
    terminal(f"service register {acme} --client-id other", secrets=[secret])
    assert ["Client id: "] == terminal.asked
    assert "other" == broker.registrations[acme].client_id


def test_register_may_be_left_to_the_service(conn, terminal, acme, broker):
    """Where it can; no person is needed then."""
    with pytest.raises(InvalidInput, match="registers nobody"):
        conn(f"service register {acme} --automatic")
    terminal(
        f"service edit {acme} --registration-url https://auth.acme.example/register"
    )
    assert "can be connected to now" in repr(
        conn(f"service register {acme} --automatic")
    )
    assert "made-for-us" == broker.registrations[acme].client_id


def test_a_job_cannot_enter_a_secret(conn, acme):
    """Somebody has to."""
    with pytest.raises(InteractionRequired, match=f"%conn service register {acme}"):
        conn(f"service register {acme}")
