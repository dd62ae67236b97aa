"""The API: what analysts find there, and what scopes and tokens decide."""

import csv
import io
import json
from collections import Counter

import pytest

from conn_serverext.practice import Visitor

ALL = "reports.read reports.write customers.read rates.read"
READING = {
    "/reports": "reports.read",
    "/reports/1001": "reports.read",
    "/reports.csv": "reports.read",
    "/customers": "customers.read",
    "/rates": "rates.read",
    "/rates/history": "rates.read",
}


@pytest.fixture
def token(app):
    """An access token with every scope."""
    return app.tokens(scope=ALL).access_token


def _all_pages(app, token, path):
    """Follow ``next`` to the end."""
    page = app.api(path, token).json()
    yield from page["items"]
    while page["next"]:
        assert page["next"].startswith(app.service.api_base_url)
        page = app.api(
            page["next"].removeprefix(app.service.api_base_url), token
        ).json()
        yield from page["items"]


@pytest.mark.parametrize("path", ["/me", *READING, "/nothing-here"])
def test_without_a_token_there_is_a_bare_challenge(app, path):
    """401, and no error word (RFC 6750 3.1)."""
    answer = app.api(path)

    assert 401 == answer.status_code
    assert 'Bearer realm="Practice Expenses"' == answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize("path", ["/me", *READING])
def test_a_token_that_is_not_good_is_called_so(app, practice, path):
    """401 ``invalid_token``."""
    answer = app.api(path, "pa_made-up")

    assert 401 == answer.status_code
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    assert (1, 1) == (practice.counters.api_calls, practice.counters.api_401)


def test_a_token_in_the_query_is_not_seen(app, token):
    """It would stand in every log (RFC 9700 4.3.2)."""
    assert 401 == app.api("/me", params={"access_token": token}).status_code


def test_a_refresh_token_is_no_access_token(app):
    """Nor is a code."""
    answer = app.consent()
    assert 401 == app.api("/me", answer["code"]).status_code
    tokens = app.exchange(answer["code"]).json()
    assert 401 == app.api("/me", tokens["refresh_token"]).status_code


@pytest.mark.parametrize(("path", "scope"), READING.items())
def test_reading_needs_the_scope(app, practice, path, scope):
    """403 ``insufficient_scope`` names it; with it alone, the answer is there."""
    others = " ".join(s for s in ALL.split() if s != scope)
    without = app.tokens(scope=others).access_token

    answer = app.api(path, without)

    assert 403 == answer.status_code
    challenge = answer.headers["WWW-Authenticate"]
    assert 'error="insufficient_scope"' in challenge
    assert f'scope="{scope}"' in challenge
    assert 1 == practice.counters.api_403
    assert 200 == app.api(path, app.tokens(scope=scope).access_token).status_code


def test_me_tells_whose_account_it_is(app):
    """Any token will do."""
    token = app.tokens(scope="rates.read", visitor=Visitor("grace")).access_token

    account = app.api("/me", token).json()

    assert ("grace", "Grace Hopper") == (account["login"], account["name"])
    assert ["rates.read"] == account["scopes"]


def test_reports_come_in_pages(app, token):
    """Twenty at a time, ``next`` leads through all, each once."""
    first = app.api("/reports", token)

    assert (1, 20, 3, 52) == tuple(
        first.json()[name] for name in ("page", "per_page", "pages", "total")
    )
    assert f'<{first.json()["next"]}>; rel="next"' == first.headers["Link"]
    numbers = [report["id"] for report in _all_pages(app, token, "/reports")]
    assert list(range(1001, 1053)) == numbers
    assert "items" not in first.json()["items"][0]


@pytest.mark.parametrize("per_page", [1, 7, 52, 100])
def test_the_size_of_a_page_changes_nothing(app, token, per_page):
    """``next`` keeps it, and the filters."""
    path = f"/reports?per_page={per_page}&category=travel"

    found = list(_all_pages(app, token, path))

    assert 12 == len(found)
    assert {"travel"} == {report["category"] for report in found}


def test_a_page_after_the_last_is_empty(app, token):
    """And leads nowhere."""
    page = app.api("/reports?page=99", token).json()

    assert ([], None) == (page["items"], page["next"])


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("page=0", "page"),
        ("page=-1", "page"),
        ("page=two", "page"),
        ("page=²", "page"),
        ("page=99999999999999999999", "page"),
        ("per_page=101", "per_page"),
        ("statsu=approved", "statsu"),
    ],
)
def test_a_parameter_that_makes_no_sense_is_named(app, token, query, name):
    """422 rather than a guess."""
    answer = app.api(f"/reports?{query}", token)

    assert 422 == answer.status_code
    assert [name] == list(answer.json()["fields"])


def test_a_parameter_twice_is_refused(app, token):
    """Neither of the two is meant."""
    assert 400 == app.api("/reports?page=1&page=2", token).status_code


def test_a_report_has_items_that_add_up(app, token):
    """Each of them, to the cent."""
    for number in range(1001, 1053):
        report = app.api(f"/reports/{number}", token).json()
        total = sum(item["amount"] for item in report["items"])
        assert round(total, 2) == report["amount"], report["title"]


@pytest.mark.parametrize("number", ["999", "99999999999999999999"])
def test_a_report_that_is_not_there(app, token, number):
    """404 in JSON."""
    answer = app.api(f"/reports/{number}", token)

    assert 404 == answer.status_code
    assert "not_found" == answer.json()["error"]


def test_the_books_fit_together(app, token):
    """Customers and currencies of reports exist; keys are unique; texts are there."""
    reports = list(_all_pages(app, token, "/reports"))
    customers = list(_all_pages(app, token, "/customers"))
    rates = app.api("/rates", token).json()["rates"]
    by_id = {customer["id"]: customer for customer in customers}

    assert len(customers) == len(by_id) == 24
    assert len({c["country"] for c in customers}) > 15
    for report in reports:
        customer = by_id[report["customer_id"]]
        assert customer["country"] == report["country"]
        assert customer["currency"] == report["currency"]
        assert report["currency"] in {"EUR", *rates}
        assert report["title"].strip()
        assert report["amount"] > 0
    assert Counter(r["title"] for r in reports).most_common(1)[0][1] == 1
    assert sorted(r["submitted"] for r in reports) == [r["submitted"] for r in reports]
    assert len({r["status"] for r in reports}) == 4


def test_the_csv_holds_the_same(app, token):
    """With a head, as text, and filtered alike."""
    answer = app.api("/reports.csv", token)
    rows = list(csv.DictReader(io.StringIO(answer.text)))

    assert "text/csv; charset=utf-8" == answer.headers["Content-Type"]
    reports = list(_all_pages(app, token, "/reports"))
    assert [{k: str(v) for k, v in r.items()} for r in reports] == rows
    meals = app.api("/reports.csv?category=meals&status=approved", token).text
    assert {("meals", "approved")} == {
        (row["category"], row["status"]) for row in csv.DictReader(io.StringIO(meals))
    }


def test_rates_of_a_day_are_those_in_force(app, token):
    """The latest without a day; the month's on a day; none before the first."""
    latest = app.api("/rates", token).json()
    march = app.api("/rates?date=2026-03-31", token).json()

    assert ("EUR", "2026-10-01") == (latest["base"], latest["date"])
    assert "2026-03-01" == march["date"]
    assert 422 == app.api("/rates?date=2025-12-31", token).status_code
    assert 422 == app.api("/rates?date=yesterday", token).status_code
    history = list(_all_pages(app, token, "/rates/history?per_page=100"))
    assert 10 * 16 == len(history)
    assert march["rates"]["JPY"] == next(
        row["rate"]
        for row in history
        if (row["date"], row["currency"]) == ("2026-03-01", "JPY")
    )


NEW = {"title": "Moon map", "category": "equipment", "currency": "EUR", "amount": 12.5}


def test_a_report_can_be_added(app, token):
    """By whoever's token it is, and is in the list then."""
    answer = app.api("/reports", token, method="POST", json=NEW)

    assert 201 == answer.status_code
    report = answer.json()
    assert ("ada", "submitted", 1053) == (
        report["employee"],
        report["status"],
        report["id"],
    )
    assert "2027-01-15" == report["submitted"]
    path = answer.headers["Location"].removeprefix(app.service.api_base_url)
    assert report == app.api(path, token).json()
    assert 53 == app.api("/reports", token).json()["total"]


def test_adding_needs_the_scope(app):
    """Reading is not enough, and nothing is added."""
    token = app.tokens(scope="reports.read").access_token

    answer = app.api("/reports", token, method="POST", json=NEW)

    assert 403 == answer.status_code
    assert 'scope="reports.write"' in answer.headers["WWW-Authenticate"]
    assert 52 == app.api("/reports", token).json()["total"]


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"title": " "}, "title"),
        ({"category": "gifts"}, "category"),
        ({"currency": "XXX"}, "currency"),
        ({"currency": "eur"}, "currency"),
        ({"amount": 0}, "amount"),
        ({"amount": "12"}, "amount"),
        ({"amount": True}, "amount"),
        ({"amount": float("nan")}, "amount"),
        ({"customer_id": "C-999"}, "customer_id"),
        ({"country": "Germany"}, "country"),
        ({"id": 5}, "id"),
    ],
)
def test_a_report_that_is_wrong_is_not_added(app, token, changes, name):
    """The field is named."""
    body = json.dumps(NEW | changes)
    answer = app.api("/reports", token, method="POST", content=body)

    assert 422 == answer.status_code
    assert [name] == list(answer.json()["fields"])
    assert 52 == app.api("/reports", token).json()["total"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"[" * 60_000])
def test_a_body_that_is_no_report_is_refused(app, token, body):
    """Without a stack of calls."""
    answer = app.api("/reports", token, method="POST", content=body)

    assert 422 == answer.status_code


def test_a_person_can_end_an_applications_access(app, practice):
    """To practise: the provider ends the authorization, and a refresh is refused."""
    tokens = app.tokens()

    answer = app.api("/me/access", tokens.access_token, method="DELETE")

    assert 204 == answer.status_code
    assert 401 == app.api("/me", tokens.access_token).status_code
    refused = app.refresh(tokens.refresh_token)
    assert (400, "invalid_grant") == (refused.status_code, refused.json()["error"])
    assert 0 == practice.counters.families_revoked


def test_what_is_not_there_is_said_in_json(app, token):
    """Also for a verb that an address does not know."""
    assert "not_found" == app.api("/nothing", token).json()["error"]
    answer = app.api("/me", token, method="PUT")
    assert (405, "GET") == (answer.status_code, answer.headers["Allow"])
