"""Schedules over REST, kept by a real jupyter-scheduler."""

import json
from pathlib import Path

import pytest

from conn_core.broker._here import place_here
from conn_core.jobs import digest_of

#: What jupyter-scheduler does with its own libraries.
pytestmark = [
    pytest.mark.filterwarnings("ignore:The declarative_mixin decorator"),
    pytest.mark.filterwarnings("ignore:unclosed database:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
SCHEDULES = "api/v1/schedules"
DAILY = {"notebook": "reports/report.ipynb", "cron": "0 6 * * *"}


@pytest.fixture
def jp_server_config(jp_server_config):
    """The server has jupyter-scheduler, as ``jupyter-connections[jobs]`` brings it."""
    jp_server_config["ServerApp"]["jpserver_extensions"]["jupyter_scheduler"] = True
    # Nothing is run here: what runs is seen in the browser's stories.
    jp_server_config["TaskRunner"] = {"poll_interval": 3600}
    return jp_server_config


@pytest.fixture
def write(jp_root_dir):
    """Writes a notebook below the root folder."""

    def go(*sources, name="reports/report.ipynb", kernel=True):
        path = jp_root_dir / name
        path.parent.mkdir(exist_ok=True)
        cells = [
            {"cell_type": "code", "metadata": {}, "source": s, "outputs": []}
            | {"execution_count": None, "id": f"cell-{n}"}
            for n, s in enumerate(sources)
        ]
        spec = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
        whole = {"cells": cells, "metadata": spec if kernel else {}}
        path.write_text(json.dumps(whole | {"nbformat": 4, "nbformat_minor": 5}))
        return path

    return go


@pytest.fixture
def schedule(kernel):
    """Sends a draft."""

    async def go(**more):
        return await kernel("POST", SCHEDULES, body=DAILY | more)

    return go


@pytest.fixture
def scheduler(jp_web_app):
    """jupyter-scheduler's own object."""
    return jp_web_app.settings["scheduler"]


def text_of(path):
    """Read a file."""
    return Path(path).read_text()


async def test_a_schedule_is_a_job_definition_of_its_own(
    write, schedule, kernel, scheduler, extension
):
    """What jupyter-scheduler's screen shows is what was asked for."""
    path = write("print(year)")

    answer = await schedule(
        parameters={"year": 2026, "city": "Łódź's"}, timezone="Europe/Berlin"
    )

    assert 201 == answer.code, answer.text
    made = answer.json
    assert ("report", "reports/report.ipynb", True) == (
        made["name"],
        made["notebook"],
        made["active"],
    )
    assert extension.owner == made["runs_as"]
    assert made["next_run_at"].endswith("Z")
    assert {"year": 2026, "city": "Łódź's"} == made["parameters"]
    kept = scheduler.get_job_definition(made["id"])
    assert ("report.ipynb", "0 6 * * *", "Europe/Berlin", ["ipynb"]) == (
        kept.input_filename,
        kept.schedule,
        kept.timezone,
        kept.output_formats,
    )
    assert {"year": "2026", "city": '"Łódź\'s"'} == kept.parameters
    assert scheduler.task_runner.cache.get(made["id"]).active
    staged = scheduler.get_staging_paths(kept)["input"]
    assert path.read_text() == text_of(staged)


async def test_U10_the_log_says_what_was_scheduled_and_what_runs(
    write, schedule, kernel, scheduler, extension, tmp_path
):
    """A colleague who changes the notebook afterwards changes no run; the digests agree."""
    digest = digest_of(write("print('as it was scheduled')"))

    made = (await schedule()).json
    write("print('as a colleague wants it')")

    (line,) = (await kernel("GET", "api/v1/audit?action=schedule")).json["items"]
    told = f"report: SHA-256 {digest}, reports/report.ipynb"
    assert (extension.owner, told) == (line["actor"], line["detail"])
    (listed,) = (await kernel("GET", SCHEDULES)).json["items"]
    assert digest == made["sha256"] == listed["sha256"]
    # Each run gets a copy of that copy, in a folder of its own.
    kept = scheduler.get_staging_paths(scheduler.get_job_definition(made["id"]))
    folder = tmp_path / "scheduler_staging_area" / "run"
    folder.mkdir(parents=True)
    scheduler.copy_input_file(kept["input"], str(folder / "report.ipynb"))
    said = place_here({}, folder=folder)
    assert f"report.ipynb (scheduled, SHA-256 {digest})" == said


@pytest.mark.parametrize(
    "paths",
    [{}, {"input": "report.ipynb"}, {"input": "/nowhere/report.ipynb"}, None],
    ids=["no input", "in an archive", "on another machine", "nothing said"],
)
async def test_a_scheduler_that_keeps_notebooks_elsewhere_has_no_digest(
    write, schedule, kernel, scheduler, monkeypatch, paths
):
    """Nothing is said rather than something that may be wrong."""

    def elsewhere(_):
        if paths is None:
            raise NotImplementedError
        return paths

    write("1")
    await schedule()
    monkeypatch.setattr(scheduler, "get_staging_paths", elsewhere, raising=False)

    (listed,) = (await kernel("GET", SCHEDULES)).json["items"]
    assert "" == listed["sha256"]


async def test_list_pause_resume_delete(write, schedule, kernel, scheduler):
    """Each is done at jupyter-scheduler; a name or an id names it."""
    write("1")
    made = (await schedule(name="Every day")).json

    paused = await kernel("PATCH", f"{SCHEDULES}/Every%20day", body={"active": False})
    assert (False, None) == (paused.json["active"], paused.json["next_run_at"])
    assert not scheduler.get_job_definition(made["id"]).active
    assert not scheduler.task_runner.cache.get(made["id"]).active

    going = await kernel("PATCH", f"{SCHEDULES}/{made['id']}", body={"active": True})
    assert going.json["active"]
    listed = (await kernel("GET", SCHEDULES)).json
    assert ["Every day"] == [one["name"] for one in listed["items"]]

    gone = await kernel("DELETE", f"{SCHEDULES}/Every%20day")
    assert made["id"] == gone.json["id"]
    assert 0 == (await kernel("GET", SCHEDULES)).json["total"]
    assert scheduler.task_runner.cache.get(made["id"]) is None


async def test_what_its_own_screen_made_is_listed_too(write, kernel, scheduler):
    """And what has no time is no schedule; two of one name are told apart by id."""
    from jupyter_scheduler.models import CreateJobDefinition

    write("1")
    common = {
        "input_uri": "reports/report.ipynb",
        "runtime_environment_name": "python",
        "output_formats": [],
        "parameters": {"when": "datetime.now()"},
    }
    for when in ("0 6 * * *", "every now and then", None):
        scheduler.task_runner = None  # its screen accepts what its runner cannot read
        scheduler.create_job_definition(
            CreateJobDefinition(name="twin", schedule=when, **common)
        )

    listed = (await kernel("GET", SCHEDULES)).json["items"]
    assert {("0 6 * * *", True), ("every now and then", False)} == {
        (one["cron"], one["next_run_at"] is not None) for one in listed
    }
    assert {"report.ipynb"} == {one["notebook"] for one in listed}
    assert {"when": "datetime.now()"} == listed[0]["parameters"]
    refused = await kernel("DELETE", f"{SCHEDULES}/twin")
    assert (409, "ambiguous_name") == (refused.code, refused.json["code"])
    assert listed[0]["id"] in refused.json["hint"]


async def test_how_the_last_run_ended_is_said(write, schedule, kernel, scheduler):
    """In jupyter-scheduler's word, with the error's text; what has not begun is created."""
    from jupyter_scheduler.orm import Job

    write("1")
    made = (await schedule()).json
    facts = {
        "runtime_environment_name": "python",
        "input_filename": "report.ipynb",
        "output_formats": [],
        "name": "report",
        "job_definition_id": made["id"],
    }
    with scheduler.db_session() as session:
        session.add(Job(**facts, create_time=1_000))
        session.commit()
    (one,) = (await kernel("GET", SCHEDULES)).json["items"]
    assert ("created", "1970-01-01T00:00:01Z") == (
        one["last_status"],
        one["last_run_at"],
    )

    with scheduler.db_session() as session:
        session.add(
            Job(
                **facts,
                create_time=2_000,
                start_time=3_000,
                status="FAILED",
                status_message="ConnectionRevoked: it was",
            )
        )
        session.commit()
    (one,) = (await kernel("GET", SCHEDULES)).json["items"]
    assert ("failed", "ConnectionRevoked: it was", "1970-01-01T00:00:03Z") == (
        one["last_status"],
        one["last_message"],
        one["last_run_at"],
    )


@pytest.mark.parametrize(
    ("more", "field", "why"),
    [
        ({"cron": "0 6 * *"}, "cron", "is not when something runs"),
        ({"cron": "99 6 * * *"}, "cron", "is not when something runs"),
        ({"cron": "* * * * * *"}, "cron", "is not when something runs"),
        ({"cron": "0 0 30 2 *"}, "cron", "never comes"),
        ({"timezone": "Mars/Olympus"}, "timezone", "no time zone"),
        ({"timezone": "Zoné"}, "timezone", "no time zone"),
        ({"notebook": "none.ipynb"}, "notebook", "no notebook 'none.ipynb'"),
        ({"notebook": "../outside.ipynb"}, "notebook", "no notebook"),
        ({"notebook": "/etc/hostname"}, "notebook", "no notebook"),
        ({"notebook": "a\0b"}, "notebook", "no notebook"),
        ({"notebook": "n" * 900}, "notebook", "no notebook"),
        ({"parameters": {"api_key": "CNRY-x"}}, "parameters", "'api_key' looks like"),
        (
            {"parameters": {"all": [{"who": "ghp_a1B2c3D4e5F6g7H8i9J0"}]}},
            "parameters",
            "'all' looks like a secret",
        ),
        (
            {"parameters": {"who": "ghp_a1B2c3D4e5F6g7H8i9J0"}},
            "parameters",
            "'who' looks like a secret",
        ),
    ],
)
async def test_U3_a_wrong_draft_keeps_nothing(
    write, schedule, kernel, more, field, why
):
    """What is wrong is said beside its field, and no secret is repeated."""
    write("1")
    answer = await schedule(**more)
    assert 422 == answer.code, answer.text
    assert why in answer.json["message"]
    assert field in answer.json["fields"]
    for secret in ("CNRY", "ghp_"):
        assert secret not in answer.text
    assert 0 == (await kernel("GET", SCHEDULES)).json["total"]


async def test_a_name_is_taken_once(write, schedule):
    """The command that makes room is named."""
    write("1")
    assert 201 == (await schedule()).code
    again = await schedule()
    assert (409, "name_taken") == (again.code, again.json["code"])
    assert "--name" in again.json["hint"]


async def test_a_notebook_that_cannot_be_read_is_not_scheduled(write, schedule):
    """A syntax error, and a notebook that names no kernel."""
    write("a = 1", "for for")
    broken = await schedule()
    assert (422, True) == (broken.code, "Cell 2, line 1" in broken.json["message"])

    write("1", kernel=False)
    homeless = await schedule()
    assert "names no kernel" in homeless.json["message"]


async def test_U1_what_could_not_run_is_refused_with_the_next_command(
    write, schedule, kernel, connect
):
    """An unknown connection, then one that nobody has authorized."""
    write("%%connection cofee\n1", "%%connection tea\n1")
    unknown = await schedule()
    assert (422, "invalid_input") == (unknown.code, unknown.json["code"])
    assert "There is no connection called 'cofee'" in unknown.json["message"]
    assert "1 more: %conn check report.ipynb" in unknown.json["message"]

    await connect()
    write("%%connection coffee-cake\n1")
    name = (await kernel("GET", "api/v1/connections")).json["items"][0]["link_name"]
    write(f"%%connection {name}\n1", "%%connection none\n1")
    waiting = await schedule()
    assert (409, "authorization_required") == (waiting.code, waiting.json["code"])
    assert f"Run %conn authorize {name}" == waiting.json["hint"]
    assert 0 == (await kernel("GET", SCHEDULES)).json["total"]


async def test_what_the_servers_environment_brings_is_enough(
    write, schedule, monkeypatch
):
    """A job inherits it, so the check looks there first."""
    token = json.dumps(
        {"access_token": "CNRY-env-1", "api_base_url": "https://a.example"}
    )
    monkeypatch.setenv("JUPYTER_CONN_BROUGHT", token)
    write("%%connection brought\n1")
    answer = await schedule()
    assert 201 == answer.code, answer.text


async def test_functions_of_a_notebook_beside_it_come_along(write, schedule, scheduler):
    """jupyter-scheduler takes the folder then, or the job would not find them."""
    write("1", name="reports/helpers.ipynb")
    write("import conn_magics as cm\ncm.functions.load('helpers.ipynb')")
    made = (await schedule()).json
    kept = scheduler.get_job_definition(made["id"])
    assert kept.package_input_folder
    assert ["helpers.ipynb"] == kept.packaged_files


async def test_U12_who_is_not_the_server_schedules_nothing(
    write, schedule, kernel, extension
):
    """Its jobs would act as somebody else."""
    write("1")
    await kernel("GET", SCHEDULES)
    extension.core._core.scheduler.runs_as = "somebody-else"
    answer = await schedule()
    assert (403, "not_allowed") == (answer.code, answer.json["code"])
    assert "act as somebody-else" in answer.json["message"]


async def test_one_that_is_not_there_is_named_with_what_was_meant(
    write, schedule, kernel
):
    """A name is easily mistyped."""
    write("1")
    await schedule()
    answer = await kernel("DELETE", f"{SCHEDULES}/reprot")
    assert (404, "schedule_not_found") == (answer.code, answer.json["code"])
    assert "Did you mean 'report'" in answer.json["message"]
    assert "%conn schedule list" in answer.json["hint"]


async def test_a_server_without_jupyter_scheduler_says_what_to_install(
    kernel, schedule, write, jp_web_app
):
    """Every verb says the same."""
    write("1")
    del jp_web_app.settings["scheduler"]
    for answer in (await schedule(), await kernel("GET", SCHEDULES)):
        assert (503, "jobs_unavailable") == (answer.code, answer.json["code"])
        assert "jupyter-connections[jobs]" in answer.json["hint"]


async def test_a_scheduler_that_does_not_answer_is_given_up(
    write, kernel, scheduler, monkeypatch
):
    """Nobody waits for ever for somebody else's database."""
    import asyncio

    from conn_serverext import _scheduling

    async def never(query):
        await asyncio.sleep(3600)

    monkeypatch.setattr(_scheduling, "_PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(scheduler, "list_job_definitions", never, raising=False)
    answer = await kernel("GET", SCHEDULES)
    assert (503, "jupyter-scheduler does not answer") == (
        answer.code,
        answer.json["message"],
    )
