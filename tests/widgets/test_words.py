"""What screens say about connections and services."""

from datetime import timedelta

import pytest

from conn_core import look as _words


@pytest.mark.parametrize(
    ("members", "shown"),
    [
        ({}, ("Connected", "check", "ok")),
        ({"status": "needs authorization"}, ("Needs authorization", "key", "todo")),
        ({"status": "revoked"}, ("Revoked", "pause", "off")),
        ({"status": "failed"}, ("Failed", "stop", "bad")),
    ],
)
def test_a_status_is_a_shape_and_words_before_a_colour(fakes, members, shown):
    """Each of the four has its own icon and its own words."""
    pill = _words.pill_of(fakes.a_connection(**members), at=fakes.NOW)

    assert shown == (pill.label, pill.icon, pill.tone)


@pytest.mark.parametrize(
    ("left", "label"),
    [
        (timedelta(days=5, hours=3), "Expires in 5 days"),
        (timedelta(days=1), "Expires in 1 day"),
        (timedelta(hours=2), "Expires in 2 hours"),
        (timedelta(seconds=30), "Expires in 1 minute"),
        (timedelta(days=8), "Connected"),
        (timedelta(days=-1), "Connected"),
    ],
)
def test_the_end_of_an_authorization_is_announced_a_week_before(fakes, left, label):
    """From seven days before, and not once it is over: then the status says it."""
    connection = fakes.a_connection(expires_at=fakes.NOW + left)

    assert label == _words.pill_of(connection, at=fakes.NOW).label


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=5), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=59), "59 minutes ago"),
        (timedelta(hours=2), "2 hours ago"),
        (timedelta(days=1), "yesterday"),
        (timedelta(days=3), "3 days ago"),
        (timedelta(days=11), "14 Nov"),
        (timedelta(days=400), "21 Oct 2025"),
    ],
)
def test_moments_are_told_as_people_tell_them(fakes, passed, words):
    """The nearer, the finer."""
    assert words == _words.ago(fakes.NOW - passed, at=fakes.NOW)


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({}, "priya (you)"),
        ({"owner": "sam"}, "sam"),
        ({"use_login_user_credentials": True}, "Each person’s own"),
        ({"group": "internal"}, "Built-in task"),
    ],
)
def test_it_is_said_whose_credentials_are_used(fakes, members, words):
    """Mine, somebody else's, each person's own, or a task's."""
    assert words == _words.whose(fakes.a_connection(**members), user="priya")


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("GitHub", "GH"),
        ("Google Sheets", "GS"),
        ("HR system", "HR"),
        ("Slack", "SL"),
        ("Microsoft 365", "M3"),
        ("«Ω»", "Ω"),
        ("…", "··"),
    ],
)
def test_a_service_has_two_letters(name, letters):
    """A monogram instead of a logo."""
    assert letters == _words.monogram(name)


def test_the_first_cell_uses_the_link_name_and_the_harmless_call(fakes):
    """It can be pasted and run as it is."""
    connection = fakes.a_connection("finance-sheet")

    assert (
        '%%connection finance-sheet\nfinance_sheet.get("/user").json()'
        == _words.first_cell(connection, fakes.a_service())
    )


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({}, "You authorize at GitHub in the next step."),
        ({"auth_type": "api_key"}, "you are connected at once"),
        ({"grant_type": "client_credentials"}, "a token is fetched at once"),
        ({"grant_type": "device_code"}, "with a code in the next step"),
    ],
)
def test_what_comes_next_is_said(fakes, members, said):
    """Where no page opens, nobody waits for one."""
    assert said in _words.next_step(fakes.a_service(**members))
