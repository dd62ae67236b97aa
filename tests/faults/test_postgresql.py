"""PostgreSQL: restarted, locked by others, or back at an older state."""

import shutil
import threading

import sqlalchemy as sa
from invariants import spilled

from conn_core.errors import StoreUnavailable


def test_F53_the_server_ends_all_connections(make_site, check_invariants):
    """As a restart does before it lets anybody in: the pool notices, nothing is lost."""
    site = make_site("strict", "postgresql")
    site.later()
    admin = sa.create_engine(site.place.url, isolation_level="AUTOCOMMIT")
    others = sa.text(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE pid <> pg_backend_pid() AND datname = current_database()"
    )

    def end_all():
        with admin.connect() as connection:
            connection.execute(others)

    core = site.core()
    broker = core.acting_as("sam")
    assert "connected" == broker.connection("expenses").status
    end_all()
    site.provider.on_refresh = end_all
    assert 2 == broker.access_token("expenses").generation
    assert 1 == site.provider.refreshes
    admin.dispose()
    assert "ok" == check_invariants(site)


def test_F53_a_commit_that_lost_its_confirmation_was_one(make_site, monkeypatch):
    """It is looked for before it is believed lost."""
    from conn_core.broker import _saving

    site = make_site("strict")
    site.later()
    put, lost = _saving._put, []

    def lose_confirmation(*args, **rest):
        done = put(*args, **rest)
        if not lost:
            lost.append(done)
            raise StoreUnavailable("The connection to the database broke")
        return done

    monkeypatch.setattr(_saving, "_put", lose_confirmation)
    core = site.core()
    assert 2 == core.acting_as("sam").access_token("expenses").generation
    assert [True] == lost
    assert [] == spilled(site)
    events = core.acting_as("sam").events("expenses")
    assert ["ok"] == [e.result for e in events if e.action == "refresh"]


def test_F53_a_lock_of_somebody_else_is_waited_for(make_site):
    """A row that another transaction holds for a moment is no error."""
    site = make_site("strict", "postgresql")
    site.later()
    other = sa.create_engine(site.place.url)
    done = threading.Event()

    def hold_row():
        with other.begin() as connection:
            connection.execute(sa.text("UPDATE credentials SET failures = failures"))
            threading.Timer(0.8, done.set).start()
            ready.set()
            done.wait(60)

    ready = threading.Event()
    holder = threading.Thread(target=hold_row)

    def lock():
        holder.start()
        assert ready.wait(60)

    site.provider.on_refresh = lock
    assert 2 == site.use()["generation"]
    holder.join()
    other.dispose()
    assert 1 == site.provider.refreshes


def test_F54_a_store_that_forgot_the_last_refresh_says_so(make_site, canary):
    """A replica that lost a commit, or a restored backup: the strictest provider ends
    the grant, and the status says so; nothing is deleted, and it is not asked again.
    """
    site = make_site("strict")
    backup = site.place.folder.with_name("backup")
    shutil.copytree(site.place.folder, backup)
    site.later()
    assert 2 == site.use()["generation"]
    shutil.rmtree(site.place.folder)
    shutil.copytree(backup, site.place.folder)
    said = site.use()
    assert "invalid_grant" in said["text"]
    requests = site.provider.refreshes
    assert "AuthorizationEnded" == site.use()["error"]
    assert requests == site.provider.refreshes


def test_F54_a_provider_that_forgot_its_last_rotation_gets_the_token_before(make_site):
    """Its own restore: the new refresh token is unknown there, the one before is not."""
    site = make_site("strict")
    site.later()
    assert 2 == site.use()["generation"]
    [first, second] = list(site.provider._refresh)
    del site.provider._refresh[second]
    site.provider._refresh[first].spent_at = None
    site.later()
    assert 3 == site.use()["generation"]
    assert 3 == site.provider.refreshes
    site.later()
    assert 4 == site.use()["generation"]
