"""A real hub with two people: one service for both, and what each may do."""

import urllib.error

import pytest
import story
from hub_process import ask
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.kernel]

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

    bob = hub.start_server("bob").kernel()
    print(bob.run("import conn_magics as cm\n%load_ext conn_magics\n%conn env"))
    print(bob.run("%conn list"))
    print(bob.run(_USE.format(name="expenses")))
    print(bob.run("%conn accept expenses --yes"))
    print(bob.run(_USE.format(name="expenses")))
    print(bob.run(_USE.format(name="own-account")))
    print(bob.run("print(cm.connect('expenses').token)"))

    assert 0


def _register(hub, practice):
    """Do what an administrator does first: make the client known."""
    address = f"services/connections/api/v1/services/{practice.service_id}/registration"
    client = {
        "client_id": practice.client_id,
        "client_secret": practice.client_secret,
    }
    ask(hub.url + address, "PUT", hub.token_of("carol"), client)


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
    story.log_in_and_answer(page)
