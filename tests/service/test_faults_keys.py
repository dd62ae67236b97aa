"""The master key is missing, wrong, wrapped by somebody who is down, or being changed."""

import base64
import os
import time

import pytest
from patience import until
from replica_faults import asked, check_kept, expire, kernel_of
from scripted_vault import ScriptedVault

from conn_core import Settings
from conn_core.broker import code_of, key_status, retire, rotate
from conn_core.doctor import Patient, address_in, examine

#: A process whose clock for held keys a test moves, by a number in a file.
MOVED_CLOCK = """
import time
from conn_core.vault._held import HeldKeys
def seconds():
    with open({file!r}) as ahead:
        return time.monotonic() + float(ahead.read())
HeldKeys.__init__.__kwdefaults__["seconds"] = seconds
"""


def written_key(folder, material, *, name):
    file = folder / name
    file.touch(mode=0o600)
    file.write_text(base64.b64encode(material).decode())
    return file


def health(replica):
    return replica.ask("GET", "/health").status


def refused(replica):
    """Wait for a replica that does not start; return what it said."""
    assert 0 != replica.ended()
    said = replica.log
    assert "Traceback" not in said
    assert "Connections serves" not in said
    return said


def problems(replica):
    """Return what the doctor finds wrong with a replica's settings, by name."""
    settings = Settings.from_environment(
        replica.environment,
        jupyter_data_dir=replica.folder,
        jupyter_runtime_dir=replica.folder,
        user="ada",
    )
    patient = Patient(
        settings=settings,
        environ={},
        now=time.time(),
        database=address_in(replica.environment),
    )
    return {f.name: f.text for f in examine(patient) if f.state == "problem"}


def test_F60_F63_one_replica_of_three_without_its_key(
    replica_of, hub, site, tmp_path, canary
):
    """It refuses to start and says why; the others go on; the recovery code mends it.

    One has another deployment's key, one has none: neither makes one. Fails when a
    replica seals with a key that the others do not have.
    """
    other = written_key(tmp_path, os.urandom(32), name="another.key")
    missing = tmp_path / "missing.key"
    first = replica_of("a")
    wrong = replica_of("b", wait=False, JUPYTER_CONNECTIONS_KEY_FILE=str(other))
    without = replica_of("c", wait=False, JUPYTER_CONNECTIONS_KEY_FILE=str(missing))

    assert f"The key in the key file {other} is not the one that" in refused(wrong)
    assert f"The key file {missing} does not exist" in refused(without)
    assert "JUPYTER_CONNECTIONS_KEY_FILE" in without.log
    assert not missing.exists()
    assert 200 == health(first)
    kernel = kernel_of(hub, "sam", port=first.port)
    assert 2 == asked(kernel).get("generation")
    assert "is not the one that sealed this store" in problems(wrong)["key"]
    assert "does not exist" in problems(without)["key"]

    code = code_of(site.core())
    back = without.command("key", "recover", piped=code.reveal())
    assert 0 == back.returncode, back.stderr
    without.start()
    kernel_there = kernel_of(hub, "sam", port=without.port)
    assert 2 == asked(kernel_there).get("generation")
    kernel.close()
    kernel_there.close()
    check_kept(site, generation=2, refreshes=1)
    canary.sweep(texts={"logs": wrong.log + without.log, "said": back.stdout})


def test_F62_a_container_that_restarts_without_its_volume(
    new_replica, environment, tmp_path
):
    """Where only the key is gone it stops with a text; where all is gone it is new.

    Fails when a key is made for a store that holds sealed rows: nothing in it would
    ever open again, and nobody would know why.
    """
    del environment["JUPYTER_CONNECTIONS_KEY_FILE"]
    data = tmp_path / "data"
    keys, lost = data / "keys", tmp_path / "lost"
    replica = new_replica("a").start()
    replica.stop()
    keys.rename(lost)

    replica.start(wait=False)

    assert 1 == replica.ended()
    assert "The key that sealed this store is not here" in replica.log
    assert not list(keys.glob("*.key*"))

    data.rename(tmp_path / "data-before")
    replica.start()
    assert 200 == health(replica)
    assert (keys / "master.key").read_text() != (lost / "master.key").read_text()


@pytest.fixture
def vault(canary):
    """Vault, on a socket."""
    found = ScriptedVault(canary("vault-token"))
    yield found
    found.close()


@pytest.fixture
def clock(tmp_path):
    """The clock of held keys in the replicas; ``clock.write_text("60")`` moves it."""
    file = tmp_path / "ahead"
    file.write_text("0")
    return file


@pytest.fixture
def wrapped(vault, key_file, clock, patched, tmp_path, secret_file):
    """What a replica is told whose key Vault wraps: the same key as everybody's."""
    blob = vault.wrapped(base64.b64decode(key_file.read_text()))
    file = tmp_path / "master.key.wrapped"
    file.touch(mode=0o600)
    file.write_text(blob)
    token = tmp_path / "vault-token.txt"
    token.write_text(vault.token)
    return patched(MOVED_CLOCK.format(file=str(clock))) | {
        "JUPYTER_CONNECTIONS_KEY_WRAPPER": "vault",
        "JUPYTER_CONNECTIONS_KEY_FILE": str(file),
        "JUPYTER_CONNECTIONS_KEY_HELD_MINUTES": "20",
        "JUPYTER_CONNECTIONS_VAULT_TOKEN_FILE": str(token),
        "VAULT_ADDR": vault.address,
    }


def test_F64_F65_vault_is_down_then_the_key_in_it_disabled(
    replica_of, hub, site, vault, wrapped, clock, canary
):
    """Who runs goes on for the minutes that are set, who starts does not start.

    Then everybody is told, with the command; ``/health`` says so; no key is made; and
    all goes on by itself once Vault answers. Fails without ``hold`` in ``open_vault``:
    the key would open for as long as the process runs.
    """
    first = replica_of("a", **wrapped)
    kernel = kernel_of(hub, "sam", port=first.port)
    assert 2 == asked(kernel).get("generation")
    vault.mood = "sealed"
    clock.write_text(f"{19 * 60}")
    assert 2 == asked(kernel).get("generation")
    assert 200 == health(first)
    said = refused(replica_of("b", wait=False, **wrapped))
    assert (
        "Vault at 127.0.0.1 (transit key jupyter-connections) does not answer" in said
    )
    assert "Run vault status" in said

    # In the last moment a provider is asked, and the time is over when it answers.
    expire(site)
    site.provider.on_refresh = lambda: clock.write_text(f"{20 * 60 + 5}")
    said = asked(kernel)
    assert "StoreLocked" == said.get("error"), said
    assert "held for the 20 minutes" in said["text"]
    assert "Run vault status" in said["text"]
    until(lambda: 503 == health(first))
    site.provider.on_refresh = lambda: None

    vault.mood = "up"
    clock.write_text(f"{20 * 60 + 20}")
    assert 3 == asked(kernel).get("generation")
    until(lambda: 200 == health(first))

    vault.mood = "disabled"
    clock.write_text(f"{41 * 60}")
    said = asked(kernel)
    assert "StoreLocked" == said.get("error"), said
    assert "it is disabled" in said["text"]
    doctor = first.command("doctor")
    assert 1 == doctor.returncode
    assert "it is disabled" in doctor.stdout
    vault.mood = "up"
    clock.write_text(f"{42 * 60}")
    assert 3 == asked(kernel).get("generation")
    kernel.close()
    check_kept(site, generation=3, refreshes=2)
    canary.sweep(texts={"log": first.log})


def test_F66_a_rotation_that_was_killed_is_named_and_brought_to_its_end(
    replica_of, hub, site
):
    """With two keys in use everybody goes on, and the doctor counts rows by key.

    Fails when a replica does not take the key that it meets in a row.
    """
    first = replica_of("a")
    kernel = kernel_of(hub, "sam", port=first.port)
    assert 2 == asked(kernel).get("generation")
    place = site.core()
    old = place.vault.newest_id
    first.environment["JUPYTER_CONNECTIONS_FAILPOINT"] = "rotate.batch-kept:kill"
    assert -9 == first.command("key", "rotate").returncode
    del first.environment["JUPYTER_CONNECTIONS_FAILPOINT"]

    counts = {key.id: key.total for key in key_status_of(place)}
    assert 2 == len(counts)
    assert 2 == len([total for total in counts.values() if total])
    said = problems(first)["rows by key"]
    for kid, total in counts.items():
        assert f"{total} row" in said
        assert kid in said
    expire(site)
    assert 3 == asked(kernel).get("generation")

    done = rotate(place, by="ada")
    assert (False, ()) == (done.added, done.left)
    assert "rows by key" not in problems(first)
    assert old == retire(place, old, by="ada", at_once=True)
    assert [done.key] == [key.id for key in key_status_of(place)]
    expire(site)
    assert 4 == asked(kernel).get("generation")
    kernel.close()
    check_kept(site, generation=4, refreshes=3)


def key_status_of(core):
    return key_status(core.settings, core.store).keys
