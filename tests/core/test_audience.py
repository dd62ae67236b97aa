"""Who may use a connection: as people type it, and as they read it."""

import pytest

from conn_core import (
    ConnectionDraft,
    audience,
    principals_in,
    read_draft,
    typed_principals,
)
from conn_core.errors import InvalidInput


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("everybody", ["*"]),
        ("*", ["*"]),
        ("nobody", []),
        ("", []),
        ("grace", ["user:grace"]),
        (
            "grace, group:finance ,user:ada,",
            ["user:grace", "group:finance", "user:ada"],
        ),
        ("a b", ["user:a b"]),
    ],
)
def test_names_are_typed_with_commas(typed, meant):
    """A group says that it is one; what is no name is refused later."""
    assert meant == principals_in(typed)


@pytest.mark.parametrize(
    ("principals", "said"),
    [
        (("*",), "everybody here"),
        ((), "sam"),
        (("user:grace",), "sam and grace"),
        (("group:finance", "user:ada"), "sam, the group finance and ada"),
    ],
)
def test_who_may_use_it_is_said_in_words(principals, said):
    """Its owner first."""
    assert said == audience(principals, owner="sam")


def test_what_is_kept_can_be_typed_again():
    """As a field shows it."""
    typed = typed_principals(("user:grace", "group:finance"))
    assert "grace, group:finance" == typed
    assert ["user:grace", "group:finance"] == principals_in(typed)
    assert "everybody" == typed_principals(("*",))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("group:Data team, grace", ["group:Data team", "user:grace"]),
        ('"group:Data team"', ["group:Data team"]),
        ('group:"Sales, EMEA",Jane Doe', ["group:Sales, EMEA", "user:Jane Doe"]),
        ('"group:Sales, EMEA"', ["group:Sales, EMEA"]),
        ("group:R&D / Zürich (人)", ["group:R&D / Zürich (人)"]),
        ('grace, group:5" disks', ["user:grace", 'group:5" disks']),
    ],
)
def test_a_name_may_hold_blanks_and_in_quotation_marks_commas(typed, meant):
    """A mark without its other one stays, and is refused where names are checked."""
    assert meant == principals_in(typed)


def test_a_name_with_a_comma_is_shown_as_it_has_to_be_typed():
    """What a form begins with is read as what it was."""
    principals = ["user:Jane Doe", "group:Sales, EMEA", "group:finance"]
    typed = typed_principals(principals)
    assert 'Jane Doe, "group:Sales, EMEA", group:finance' == typed
    assert principals == principals_in(typed)


@pytest.mark.parametrize(
    "principal",
    [
        'group:5" disks',
        "group:two  blanks",
        "group: first",
        "user:a\tb",
        "user:a\u00a0b",
        "group:a\u200bb",
        "group:\u202eecnanif",
        "group:a\nuser:mallory",
        "group:",
        "finance",
        "group:" + "x" * 250,
    ],
)
def test_H9_a_name_that_could_be_taken_for_another_is_refused(principal):
    """It says what a name may be."""
    with pytest.raises(InvalidInput) as caught:
        read_draft(ConnectionDraft, {"service": "x", "shared_with": [principal]})
    assert ["shared_with.0"] == list(caught.value.fields)
