"""Who may use a connection: as people type it, and as they read it."""

import pytest

from conn_core import audience, principals_in, typed_principals


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
