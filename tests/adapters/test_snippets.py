"""The code that is offered for copying runs, for every library there is code for."""

import time

import pytest
from library_calls import prepare

import conn_magics as cm
from conn_core import LIBRARIES, Service, libraries_for, snippet
from conn_core.catalog import Catalog

#: Where the name is in what a snippet evaluates to; for most in the answer as it came.
NAMED_IN = {
    "gspread": lambda values: values[0][0],
    "notion": lambda name: name,
    "pandas": lambda frame: frame.loc[0, "login"],
    "pygithub": lambda name: name,
    "slack": lambda name: name,
    "azure_credential": lambda ends: "sam" if ends > time.time() else None,
}


def run(shell, code):
    outcome = shell.run_cell(code)
    outcome.raise_error()
    return outcome.result


@pytest.mark.parametrize("library", LIBRARIES)
def test_K33_each_snippet_runs_as_it_stands(
    desk, shell, monkeypatch, canary, library, capsys
):
    """Before the token ends, and after; what it shows is no secret."""
    prepare(desk, monkeypatch)
    desk.says["/v1/v4/spreadsheets/THE-KEY-IN-ITS-ADDRESS"] = {
        "spreadsheetId": "KEY",
        "spreadsheetUrl": "x",
        "properties": {"title": "sam"},
        "sheets": [{"properties": {"sheetId": 0, "title": "one", "index": 0}}],
    }
    values = "/v1/v4/spreadsheets/THE-KEY-IN-ITS-ADDRESS/values/%27one%27"
    desk.says[values] = {"values": [["sam"]]}
    # Which libraries fit is another test's: here all of them speak to the desk.
    monkeypatch.setattr("conn_core._snippet.Recipe.fits", lambda *_, **__: True)
    service = desk.broker.service("desk")
    code = snippet(cm.get("desk").facts, library=library, service=service)

    for _ in range(2):
        found = run(shell, code)
        assert "sam" == NAMED_IN.get(library, lambda body: body["login"])(found)
        desk.later()
    canary.sweep(texts={"code": code, "shown": capsys.readouterr().out})


def service(**facts):
    usual = {
        "id": "some",
        "name": "Some",
        "authorization_endpoint": "https://login.example.com/a",
        "token_endpoint": "https://login.example.com/t",
        "api_base_url": "https://api.example.com",
        "api_hosts": ("api.example.com",),
    }
    return Service.model_validate(usual | facts)


EVERYWHERE = ("httpx", "async", "requests", "pandas", "python")


@pytest.mark.parametrize(
    ("hosts", "further"),
    [
        (("api.example.com",), ()),
        (("api.github.com", "uploads.github.com"), ("pygithub",)),
        (
            ("sheets.googleapis.com", "www.googleapis.com"),
            ("gspread", "google_credentials"),
        ),
        (("slack.com",), ("slack",)),
        (("api.notion.com",), ("notion",)),
        (("graph.microsoft.com",), ("azure_credential",)),
        (("{cluster}.kusto.windows.net",), ("azure_credential",)),
        (("api.github.com.example.org",), ()),
    ],
)
def test_the_api_decides_which_libraries_fit(hosts, further):
    """What works everywhere comes first."""
    parameters = ({"name": "cluster", "example": "x"},) if "{" in hosts[0] else ()
    found = service(api_hosts=hosts, parameters=parameters)

    assert (*EVERYWHERE, *further) == libraries_for(found)


@pytest.mark.parametrize(
    "changes",
    [
        {"param_name": "X-Api-Key", "param_prefix": ""},
        {"param_type": "query", "param_name": "key"},
        {"auth_type": "oauth1"},
        {"api_query": {"key": "{client_id}"}},
    ],
)
def test_a_library_that_sends_bearer_tokens_needs_one(changes):
    """Not so gspread: its requests are ours."""
    found = service(api_hosts=("sheets.googleapis.com",), **changes)

    assert (*EVERYWHERE, "gspread") == libraries_for(found)


def test_no_library_gets_the_token_of_a_sealed_connection():
    """Those that send through the connection remain."""
    found = service(api_hosts=("sheets.googleapis.com",))

    assert (*EVERYWHERE, "gspread") == libraries_for(found, exposure="sealed")


def test_the_catalogue_has_code_for_what_people_know():
    """Its own records, not ours of this test."""
    catalog = Catalog()
    wanted = {
        "github": "pygithub",
        "google-sheets": "gspread",
        "slack": "slack",
        "notion": "notion",
        "azure-resource-manager": "azure_credential",
    }
    for id_, library in wanted.items():
        assert library in libraries_for(catalog.get(id_)), id_
