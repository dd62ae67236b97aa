"""Who is let in: every route, every kind of caller."""

import re

import pytest
from jupyter_server.auth.authorizer import Authorizer
from jupyter_server.utils import JupyterServerAuthWarning
from tornado import web

from conn_serverext import _routes
from conn_serverext._handler import BrokerHandler

#: One row for each route: an address, and for each of its methods what the authorizer
#: is asked. ``None`` means that the page does its own check, and has its own tests.
MATRIX = {
    r"api/v1/openapi\.yaml": ("api/v1/openapi.yaml", {"GET": "read"}),
    "api/v1/status": ("api/v1/status", {"GET": "read"}),
    "api/v1/categories": ("api/v1/categories", {"GET": "read"}),
    "api/v1/services": ("api/v1/services", {"GET": "read", "POST": "write"}),
    "api/v1/services/proposals": ("api/v1/services/proposals", {"POST": "write"}),
    "api/v1/services/([^/]+)": (
        "api/v1/services/coffee",
        {"GET": "read", "PATCH": "write", "DELETE": "write"},
    ),
    "api/v1/services/([^/]+)/registration": (
        "api/v1/services/coffee/registration",
        {"PUT": "write", "POST": "write"},
    ),
    "api/v1/services/([^/]+)/toml": ("api/v1/services/coffee/toml", {"GET": "read"}),
    "api/v1/internal-connections/([^/]+)": (
        "api/v1/internal-connections/coffee",
        {"PUT": "write"},
    ),
    "api/v1/check": ("api/v1/check", {"POST": "read"}),
    "api/v1/audit": ("api/v1/audit", {"GET": "read"}),
    "api/v1/audit/report": ("api/v1/audit/report", {"GET": "read"}),
    "api/v1/grants": ("api/v1/grants", {"GET": "read", "POST": "execute"}),
    "api/v1/grants/([^/]+)": ("api/v1/grants/some-grant", {"DELETE": "write"}),
    "api/v1/schedules": ("api/v1/schedules", {"GET": "read", "POST": "execute"}),
    "api/v1/schedules/([^/]+)": (
        "api/v1/schedules/report",
        {"PATCH": "write", "DELETE": "write"},
    ),
    "api/v1/connections": ("api/v1/connections", {"GET": "read", "POST": "write"}),
    "api/v1/connections/([^/]+)": (
        "api/v1/connections/coffee",
        {"GET": "read", "PATCH": "write", "DELETE": "write"},
    ),
    "api/v1/connections/([^/]+)/authorizations": (
        "api/v1/connections/coffee/authorizations",
        {"POST": "write"},
    ),
    "api/v1/connections/([^/]+)/revoke": (
        "api/v1/connections/coffee/revoke",
        {"POST": "write"},
    ),
    "api/v1/connections/([^/]+)/seal": (
        "api/v1/connections/coffee/seal",
        {"POST": "write"},
    ),
    "api/v1/connections/([^/]+)/share": (
        "api/v1/connections/coffee/share",
        {"POST": "write"},
    ),
    "api/v1/connections/([^/]+)/transfer": (
        "api/v1/connections/coffee/transfer",
        {"POST": "write"},
    ),
    "api/v1/connections/([^/]+)/(enable|refresh|accept)": (
        "api/v1/connections/coffee/enable",
        {"POST": "write"},
    ),
    "api/v1/connections/([^/]+)/test": (
        "api/v1/connections/coffee/test",
        {"POST": "write"},
    ),
    "api/v1/connections/([^/]+)/token": (
        "api/v1/connections/coffee/token",
        {"POST": "execute"},
    ),
    "api/v1/connections/([^/]+)/sign": (
        "api/v1/connections/coffee/sign",
        {"POST": "execute"},
    ),
    "api/v1/connections/([^/]+)/proxy/.*": (
        "api/v1/connections/coffee/proxy/me",
        dict.fromkeys(
            ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"), "execute"
        ),
    ),
    "api/v1/connections/([^/]+)/snippet": (
        "api/v1/connections/coffee/snippet",
        {"GET": "read"},
    ),
    "api/v1/connections/([^/]+)/events": (
        "api/v1/connections/coffee/events",
        {"GET": "read"},
    ),
    "api/v1/connections/([^/]+)/uses": (
        "api/v1/connections/coffee/uses",
        {"GET": "read"},
    ),
    "api/v1/authorizations/([^/]+)": (
        "api/v1/authorizations/CNRY-flow-1",
        {"GET": "read", "DELETE": "write"},
    ),
    "api/v1/authorizations/([^/]+)/paste": (
        "api/v1/authorizations/CNRY-flow-1/paste",
        {"POST": "write"},
    ),
    "start/([^/]+)": ("start/CNRY-flow-1", {"GET": "write"}),
    "callback/(.*)": ("callback/coffee", {"GET": None}),
    "result/([^/]+)": ("result/CNRY-flow-1", {"GET": None}),
    "": ("", {"GET": "read"}),
    "audit": ("audit", {"GET": "read"}),
    "theme": ("theme", {"POST": "read"}),
    "new": ("new", {"GET": "read"}),
    "new/([^/]+)": ("new/coffee", {"GET": "write", "POST": "write"}),
    "connection/([^/]+)": ("connection/coffee", {"GET": "read"}),
    "connection/([^/]+)/edit": (
        "connection/coffee/edit",
        {"GET": "write", "POST": "write"},
    ),
    "connection/([^/]+)/sharing": (
        "connection/coffee/sharing",
        {"GET": "write", "POST": "write"},
    ),
    "connection/([^/]+)/test": ("connection/coffee/test", {"POST": "write"}),
    "connection/([^/]+)/authorize": (
        "connection/coffee/authorize",
        {"GET": "write", "POST": "write"},
    ),
    "connection/([^/]+)/enable": ("connection/coffee/enable", {"POST": "write"}),
    "connection/([^/]+)/accept": ("connection/coffee/accept", {"POST": "write"}),
    "connection/([^/]+)/revoke": (
        "connection/coffee/revoke",
        {"GET": "write", "POST": "write"},
    ),
    "connection/([^/]+)/delete": (
        "connection/coffee/delete",
        {"GET": "write", "POST": "write"},
    ),
    "authorization/([^/]+)": (
        "authorization/CNRY-flow-1",
        {"GET": "read", "POST": "write"},
    ),
    "service/new": ("service/new", {"GET": "write", "POST": "write"}),
    "service/([^/]+)/edit": (
        "service/coffee/edit",
        {"GET": "write", "POST": "write"},
    ),
    "service/([^/]+)/registration": (
        "service/coffee/registration",
        {"GET": "write", "POST": "write"},
    ),
    "service/([^/]+)/delete": (
        "service/coffee/delete",
        {"GET": "write", "POST": "write"},
    ),
}
ALL_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
CALLS = [
    (method, path, action)
    for path, methods in MATRIX.values()
    for method, action in methods.items()
]
REST_CALLS = [call for call in CALLS if call[1].startswith("api/")]
BODIES = {"POST": {}, "PUT": {}, "PATCH": {}}


class Recorder(Authorizer):
    """Denies everything, and remembers what it was asked."""

    asked = ()

    def is_authorized(self, handler, user, action, resource):
        self.asked = (*self.asked, (user.username, action, resource))
        return False


def test_H1_H18_every_route_has_a_row_in_the_matrix():
    """A new route fails here until somebody says who may call it."""
    assert sorted(path for path, _ in _routes.ROUTES) == sorted(MATRIX)
    assert all(re.fullmatch(path, example) for path, (example, _) in MATRIX.items())


def test_every_method_has_a_row_in_the_matrix():
    """So does a new method."""
    assert {
        path: set(handler.SUPPORTED_METHODS) for path, handler in _routes.ROUTES
    } == {path: set(methods) for path, (_, methods) in MATRIX.items()}


@pytest.mark.parametrize(("method", "path", "_"), REST_CALLS)
async def test_nobody_gets_in(fetch, method, path, _):
    """Without a log-in REST answers 401 in its own words, and never redirects."""
    answer = await fetch(method, path, body=BODIES.get(method))

    programs_only = path.endswith(("/token", "/sign")) or path == "api/v1/grants"
    is_refused_first = (programs_only and method == "POST") or "/proxy/" in path
    expected = 403 if is_refused_first else 401
    assert expected == answer.code
    if method != "HEAD":
        assert {"code", "message", "hint"} == answer.json.keys()
    assert 403 == expected or "Bearer" == answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize(("method", "path", "_"), REST_CALLS)
async def test_a_wrong_bearer_gets_nowhere(fetch, kernel_header, method, path, _):
    """A bearer that is nearly right is wrong."""
    nearly = kernel_header["Authorization"][:-1]

    answer = await fetch(
        method, path, headers={"Authorization": nearly}, body=BODIES.get(method)
    )

    assert 401 == answer.code


@pytest.mark.parametrize(("method", "path", "action"), [c for c in CALLS if c[2]])
async def test_D18_the_authorizer_decides(
    fetch, jp_web_app, kernel_header, extension, method, path, action
):
    """It is asked about ``connections`` and the action of the matrix; no means 403."""
    jp_web_app.settings["authorizer"] = recorder = Recorder()

    answer = await fetch(method, path, headers=kernel_header, body=BODIES.get(method))

    assert 403 == answer.code
    assert ((extension.owner, action, "connections"),) == recorder.asked


@pytest.mark.parametrize(
    ("method", "path"),
    [
        (method, path)
        for path, methods in MATRIX.values()
        for method in ALL_METHODS
        if method not in methods
    ],
)
async def test_D14_other_methods_are_refused_before_anybody_is_asked(
    fetch, method, path
):
    """405 with the methods that exist; nothing changes by GET, HEAD or OPTIONS."""
    answer = await fetch(method, path)

    assert 405 == answer.code
    expected = next(set(m) for p, m in MATRIX.values() if p == path)
    assert expected == set(answer.headers["Allow"].split(", "))


def test_D16_an_undecorated_method_stops_the_server(
    jp_configurable_serverapp, monkeypatch
):
    """The settings of these tests are the gate: this is the proof that it shuts."""

    class Open(BrokerHandler):
        async def get(self):
            self.finish("anybody may read this")

    monkeypatch.setattr("conn_serverext._extension.ROUTES", [("open", Open)])

    with pytest.raises(JupyterServerAuthWarning, match="GET of Open"):
        jp_configurable_serverapp()


def test_D16_a_decorated_method_does_not(jp_configurable_serverapp, monkeypatch):
    """The other half of the proof."""

    class Shut(BrokerHandler):
        @web.authenticated
        async def get(self):
            self.finish("only some may read this")

    monkeypatch.setattr("conn_serverext._extension.ROUTES", [("shut", Shut)])

    assert jp_configurable_serverapp().web_app is not None
