"""Jobs: a notebook that runs every minute by itself, seen in jupyter-scheduler's own list."""

import json

import nbformat
import pytest
import story
from patience import until
from playwright.sync_api import expect
from streams import merged

pytestmark = [pytest.mark.browser, pytest.mark.peer, pytest.mark.timeout(900)]

LOAD = "%load_ext conn_magics"
ASK = '%%connection coffee\nprint(len(coffee.get("/items").json()["items"]), "items")'
SCHEDULE = (
    '%conn schedule coffee.ipynb --cron "* * * * *" --name "By magic" -p year=2026'
)
LIST = "%conn schedule list"
#: Whoever writes this has the token in the error that jupyter-scheduler keeps.
RAISE = """import conn_magics as cm
raise RuntimeError("refused: " + cm.get("coffee").token().reveal())"""
#: Shorter than the minute between two runs, so that each run has to renew it.
SHORT_LIVED = {"AccessToken": 30}


@pytest.fixture
def peer(start_certified_server, offer):
    """A provider whose tokens do not last until the next run."""
    peer = start_certified_server(ttl=SHORT_LIVED)
    offer(peer)
    return peer


@pytest.fixture
def server(peer, start_jupyter, tmp_path):
    """A server with jupyter-scheduler, which looks each second for what is due."""
    config = tmp_path / "home" / "config"
    config.mkdir(parents=True)
    (config / "jupyter_jupyter_scheduler_config.json").write_text(
        json.dumps({"TaskRunner": {"poll_interval": 1}})
    )
    return start_jupyter()


def jobs_of(server, name):
    """Return the runs of a schedule, the latest first, that have ended."""
    jobs = server.api("scheduler/jobs")["jobs"]
    ended = {"COMPLETED", "FAILED"}
    return [job for job in jobs if job["name"] == name and job["status"] in ended]


def wait_for(server, name, status, *, runs=1):
    """Wait until so many runs of a schedule have ended so from now on; return the last.

    One that was on its way may still end otherwise.
    """
    known = len(jobs_of(server, name))

    def new():
        return jobs_of(server, name)[::-1][known:]

    until(
        lambda: sum(job["status"] == status for job in new()) >= runs,
        seconds=240 * runs,
        what=f"{runs} runs of {name} that are {status}",
        pause=1,
    )
    fitting = [job for job in new() if job["status"] == status]
    assert len(new()) <= len(fitting) + 1, new()
    return fitting[-1]


def run_once(server, name):
    """Have a notebook run now; return its run, once it has ended."""
    environment, *_ = server.api("scheduler/runtime_environments")
    server.api(
        "scheduler/jobs",
        {
            "name": name,
            "input_uri": name,
            "runtime_environment_name": environment["name"],
            "output_formats": ["ipynb"],
        },
    )
    until(lambda: jobs_of(server, name), seconds=240, what=name, pause=1)
    (job,) = jobs_of(server, name)
    return job


def output_of(server, job):
    """Return the outputs of a run's notebook, where jupyter-scheduler keeps it."""
    folder = server.home / "data" / "scheduler_staging_area" / job["job_id"]
    (made,) = [path for path in folder.glob("*.ipynb") if path.stem != "coffee"]
    cells = nbformat.read(made, as_version=4).cells
    return [output for cell in cells for output in cell.get("outputs", [])]


def authorize(server, peer, context, canary):
    """Connect 'coffee' in the browser."""
    url = story.connect_by_rest(server, peer)
    tab = context.new_page()
    tab.goto(server.page_url("coffee.ipynb"))
    with story.remembering_states(context, canary):
        tab.goto(url)
        story.log_in_and_answer(tab)
    tab.get_by_text("You are connected").wait_for()
    tab.close()


def create_on_the_screen(notebook, name):
    """Fill jupyter-scheduler's own *Create job* screen: every minute."""
    page = notebook.page
    page.locator('[data-jp-item-name="create-job"]').first.click()
    form = page.locator(".jp-notebook-jobs-panel").first
    form.get_by_label("Run on a schedule").check()
    form.get_by_role("button", name="Weekday").click()
    page.get_by_role("option", name="Minute", exact=True).click()
    # Last: the form itself names the job after its file, a moment after it opens.
    called = form.get_by_label("Job name")
    expect(called).not_to_have_value("")
    called.fill(name)
    expect(called).to_have_value(name)
    notebook.shoot("create-job-screen")
    form.get_by_role("button", name="Create", exact=True).click()
    story.visible(form.get_by_role("cell", name=name, exact=True))
    notebook.shoot("job-definitions")
    return form


def test_U3_U4_U5_U10_a_notebook_runs_by_itself(
    server, peer, browser_context, open_notebook, canary
):
    """Two runs with a token that ended in between; revoked it fails; enabled it goes on.
    What a job raises and jupyter-scheduler keeps holds no token.
    """
    server.write_notebook("coffee.ipynb", LOAD, ASK)
    server.write_notebook("plan.ipynb", LOAD, SCHEDULE, LIST)
    server.write_notebook("raising.ipynb", LOAD, RAISE)
    plan = open_notebook(server, "plan.ipynb")
    plan.run(0)
    assert "There is no connection called 'coffee'" in plan.run(1)

    authorize(server, peer, browser_context, canary)
    told = plan.run(1)
    plan.shoot("scheduled")
    assert "'By magic' is scheduled" in told
    assert "Runs as " in told
    assert "its connections renew themselves" in told
    assert "already" in plan.run(1)  # two of one name

    book = open_notebook(server, "coffee.ipynb")
    jobs = create_on_the_screen(book, "By screen")
    codes = peer.counters()["code"]
    wait_for(server, "By magic", "COMPLETED")
    before = peer.counters()["refresh"]
    for name in ("By screen", "By magic"):
        job = wait_for(server, name, "COMPLETED")
        texts = [o.get("text") for o in merged(output_of(server, job))]
        assert "3 items\n" in texts, texts
    # The token of the run before had ended.
    assert peer.counters()["refresh"] > before
    assert codes == peer.counters()["code"]
    jobs.get_by_role("tab", name="Jobs", exact=True).click()
    for name in ("By magic", "By screen"):
        story.visible(jobs.get_by_role("cell", name=name, exact=True).first)
    expect(jobs.get_by_text("Completed").first).to_be_visible()
    book.shoot("job-list")
    assert "completed" in plan.run(2)

    raised = run_once(server, "raising.ipynb")
    assert "FAILED" == raised["status"]
    assert raised["status_message"].endswith(": refused: [redacted]\n")

    server.api("connections/api/v1/connections/coffee/revoke", {})
    failed = wait_for(server, "By magic", "FAILED")
    assert "ConnectionRevoked" in failed["status_message"]
    assert "'coffee' was revoked by" in failed["status_message"]
    (error,) = [o for o in output_of(server, failed) if o.output_type == "error"]
    assert ("ConnectionRevoked", 1) == (error.ename, len(error.traceback))
    jobs.get_by_role("button", name="Reload").click()
    expect(jobs.get_by_text("Failed").first).to_be_visible()
    book.shoot("job-failed")
    assert "was revoked by" in plan.run(2)
    plan.shoot("schedule-list")

    server.api("connections/api/v1/connections/coffee/enable", {})
    wait_for(server, "By magic", "COMPLETED")
    assert codes == peer.counters()["code"]

    # What ran is what was scheduled.
    log = server.api("connections/api/v1/audit?limit=1000")["items"]
    (scheduled,) = (line["detail"] for line in log if line["action"] == "schedule")
    digest = scheduled.removeprefix("By magic: ").removesuffix(", coffee.ipynb")
    ran = {line["place"] for line in log if "(scheduled" in line["place"]}
    assert f"coffee.ipynb (scheduled, {digest})" in ran

    files = [str(path) for path in server.home.rglob("*")]
    for place in ("scheduler.sqlite", "scheduler_staging_area"):
        assert any(place in file for file in files), f"no {place}"
    story.sweep_everything(canary, server, plan, peer.issued())
