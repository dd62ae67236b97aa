"""Schedules at the server of somebody on a hub, whose service has the connections."""

import json
import logging
import os
from types import SimpleNamespace

import pytest
from scripted_peer import Peer, Reply

#: What jupyter-scheduler does with its own libraries.
pytestmark = [
    pytest.mark.filterwarnings("ignore:The declarative_mixin decorator"),
    pytest.mark.filterwarnings("ignore:unclosed database:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
SCHEDULES = "api/v1/schedules"
REPORT = f"{SCHEDULES}/report"
DAILY = {"notebook": "report.ipynb", "cron": "0 6 * * *"}


@pytest.fixture
def service(canary, monkeypatch):
    """The hub's service, which is asked what a notebook could use."""
    peer = Peer()
    token = canary("hub-token")
    scripted = SimpleNamespace(peer=peer, token=token, missing={})
    monkeypatch.setenv("JUPYTER_CONNECTIONS_SERVICE", f"{peer.url}/services/c/")
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", token)

    def answer(seen):
        if seen.headers.get("authorization") != f"Bearer {token}":
            return Reply(403)
        (need,) = json.loads(seen.body)["needs"]
        one = {"name": need["name"], "ready": not scripted.missing} | scripted.missing
        return Reply(200, json.dumps({"items": [one], "total": 1}).encode())

    peer.answer = answer
    yield scripted
    peer.cut()
    peer.close()


@pytest.fixture
def jp_server_config(jp_server_config, service):
    """The server has jupyter-scheduler, which runs nothing here, and a service."""
    jp_server_config["ServerApp"]["jpserver_extensions"]["jupyter_scheduler"] = True
    jp_server_config["TaskRunner"] = {"poll_interval": 3600}
    return jp_server_config


@pytest.fixture
def ask(jp_serverapp, jp_root_dir, fetch):
    """Asks with the server's own token; a notebook there uses a connection."""
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "id": "a"}
    cell |= {"execution_count": None, "source": "%%connection expenses\n1"}
    spec = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    whole = {"cells": [cell], "metadata": spec, "nbformat": 4, "nbformat_minor": 5}
    (jp_root_dir / "report.ipynb").write_text(json.dumps(whole))
    shown = {"Authorization": f"token {jp_serverapp.identity_provider.token}"}

    async def send(method, path, body=None, **more):
        return await fetch(method, path, headers=shown | more, body=body)

    return send


async def test_this_server_keeps_schedules_and_the_service_checks_them(
    ask, service, extension, jp_web_app, canary, caplog, tmp_path
):
    """As at a laptop: made, listed, paused, deleted; the hub's token stays out of logs."""
    caplog.set_level(logging.DEBUG)

    made = await ask("POST", SCHEDULES, DAILY)
    assert 201 == made.code, made.text
    assert extension.owner == made.json["runs_as"]
    assert ["/services/c/api/v1/check"] == [seen.path for seen in service.peer.seen]
    kept = jp_web_app.settings["scheduler"].get_job_definition(made.json["id"])
    assert DAILY["cron"] == kept.schedule

    listed = (await ask("GET", SCHEDULES)).json["items"]
    assert ["report"] == [one["name"] for one in listed]
    assert not (await ask("PATCH", REPORT, {"active": False})).json["active"]
    assert (await ask("PATCH", REPORT, {"active": True})).json["active"]
    assert 200 == (await ask("DELETE", REPORT)).code
    assert 0 == (await ask("GET", SCHEDULES)).json["total"]

    for done in ("pause schedule", "resume schedule", "delete schedule"):
        assert f"Connections: {done} 'report', by {extension.owner}" in caplog.text
    told = f"report: SHA-256 {made.json['sha256']}, report.ipynb"
    assert f"Connections: schedule '{told}', by {extension.owner}" in caplog.text
    canary.sweep([tmp_path], {"log": caplog.text})


async def test_U1_what_could_not_run_is_not_kept(ask, service):
    """The service says what is missing; the next command is named."""
    service.missing = {
        "problem": "Nobody authorized 'expenses'",
        "hint": "Run %conn authorize expenses",
        "needs_person": True,
    }

    answer = await ask("POST", SCHEDULES, DAILY)

    assert (409, "authorization_required") == (answer.code, answer.json["code"])
    assert "Run %conn authorize expenses" == answer.json["hint"]
    assert 0 == (await ask("GET", SCHEDULES)).json["total"]


async def test_without_the_service_nothing_new_is_kept_and_the_rest_goes_on(
    ask, service
):
    """A schedule that nobody could check is none; one that is there can be stopped."""
    assert 201 == (await ask("POST", SCHEDULES, DAILY)).code
    service.peer.answer = lambda _: Reply(503)

    answer = await ask("POST", SCHEDULES, DAILY | {"name": "another"})

    assert (503, "broker_unavailable") == (answer.code, answer.json["code"])
    assert 200 == (await ask("DELETE", REPORT)).code


async def test_U12_who_is_not_this_servers_person_schedules_nothing(
    ask, service, extension, monkeypatch
):
    """An administrator of the hub may come in, but its jobs are not theirs."""
    monkeypatch.setattr(
        "conn_serverext._handler.person_of", lambda *_, **__: "carol-of-the-hub"
    )

    for method, path, body in (
        ("POST", SCHEDULES, DAILY),
        ("GET", SCHEDULES, None),
        ("PATCH", REPORT, {"active": False}),
        ("DELETE", REPORT, None),
    ):
        answer = await ask(method, path, body)
        assert (403, "not_allowed") == (answer.code, answer.json["code"])
        assert f"act as {extension.owner}" in answer.json["message"]
    assert [] == service.peer.seen


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": ""}, 401),
        ({"Authorization": "Bearer CNRY-of-somebody-else"}, 401),
        ({"Authorization": "Bearer jcg_CNRY-grant"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
    ],
    ids=["nobody", "a wrong token", "a job's grant", "another origin", "another site"],
)
async def test_who_is_not_let_in(ask, service, headers, status):
    """Nothing is kept, and the service is not asked."""
    answer = await ask("POST", SCHEDULES, DAILY, **headers)

    assert status == answer.code, answer.text
    assert [] == service.peer.seen
    assert 0 == (await ask("GET", SCHEDULES)).json["total"]


async def test_kernels_are_led_here_for_schedules_alone(
    jp_serverapp, extension, service, root
):
    """Until the server stops; where the connections are is said by another variable."""
    await jp_serverapp.extension_manager.start_all_extensions()

    told = os.environ["JUPYTER_CONNECTIONS_OWN_SERVER"]
    assert told.startswith("http://127.0.0.1:")
    assert told.endswith(root)
    assert "JUPYTER_CONNECTIONS_ENDPOINT" not in os.environ

    await jp_serverapp.cleanup_extensions()
    assert "JUPYTER_CONNECTIONS_OWN_SERVER" not in os.environ


async def test_a_server_without_jupyter_scheduler_says_so(ask, service, jp_web_app):
    """What to install is said."""
    del jp_web_app.settings["scheduler"]

    for answer in (await ask("POST", SCHEDULES, DAILY), await ask("GET", SCHEDULES)):
        assert (503, "jobs_unavailable") == (answer.code, answer.json["code"])
        assert "jupyter-connections[jobs]" in answer.json["hint"]
