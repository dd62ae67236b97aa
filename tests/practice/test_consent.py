"""The pages that people see: log in, allow or not, as whom and what."""

import html
import re
from urllib.parse import parse_qsl, urlsplit

import pytest

from conn_serverext.practice import Visitor

LOOPBACK = "http://127.0.0.1:8888"


def _form_key(page):
    return re.search(r'name="form_key" value="([^"]+)"', page.text).group(1)


def _open_log_in(app, **changes):
    where = app.service.issuer + app.open(**changes).headers["Location"]
    return where, app.http.get(where)


def _log_in(app, *, login="ada", password="lovelace", **changes):
    """Log in; return the consent page's address and the page."""
    where, page = _open_log_in(app, **changes)
    form = {"form_key": _form_key(page), "login": login, "password": password}
    answer = app.http.post(where, data=form)
    assert 303 == answer.status_code, answer.text
    consent = app.service.issuer + answer.headers["Location"]
    return consent, app.http.get(consent)


def test_the_log_in_page_says_who_can_log_in(app):
    """It is a practice service: names and passwords stand on the page."""
    _, page = _open_log_in(app)

    assert 200 == page.status_code
    for text in ("ada", "lovelace", "grace", "hopper"):
        assert f"<code>{text}</code>" in page.text
    for label in ("User name", "Password"):
        assert f">{label}</label>" in page.text


@pytest.mark.parametrize(
    ("login", "password"),
    [("ada", "hopper"), ("ada", ""), ("nobody", "lovelace"), ("", "")],
)
def test_a_wrong_password_does_not_log_in(app, practice, login, password):
    """The page says so beside the fields, and keeps the name."""
    where, page = _open_log_in(app)

    form = {"form_key": _form_key(page), "login": login, "password": password}
    answer = app.http.post(where, data=form)

    assert 403 == answer.status_code
    assert 'role="alert"' in answer.text
    assert f'value="{login}"' in answer.text
    assert 0 == practice.counters.log_ins


def test_what_was_typed_is_text_and_no_markup(app):
    """Templates escape everything."""
    where, page = _open_log_in(app)
    typed = "\"><script>alert('x')</script>"

    answer = app.http.post(where, data={"form_key": _form_key(page), "login": typed})

    assert "<script>" not in answer.text
    assert f'value="{html.escape(typed)}"' in answer.text


def test_the_consent_page_says_who_asks_for_what(app):
    """Application, account, scopes with what they allow, and where one returns to."""
    _, page = _log_in(app, scope="reports.read reports.write")

    for text in (
        "Jupyter Connections asks for access",
        "Ada Lovelace",
        "Read expense reports",
        "Add expense reports",
        "reads only",
        "changes things",
        LOOPBACK,
    ):
        assert text in page.text
    assert "rates.read" not in page.text


def test_allowing_gives_a_code_with_state_and_issuer(app, practice):
    """The answer names who answers (RFC 9207)."""
    answer = app.consent()

    assert "state-7f" == answer["state"]
    assert practice.issuer == answer["iss"]
    assert answer["code"] in practice.issued()
    assert {"code", "state", "iss"} == answer.keys()


def test_A9_cancelling_gives_access_denied(app, practice):
    """No code is made."""
    answer = app.consent(visitor=Visitor(allow=False))

    assert {
        "error": "access_denied",
        "state": "state-7f",
        "iss": practice.issuer,
    } == answer
    assert 0 == practice.counters.codes


def test_a_person_may_allow_less_than_was_asked(app):
    """What was unticked is not granted, and the token answer says so."""
    answer = app.consent(visitor=Visitor(scopes=["rates.read"]))
    tokens = app.exchange(answer["code"]).json()

    assert "rates.read" == tokens["scope"]
    assert 403 == app.api("/reports", tokens["access_token"]).status_code


def test_a_person_cannot_allow_more_than_was_asked(app):
    """A forged tick is ignored; allowing nothing is a no."""
    where, page = _log_in(app, scope="rates.read")
    form = {"form_key": _form_key(page), "answer": "allow", "scope": "reports.write"}

    answer = app.http.post(where, data=form)

    told = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
    assert "access_denied" == told["error"]


def test_a_question_is_answered_once(app, practice):
    """The same form again, or the page again, says so and gives no second code."""
    where, page = _log_in(app)
    form = {"form_key": _form_key(page), "answer": "allow", "scope": "rates.read"}
    assert 303 == app.http.post(where, data=form).status_code

    assert 400 == app.http.post(where, data=form).status_code
    assert "answered before" in app.http.get(where).text
    assert 1 == practice.counters.codes


@pytest.mark.parametrize("form_key", ["", "something-else"])
def test_a_form_of_another_page_is_refused(app, practice, form_key):
    """A page elsewhere does not know the form key (CSRF)."""
    where, _ = _log_in(app)
    form = {"form_key": form_key, "answer": "allow", "scope": "rates.read"}

    assert 403 == app.http.post(where, data=form).status_code
    assert 0 == practice.counters.codes


def test_a_question_belongs_to_the_browser_that_brought_it(app, http):
    """Its address is worth nothing without the cookie."""
    where, page = _log_in(app)
    key = _form_key(page)
    http.cookies.clear()

    assert 400 == http.get(where).status_code
    form = {"form_key": key, "answer": "allow", "scope": "rates.read"}
    assert 400 == http.post(where, data=form).status_code


def test_logging_in_changes_the_cookie(app, http):
    """A cookie that somebody planted before the log-in is worth nothing after it."""
    where, page = _open_log_in(app)
    before = dict(http.cookies)
    form = {"form_key": _form_key(page), "login": "ada", "password": "lovelace"}
    consent = app.service.issuer + http.post(where, data=form).headers["Location"]
    assert before != dict(http.cookies)

    http.cookies.clear()
    http.cookies.update(before)
    assert 400 == http.get(consent).status_code


def test_the_cookie_stays_with_our_pages(app):
    """Not for scripts, not for other sites' forms, named by port."""
    cookie = app.open().headers["Set-Cookie"]

    assert cookie.startswith(f"practice-{app.service.port}=")
    for part in ("HttpOnly", "Path=/oauth/", "SameSite=Lax"):
        assert part in cookie


def test_who_was_here_before_is_remembered_and_can_change(app, practice):
    """The next question goes straight to the consent page, with a way to be grace."""
    _log_in(app)
    consent = app.service.issuer + app.open().headers["Location"]
    page = app.http.get(consent)
    assert "Ada Lovelace" in page.text

    out = consent.replace("/consent/", "/log-out/")
    answer = app.http.post(out, data={"form_key": _form_key(page)})
    where = app.service.issuer + answer.headers["Location"]
    form = {
        "form_key": _form_key(app.http.get(where)),
        "login": "grace",
        "password": "hopper",
    }
    app.http.post(where, data=form)

    assert "Grace Hopper" in app.http.get(consent).text
    assert 2 == practice.counters.log_ins


def test_a_logged_out_browser_cannot_allow(app):
    """The consent page asks it to log in first."""
    where, page = _open_log_in(app)
    consent = where.replace("/log-in/", "/consent/")

    assert app.http.get(consent).headers["Location"] in where
    form = {"form_key": _form_key(page), "answer": "allow", "scope": "rates.read"}
    assert 403 == app.http.post(consent, data=form).status_code


def test_pages_cannot_be_framed_and_run_no_script(app):
    """The policy allows our stylesheet and forms, and on consent the way back."""
    pages = [
        app.http.get(app.service.issuer + "/"),
        app.open(client_id="x"),
        _open_log_in(app)[1],
        _log_in(app)[1],
    ]
    for page in pages:
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "script-src" not in policy
        assert "DENY" == page.headers["X-Frame-Options"]
        assert "no-referrer" == page.headers["Referrer-Policy"]
        assert "no-store" == page.headers["Cache-Control"]
        assert "<script" not in page.text
        assert " style=" not in page.text
    forms = [
        re.search(r"form-action ([^;]+)", page.headers["Content-Security-Policy"])
        for page in pages
    ]
    assert ["'self'"] * 3 + [f"'self' {LOOPBACK}"] == [f.group(1) for f in forms]


def test_many_open_tabs_do_not_fill_the_memory(app):
    """The oldest question of a browser is forgotten, the newest is there."""
    where = [app.service.issuer + app.open().headers["Location"] for _ in range(21)]

    assert 400 == app.http.get(where[0]).status_code
    assert 200 == app.http.get(where[-1]).status_code
