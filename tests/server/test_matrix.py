"""The authorization matrix: every address and method, asked by everybody there is.

Sam owns what is asked about. A row holds the status that each role is answered; a route
or a method without a row fails. Where two roles are answered alike for different reasons
the row says the error's code.
"""

import json
import re
import urllib.parse
from pathlib import Path

import page_forms
import pytest
import sqlalchemy as sa
from belongings import SERVICE, Belongings
from company import Company
from townsfolk import Townsfolk

from conn_core.broker import open_core
from conn_serverext import _routes
from conn_serverext._lazy_core import LazyCore

#: What jupyter-scheduler does with its own libraries.
pytestmark = pytest.mark.filterwarnings("ignore:The declarative_mixin decorator")
#: In the order of the columns: nobody; somebody it is not shared with; one of a group,
#: and one by name, whom it is shared with; its owner; who looks after the deployment;
#: a job that shows a grant of sam's for it; somebody named whose account is not active
#: any more; a kernel of somebody else.
ROLES = {
    "nobody": None,
    "stranger": "mallory",
    "member": "grace",
    "named": "alex",
    "owner": "sam",
    "administrator": "warden",
    "job": "sam",
    "gone": "ghost",
    "kernel": None,
}
ROWS = tuple(
    (method, path.strip("."), dict(zip(ROLES, cells, strict=True)))
    for method, path, *cells in map(
        str.split,
        (Path(__file__).parent / "matrix.txt").read_text("utf-8").splitlines(),
    )
    if not method.startswith("#")
)
BODIES = {
    "POST api/v1/services": SERVICE | {"name": "Fleet {r}"},
    "POST api/v1/services/proposals": {"toml": ""},
    "PATCH api/v1/services/{s}": SERVICE,
    "PUT api/v1/services/{s}/registration": {"client_id": "shop"},
    "PUT api/v1/services/tea/registration": {"client_id": "shop"},
    "POST api/v1/check": {"needs": []},
    "POST api/v1/connections": {"service": "depot"},
    "POST api/v1/grants": {"name": "Nightly", "connections": ["{c}"]},
    "PATCH api/v1/schedules/nightly": {"active": False},
    "POST api/v1/schedules": {"notebook": "none.ipynb", "cron": "0 6 * * *"},
    "PATCH api/v1/connections/{c}": {"name": "Renamed"},
    "POST api/v1/connections/{c}/share": {"shared_with": []},
    "POST api/v1/connections/{c}/transfer": {"to": "ada"},
    "POST api/v1/connections/{c}/sign": {
        "method": "GET",
        "url": "https://api.depot.example/",
    },
    "POST new/depot": {"name": "Mine {r}", "secret.token": "CNRY-typed"},
    "POST connection/{c}/edit": {"name": "Renamed", "version": "1"},
    "POST connection/{c}/sharing": {"sharing": "nobody", "do": "share"},
    "POST service/{s}/registration": {"client_id": "shop"},
    "POST api/v1/authorizations/{f}/paste": {"address": "https://a.example/?code=1"},
}
SHOP = """
[[service]]
id = "depot"
name = "Depot"
auth_type = "bearer"
api_base_url = "https://api.depot.example"
api_hosts = ["api.depot.example"]
test_path = "/me"
"""


class CompanyWithPrograms(Company):
    """A program shows a token beside the header."""

    def is_token_authenticated(self, handler):
        return "Authorization" in handler.request.headers


@pytest.fixture
def jp_server_config(jp_server_config):
    jp_server_config["ServerApp"]["identity_provider_class"] = CompanyWithPrograms
    return jp_server_config


@pytest.fixture
def options(options, catalog_file):
    """Whoever was shared with has accepted; that has its own tests."""
    catalog_file.write_text(catalog_file.read_text() + SHOP)
    return options | {"accept_shared": True}


@pytest.fixture
def people():
    """Grace is one of finance, ghost is gone."""
    known = Townsfolk(administrators=("warden",))
    known.groups["finance"] = {"grace"}
    known.gone.add("ghost")
    return known


@pytest.fixture
def company(provider, extension, people, clock):
    """The core of the server, where the organisation knows its people."""

    def opened():
        core = open_core(
            extension.broker_settings(),
            clock=lambda: clock.now,
            provider=provider,
            people=people,
        )
        core.scheduler = extension.scheduler()
        return core

    extension.core = LazyCore(opened)
    return extension.core


def body_of(method, path, fill):
    """Return what is sent, and as what: JSON to REST, a form to a page."""
    if method not in {"POST", "PUT", "PATCH"}:
        return "", None
    filled = json.loads(fill(json.dumps(BODIES.get(f"{method} {path}", {}))))
    if path.startswith("api/"):
        return "application/json", json.dumps(filled)
    return page_forms.FORM, urllib.parse.urlencode(filled)


@pytest.fixture
def belongings(company, canary):
    """Makes what a role is to ask about."""

    def make(role, method, path):
        asked = f"{path} {BODIES.get(f'{method} {path}')}"
        return company.run(lambda core: Belongings(core, role, asked, canary))

    return make


@pytest.fixture
def ask(fetch, belongings, kernel_header):
    """Asks as a role about what sam has; returns the answer."""

    def headers_of(role, things, *, is_page):
        if role == "nobody":
            return {}
        if role == "kernel":
            return kernel_header
        if role == "job":
            return {"Authorization": f"Bearer {things.bearer.reveal()}"}
        who = {"X-Person": ROLES[role]}
        if is_page:
            return who | {"Cookie": "_xsrf=a", "X-XSRFToken": "a"}
        return who | {"Authorization": "Bearer CNRY-of-a-program"}

    async def send(role, method, path, *, things=None):
        things = things or await belongings(role, method, path)
        name = things.called_by(role)
        headers = headers_of(role, things, is_page=not path.startswith("api/"))
        plain = urllib.parse.unquote(name)
        kind, body = body_of(
            method, path, lambda text: things.written(text, name=plain, role=role)
        )
        if body is not None:
            headers = headers | {"Content-Type": kind}
        if path.endswith("/proxy/"):
            headers = headers | {"X-Connections-Origin": "https://elsewhere.example"}
        address = things.written(path, name=name, role=role)
        return await fetch(method, address, headers=headers, body=body)

    return send


def test_every_route_and_method_has_a_row():
    """A new one fails here until somebody says who may do what with it."""
    asked = {(method, _route_of(path)) for method, path, _ in ROWS}
    known = {
        (method, route)
        for route, handler in _routes.ROUTES
        for method in handler.SUPPORTED_METHODS
    }
    assert known == asked


def _route_of(path):
    filled = path.format(c="c", f="f", g="g", s="s")
    return next(
        (route for route, _ in _routes.ROUTES if re.fullmatch(route, filled)), path
    )


@pytest.mark.parametrize(
    ("method", "path", "expected"), ROWS, ids=[f"{m} {p}" for m, p, _ in ROWS]
)
async def test_T13_who_is_answered_what(ask, method, path, expected):
    """The whole row, each role on a connection of its own."""
    found = {}
    for role, cell in expected.items():
        answer = await ask(role, method, path)
        code = f"/{answer.json['code']}" if "/" in cell else ""
        found[role] = f"{answer.code}{code}"
    assert expected == found


# --- what is not there, and what is somebody else's --------------------------------------

#: What is answered at an address that has a name in it.
PRIVATE = [
    (method, path)
    for method, path, expected in ROWS
    if "{" in path and expected["stranger"].startswith("404")
]


@pytest.fixture
def statements():
    """Every statement that a database is sent, as it goes out."""
    sent = []

    def note(_connection, _cursor, statement, *_):
        sent.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    yield sent
    sa.event.remove(sa.Engine, "before_cursor_execute", note)


@pytest.mark.parametrize(
    ("method", "path"), PRIVATE, ids=[f"{m} {p}" for m, p in PRIVATE]
)
async def test_H2_what_is_somebody_elses_is_answered_as_what_is_not_there(
    ask, belongings, company, statements, method, path
):
    """The same words to the letter, and the same questions to the database."""
    things = await belongings("stranger", method, path)
    found = []
    for step in ("first", "there", "gone"):
        if step == "gone":
            await company.run(things.vanish)
        statements.clear()
        answer = await ask("stranger", method, path, things=things)
        headers = {k: v for k, v in answer.headers.items() if k != "Date"}
        found.append((answer.code, answer.text, headers, list(statements)))

    _, somebodys, nobodys = found  # the first one warms what is kept
    assert 404 == somebodys[0]
    assert somebodys == nobodys
