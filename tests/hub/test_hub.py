"""A real hub with three people: one service for all of them, and what each may do."""

import re
import urllib.error
from pathlib import Path

import pytest
import story
from hub_process import ask
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.kernel]

_REST = "services/connections/api/v1"
_USE = """
with cm.connect({name!r}) as client:
    print("I am", client.get("/me").json()["name"])
"""


def test_two_people_of_a_hub_share_connections(hub, person, practice):
    """Share, use, be asked, revoke, delete, leave: each is felt by the other at once."""
    _register(hub, practice)
    alice = person("alice")
    _connect(alice, name="Expenses")
    expect(alice.get_by_role("heading", name="You are connected.")).to_be_visible()
    assert alice.url.startswith(f"{hub.url}services/connections/result/")
    _connect(alice, name="Own account", login_user=True)

    with hub.start_server("bob").kernel() as bob:
        env = bob.run("import conn_magics as cm\n%load_ext conn_magics\n%conn env")
        assert "The hub's service at" in env
        assert re.search(r"Acting as +bob", env)
        assert "you have not accepted that yet" in bob.run(_USE.format(name="expenses"))
        bob.run("%conn accept expenses --yes")
        assert "I am Ada Lovelace" in bob.run(_USE.format(name="expenses"))
        _nothing_is_lent(hub, practice, kernel=bob)
        own = bob.run(_USE.format(name="own-account"))
        assert "'own-account' needs someone to authorize it" in own

        _sure(alice, hub, "revoke", "Revoke")
        said = _refused_soon(hub, bob)
        assert "was revoked by alice" in said
        alice.get_by_role("button", name="Enable").click()
        hub.until(
            lambda: "I am Ada" in bob.run(_USE.format(name="expenses")),
            "it works again",
        )
        _sure(alice, hub, "delete", "Yes, delete")
        said = _refused_soon(hub, bob)
        assert "expenses" in said
        assert "Error" in said or "NotFound" in said

    _leaves(hub, "bob")


def _nothing_is_lent(hub, practice, *, kernel):
    """Sealed: the token is in no answer to bob, and nowhere in his kernel's memory."""
    token = hub.token_of("bob")
    answer = ask(f"{hub.url}{_REST}/connections/expenses/token", "POST", token, {})
    assert "sealed" == answer["exposure"]
    issued = set(practice.issued())
    assert issued
    assert not issued & {str(value) for value in answer.values()}
    memory = _memory_of(int(kernel.run("import os; print(os.getpid())")))
    assert b"conn_magics" in memory
    assert [] == [secret for secret in issued if secret.encode() in memory]


def _memory_of(pid):
    """Return what a process can write to."""
    found = []
    with Path(f"/proc/{pid}/mem").open("rb", 0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            if " rw-p " not in line:
                continue
            start, end = (int(number, 16) for number in line.split()[0].split("-"))
            try:
                memory.seek(start)
                found.append(memory.read(end - start))
            except (OSError, ValueError, OverflowError):
                continue
    return b"".join(found)


def _refused_soon(hub, kernel):
    """Wait until the kernel's call is refused; return what it said."""

    def refused():
        said = kernel.run(_USE.format(name="expenses"))
        return said if "I am Ada" not in said else ""

    return hub.until(refused, "the next call was refused", seconds=15)


def _leaves(hub, name):
    """Remove somebody from the hub: what shows their token is nobody soon."""
    token, address = hub.token_of(name), f"{hub.url}{_REST}/status"
    assert name == ask(address, "GET", token)["user"]
    hub.api("DELETE", f"users/{name}")

    def refused():
        try:
            ask(address, "GET", token)
        except urllib.error.HTTPError as error:
            return error.code in {401, 403}
        return False

    assert hub.until(refused, "the token of who left is of no use", seconds=30)


def _sure(page, hub, what, button):
    """Go to the page that asks whether somebody is sure, and say yes."""
    page.goto(f"{hub.url}services/connections/connection/expenses/{what}")
    page.get_by_role("button", name=button).click()


def _register(hub, practice):
    """Do what an administrator does first: make the client known."""
    client = {
        "client_id": practice.client_id,
        "client_secret": practice.client_secret,
    }
    address = f"{hub.url}{_REST}/services/{practice.service_id}/registration"
    ask(address, "PUT", hub.token_of("carol"), client)


def _connect(page, *, name, login_user=False):
    """Create a connection for everybody in the browser, and authorize it."""
    page.goto(page.url.partition("/services/")[0] + "/services/connections/")
    page.get_by_role("link", name="New connection").last.click()
    page.get_by_role("searchbox").fill("practice")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Practice Expenses").click()
    page.get_by_label("Connection name").fill(name)
    if login_user:
        page.get_by_label("Use credentials of login user").check()
    page.get_by_label("Everybody").check()
    page.get_by_role("button", name="Create and connect").click()
    page.get_by_role("link", name="Open Practice Expenses").click()
    if login_user:  # logged in there since the first time
        page.get_by_role("button", name="Allow").click()
        page.wait_for_url("**/connections/**")
    else:
        story.log_in_and_answer(page)
