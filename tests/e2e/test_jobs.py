"""Jobs: a notebook that runs every minute by itself, seen in jupyter-scheduler's own list."""

import json
import re
import time

import nbformat
import pytest
import story
from notebook_page import wait_until
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.peer, pytest.mark.timeout(600)]

LOAD = "%load_ext conn_magics"
ASK = '%%connection coffee\nprint(len(coffee.get("/items").json()["items"]), "items")'
SCHEDULE = '%conn schedule coffee.ipynb --cron "* * * * *" --name "By magic" -p year=2026'
CHECK = "%conn check coffee.ipynb"
LIST = "%conn schedule list"
#: Shorter than the minute between two runs, so that each run has to renew it.
SHORT_LIVED = {"AccessToken": 30}


@pytest.fixture
def server(start_certified_server, start_jupyter, offer, tmp_path):
    """A server with jupyter-scheduler, which looks each second for what is due."""
    peer = start_certified_server(ttl=SHORT_LIVED)
    offer(peer)
    config = tmp_path / "home" / "config"
    config.mkdir(parents=True)
    (config / "jupyter_jupyter_scheduler_config.json").write_text(
        json.dumps({"TaskRunner": {"poll_interval": 1}})
    )
    server = start_jupyter()
    server.peer_here = peer
    return server


def jobs_of(server, name):
    """Return the runs of a schedule, the latest first, that have ended."""
    jobs = server.api("scheduler/jobs")["jobs"]
    ended = {"COMPLETED", "FAILED"}
    return [job for job in jobs if job["name"] == name and job["status"] in ended]
