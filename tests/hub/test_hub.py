"""A real hub with three people: one service for all of them, and what each may do."""

import json
import re
import time
import urllib.error

import pytest
import story
from hub_jobs import HubJobs, are_gone, processes_of
from hub_process import ask
from playwright.sync_api import expect
from process_memory import found_in_memory

pytestmark = [pytest.mark.browser, pytest.mark.kernel]

_REST = "services/connections/api/v1"
_LOAD = "import conn_magics as cm\n%load_ext conn_magics"
_USE = """
with cm.connect({name!r}) as client:
    print("I am", client.get("/me").json()["name"])
"""
#: So long the service may still know somebody who was removed: see docs/operations.md.
_FORGOTTEN_SECONDS = 10
#: Each look is a line of a file, so that what still runs is seen from outside.
_WATCH = """
import os, time
watched = os.path.expanduser("~/watched.txt")
while True:
    with cm.connect("expenses") as client, open(watched, "a") as file:
        print(client.get("/me").json()["name"], file=file)
    time.sleep(0.2)
"""


def test_two_people_of_a_hub_share_connections(hub, person, practice):
    """Share, use, be asked, revoke, delete: each is felt by the other at once."""
    _register(hub, practice)
    alice = person("alice")
    _connect(alice, name="Expenses")
    expect(alice.get_by_role("heading", name="You are connected.")).to_be_visible()
    assert alice.url.startswith(f"{hub.url}services/connections/result/")
    _connect(alice, name="Own account", login_user=True)

    with hub.start_server("bob").kernel() as bob:
        env = bob.run(f"{_LOAD}\n%conn env")
        assert "The hub's service at" in env
        assert re.search(r"Acting as +bob", env)
        assert "you have not accepted that yet" in bob.run(_USE.format(name="expenses"))
        bob.run("%conn accept expenses --yes")
        assert "I am Ada Lovelace" in bob.run(_USE.format(name="expenses"))
        _nothing_is_lent(hub, practice)
        own = bob.run(_USE.format(name="own-account"))
        assert "'own-account' needs someone to authorize it" in own

        _sure(alice, hub, "revoke", "Revoke")
        said = _refused_soon(bob)
        assert "was revoked by alice" in said
        alice.get_by_role("button", name="Enable").click()
        hub.until(
            lambda: "I am Ada" in bob.run(_USE.format(name="expenses")),
            "it works again",
        )
        _sure(alice, hub, "delete", "Yes, delete")
        said = _refused_soon(bob)
        assert "expenses" in said
        assert "Error" in said or "NotFound" in said


def test_who_is_removed_from_the_hub_runs_nothing_any_more(
    hub, person, practice, canary
):
    """Bob's notebooks run by themselves on what Alice shares, until he is removed."""
    _register(hub, practice)
    _connect(person("alice"), name="Expenses")
    with hub.start_server("bob").kernel() as kernel:
        kernel.run(f"{_LOAD}\n%conn accept expenses --yes")
        jobs = HubJobs(hub, "bob")
        jobs.write("report.ipynb", _LOAD, _USE.format(name="expenses"))
        first = jobs.run(_scheduled(kernel, "report"))
        assert "COMPLETED" == jobs.ended(first)["status"]
        assert "I am Ada Lovelace" in jobs.output(first)
        _schedules_are_kept(kernel, jobs)
        _only_bob_schedules_there(hub)

        jobs.write("watch.ipynb", _LOAD, _WATCH)
        jobs.run(_scheduled(kernel, "watch"))
        watched = jobs.home / "watched.txt"
        hub.until(lambda: "Ada" in watched.read_text(), "the job looks again and again")
        left_behind = json.loads(
            kernel.run("import os, json; print(json.dumps(dict(os.environ)))")
        )
        kernel.run("%conn grant create --for cron --names expenses -o grant.json")
        running = processes_of(hub, "bob")
        _alices_token_is_nowhere(hub, practice, canary, running)

    _leaves(hub, "bob")

    # Its job's processes have outlived the server, but not its token.
    assert are_gone(running, seconds=60), running
    assert [] == processes_of(hub, "bob")
    time.sleep(_FORGOTTEN_SECONDS)
    asked, seen = practice.counters.api_calls, watched.read_text()
    for more, why in (
        ({}, "does not know this token any more"),
        (
            {"JUPYTER_CONNECTIONS_GRANT": str(jobs.home / "grant.json")},
            "This job's grant 'cron' has ended: the account 'bob' is not active here",
        ),
    ):
        code, said = jobs.run_elsewhere("report.ipynb", left_behind | more)
        assert (1, True) == (code, why in said), said
    assert (asked, seen) == (practice.counters.api_calls, watched.read_text())


def _scheduled(kernel, name):
    """Schedule a notebook as people do; return what jupyter-scheduler calls it."""
    told = kernel.run(f'%conn schedule {name}.ipynb --cron "0 6 29 2 *"')
    assert f"'{name}' is scheduled" in told
    assert "Runs as bob" in told
    ids = f"print([one.id for one in cm.schedules() if one.name == {name!r}][0])"
    return kernel.run(ids).strip()


def _schedules_are_kept(kernel, jobs):
    """List, pause, resume, refuse and delete, as at a laptop."""
    assert re.search(r"report .*completed", kernel.run("%conn schedule list"))
    assert "rests" in kernel.run("%conn schedule pause report")
    assert "goes on" in kernel.run("%conn schedule resume report")
    jobs.write("other.ipynb", _LOAD, _USE.format(name="unheard-of"))
    told = kernel.run('%conn schedule other.ipynb --cron "0 6 29 2 *"')
    assert "There is no connection called 'unheard-of'" in told
    assert "is deleted" in kernel.run("%conn schedule delete report --yes")
    assert "report" not in kernel.run("%conn schedule list")


def _only_bob_schedules_there(hub):
    """Neither who may come in at all, nor who is somebody else on the hub."""
    address = f"{hub.url}user/bob/connections/api/v1/schedules"
    for token, status, why in (
        (hub.token, 403, "Jobs of this server act as bob, and you are"),
        (hub.token_of("alice"), 401, "Nobody is logged in"),
    ):
        with pytest.raises(urllib.error.HTTPError) as refused:
            ask(address, "GET", token)
        assert status == refused.value.code
        assert why in str(refused.value.__notes__)


def _alices_token_is_nowhere(hub, practice, canary, processes):
    """Not in what runs as Bob, nor in anything that he or the hub have written down."""
    issued = set(practice.issued())
    assert issued
    canary.watch_all({*issued, practice.client_secret}, "token of Alice")
    texts = {}
    for process in processes:
        texts[f"environment of {process.pid}"] = json.dumps(process.environ())
        texts[f"command of {process.pid}"] = "\0".join(process.cmdline())
        needles = [b"conn_magics", *(token.encode() for token in issued)]
        assert found_in_memory(process.pid, needles) <= {b"conn_magics"}
    files = [file for file in hub.folder.rglob("*") if file.is_file()]
    names = [str(file) for file in files]
    for place in ("/bob/report.ipynb", "scheduler.sqlite", "/log", "history.sqlite"):
        assert any(place in name for name in names), f"no {place} among {names}"
    canary.sweep(files, texts)


def _nothing_is_lent(hub, practice):
    """Sealed: the token is in no answer to Bob."""
    token = hub.token_of("bob")
    answer = ask(f"{hub.url}{_REST}/connections/expenses/token", "POST", token, {})
    assert "sealed" == answer["exposure"]
    issued = set(practice.issued())
    assert issued
    assert not issued & {str(value) for value in answer.values()}


def _refused_soon(kernel):
    """Return what the kernel's call says a second later, which is refused."""
    time.sleep(1)
    said = kernel.run(_USE.format(name="expenses"))
    assert "I am Ada" not in said
    return said


def _leaves(hub, name):
    """Remove somebody from the hub: what shows their token is nobody soon."""
    token, address = hub.token_of(name), f"{hub.url}{_REST}/status"
    assert name == ask(address, "GET", token)["user"]

    def removed():
        try:
            hub.api("DELETE", f"users/{name}")
        except urllib.error.HTTPError as error:
            return error.code == 404
        return True

    # While a job runs, the server takes its time to stop, and the hub says: not yet.
    hub.until(removed, "the hub let go of the person")

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
