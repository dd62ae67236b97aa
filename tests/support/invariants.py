"""What must hold in a deployment after any fault: I1 to I7."""

import time

from refresh_site import Site

from conn_core.broker._credentials import held_of
from conn_core.store import leases, rows


def credential_of(core):
    """Return the only credential there is."""
    with core.store.read() as tx:
        row = rows.row_of_owner(
            tx, "sam", "expenses", seen_by=rows.Onlooker(person="sam")
        )
        return rows.credential_row(tx, row.credential_id)


def state_of(core, row) -> str:
    """Return which of the known states a credential is in."""
    if row.ended_at is not None:
        assert row.ended_because, "an end without a reason"
        return "needs reauth"
    is_held = row.lease_until is not None and row.lease_until > core.clock()
    if is_held and not core.upkeep.presence.is_dead(row.lease_owner):
        return "refreshing"
    return "uncertain" if leases.has_open_attempt(row) else "ok"


def check(site: Site, canary) -> str:
    """Fail if anything was lost; return the state of the credential."""
    core = site.place.open()
    try:
        row = credential_of(core)
        # I1, I2: what is stored opens, with a refresh token and the one before.
        held = held_of(core, row)
        assert held.tokens.refresh_token
        if row.generation > 1 and site.provider.policy != "no rotation":
            assert held.previous
        # I3: nothing was deleted.
        with core.store.read() as tx:
            assert rows.registration_row(tx, "expenses") is not None
        # I5: the state has a name, and people can read the cause.
        state = state_of(core, row)
        shown = core.acting_as("sam").connection("expenses")
        if state == "needs reauth":
            assert shown.status == "failed"
            assert shown.status_reason
        else:
            assert shown.status == "connected"
        # I7: a caller gets a token or an error of ours, in time.
        began = time.monotonic()
        site.use()
        assert time.monotonic() - began < site.place.pace.wait + 5
    finally:
        core.close()
    # I4: never two requests with the same refresh token, but for the one repetition
    # after an interruption.
    assert site.provider.reuses <= 1
    # I6: no secret lies about.
    canary.sweep([site.place.folder])
    return state


def spilled(site):
    """Return the files that hold what the store did not take."""
    found = (site.place.folder / "spill").glob("*")
    return [file.name for file in found if file.read_bytes().strip(b"\0")]
