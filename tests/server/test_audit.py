"""The audit log over REST: own lines, everything for administrators, CSV without formulas."""

import csv
import io

import pytest

from conn_serverext._spreadsheet import csv_of, safe_cell


@pytest.fixture
def connected(connect, jp_asyncio_loop):
    """A connection to write about."""
    return jp_asyncio_loop.run_until_complete(connect(name="C"))


async def test_people_read_what_they_did(kernel, connected):
    """The latest first, found by what a line says."""
    await kernel("POST", "api/v1/connections/c/revoke", body={})
    answer = await kernel("GET", "api/v1/audit")
    assert 200 == answer.code
    assert "revoke" == answer.json["items"][0]["action"]
    assert {"c"} == {line["connection"] for line in answer.json["items"]} - {""}
    for query in ("action=revoke", "q=revoke", "connection=c&action=revoke"):
        found = await kernel("GET", f"api/v1/audit?{query}")
        assert ["revoke"] == [line["action"] for line in found.json["items"]]
    assert [] == (await kernel("GET", "api/v1/audit?person=nobody")).json["items"]
    missing = await kernel("GET", "api/v1/audit?connection=nothing")
    assert "connection_not_found" == missing.json["code"]


async def test_the_log_comes_in_pages(kernel, connected):
    """Each where the last one ended."""
    first = await kernel("GET", "api/v1/audit?limit=1")
    cursor = first.json["next_cursor"]
    second = await kernel("GET", f"api/v1/audit?limit=1&cursor={cursor}")
    assert first.json["items"][0]["seq"] > second.json["items"][0]["seq"]
    foreign = await kernel("GET", "api/v1/audit?cursor=x")
    assert 422 == foreign.code


async def test_N17_the_csv_holds_no_formula(kernel, connected):
    """As a file, with the same lines."""
    evil = '=HYPERLINK("http://evil.example")'
    asked = {"X-Connections-Place": evil}
    await kernel("POST", "api/v1/connections/c/revoke", body={}, headers=asked)
    answer = await kernel("GET", "api/v1/audit?format=csv")
    assert 200 == answer.code
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert f"'{evil}" == rows[0]["place"]
    assert "revoke" == rows[0]["action"]
    assert "CNRY" not in answer.text


@pytest.mark.parametrize(
    "text", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", "  =1", "\uff1d1"]
)
def test_N17_what_spreadsheets_run_is_text(text):
    """Whatever it begins with."""
    assert safe_cell(text).startswith("'")


def test_other_cells_are_as_they_are():
    """Numbers stay numbers, quotes are doubled, lines stay in their cell."""
    assert "-5" == safe_cell(-5)
    assert "" == safe_cell(None)
    text = csv_of([{"a": 'x"y\nz', "b": 1}], ["a", "b"])
    assert '"a","b"\r\n"x""y\nz","1"\r\n' == text


async def test_only_administrators_have_it_verified(kernel, connected):
    """Nobody is one where the operator named nobody."""
    answer = await kernel("GET", "api/v1/audit/report")
    assert (403, "not_allowed") == (answer.code, answer.json["code"])
