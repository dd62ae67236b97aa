"""A store to have pictures taken of: an organisation that lived for some days."""

import dataclasses
import itertools
import json
import types
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from memory_broker import NOW

from conn_core import ClientRegistration, ConnectionDraft, Settings
from conn_core.broker import Core, open_core

PERSON = "priya"
_PUBLIC_URL = "http://127.0.0.1:8888/connections/"
_CATALOGUE = """
[[service]]
id = "acme-crm"
name = "Acme CRM"
description = "Customers and visits"
category = "CRM"
authorization_endpoint = "https://login.acme.example/authorize"
token_endpoint = "https://login.acme.example/token"
api_base_url = "https://api.acme.example"
api_hosts = ["api.acme.example", "files.acme.example"]
test_path = "/me"
account_field = "login"
default_scopes = ["contacts.read", "visits.read"]
scopes = [
    { name = "contacts.read", display_name = "Read contacts", read_only = true },
    { name = "visits.read", display_name = "Read visits", read_only = true },
]
"""


class _Answering:
    """Stands where Acme would be."""

    def __init__(self):
        self._numbers = itertools.count()

    def post_form(self, _url, _fields, *, headers):
        number = next(self._numbers)
        return _answer(
            {
                "access_token": f"shown-nowhere-{number}",
                "token_type": "Bearer",
                "refresh_token": f"renews-{number}",
                "scope": "contacts.read visits.read",
                "expires_in": 3600,
            }
        )

    def get(self, _url, *, headers, timeout=None):
        return _answer({"login": "team@acme.example"})

    def close(self):
        """Nothing is open."""


def _answer(body):
    return types.SimpleNamespace(
        status=200,
        headers={"content-type": "application/json"},
        body=json.dumps(body).encode(),
    )


@dataclasses.dataclass
class _Clock:
    at: datetime

    def __call__(self) -> float:
        return self.at.timestamp()


def seed(home: Path) -> None:
    """Let the organisation live for some days before the moment."""
    catalogue = home / "catalog"
    catalogue.mkdir(parents=True)
    (catalogue / "acme.toml").write_text(_CATALOGUE)
    settings = Settings(
        data_dir=home / "connections",
        runtime_dir=home / "runtime",
        user=PERSON,
        use_keyring=False,
        public_url=_PUBLIC_URL,
        catalog_paths=(catalogue,),
        administrators=(PERSON,),
    )
    clock = _Clock(NOW - timedelta(days=9))
    core = open_core(settings, clock=clock, provider=_Answering())
    try:
        _live(core, clock)
    finally:
        core.close()


def _live(core: Core, clock: _Clock) -> None:
    registration = ClientRegistration(client_id="analytics-lab", client_secret="unseen")
    core.acting_as(PERSON).register_client("acme-crm", registration)
    _connect(core, PERSON, "Team CRM", "user:grace", "group:Data team")
    _connect(core, "grace", "Acme visits", f"user:{PERSON}")
    _connect(core, "sam", "Field notes")
    clock.at = NOW - timedelta(days=6)
    core.acting_as("grace").accept(f"{PERSON}/team-crm")
    _use(core, "grace", f"{PERSON}/team-crm", "pipeline.ipynb")
    clock.at = NOW - timedelta(days=2)
    core.acting_as(PERSON).revoke("team-crm")
    clock.at += timedelta(minutes=20)
    core.acting_as(PERSON).enable("team-crm")
    clock.at = NOW - timedelta(hours=3)
    _use(core, PERSON, "team-crm", "weekly-visits.ipynb")
    clock.at += timedelta(hours=1)
    _use(core, "grace", f"{PERSON}/team-crm", "pipeline.ipynb")


def _connect(core: Core, person: str, name: str, *shared_with: str) -> None:
    broker = core.acting_as(person)
    draft = ConnectionDraft(service="acme-crm", name=name, shared_with=shared_with)
    made = broker.create(draft)
    flow = broker.authorize(made.link_name).flow
    begun = core.start_authorization(flow, user=person)
    state = parse_qs(urlsplit(begun.authorization_url).query)["state"][0]
    core.finish_authorization(
        "acme-crm",
        {"state": state, "code": made.link_name},
        binding=begun.binding.reveal(),
        user=person,
    )


def _use(core: Core, person: str, name: str, place: str) -> None:
    core.acting_as(person, place=place).access_token(name)
