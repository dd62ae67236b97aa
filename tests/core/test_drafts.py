"""What people fill in, and what they are told when it is wrong."""

import pytest

from conn_core import (
    ClientRegistration,
    ConnectionDraft,
    ConnectionEdit,
    Service,
    read_draft,
)
from conn_core.errors import InvalidInput, NotEditable


def fields_of(kind, body):
    """Return what is said beside each field."""
    with pytest.raises(InvalidInput) as caught:
        read_draft(kind, body)
    return caught.value.fields


def test_a_draft_needs_a_service_only():
    """All else has a sensible default."""
    draft = read_draft(ConnectionDraft, {"service": "github"})
    assert ("", None, None, {}) == (
        draft.name,
        draft.link_name,
        draft.scopes,
        draft.parameters,
    )


def test_blanks_around_and_within_names_are_tidied():
    """People paste."""
    draft = read_draft(ConnectionDraft, {"service": " s ", "name": "  My \t\n sheet "})
    assert ("s", "My sheet") == (draft.service, draft.name)


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({}, "service", "is needed"),
        ({"service": ""}, "service", "must not be empty"),
        ({"service": "s" * 64}, "service", "must have at most 63 characters"),
        ({"service": "s", "owner": "eve"}, "owner", "is not known here"),
        ({"service": "s", "scopes": ["a b"]}, "scopes.0", "has characters"),
        ({"service": "s", "scopes": [""]}, "scopes.0", "must not be empty"),
        ({"service": "s", "link_name": "A"}, "link_name", "must begin with a letter"),
        ({"service": "s", "link_name": "new"}, "link_name", "must begin with"),
        ({"service": "s", "name": "n" * 201}, "name", "at most 200 characters"),
        ({"service": 5}, "service", "input should be a valid string"),
        (
            {"service": "s", "parameters": {"t": "x" * 201}},
            "parameters.t",
            "at most 200",
        ),
        ("text", "service", "input should be a valid dictionary"),
    ],
    ids=[
        "missing",
        "empty",
        "long id",
        "unknown",
        "scope",
        "empty scope",
        "link name",
        "reserved",
        "long name",
        "type",
        "parameter",
        "no map",
    ],
)
def test_each_field_is_told_what_is_wrong(body, field, words):
    """H19: in the words of a form; unknown members are refused."""
    assert words in fields_of(ConnectionDraft, body)[field]


@pytest.mark.parametrize(
    "name",
    [
        "a\N{RIGHT-TO-LEFT OVERRIDE}b",
        "a\N{ZERO WIDTH SPACE}b",
        "a\N{ZERO WIDTH NO-BREAK SPACE}b",
        "a\x00b",
        "a\x1b[31mb",
        "a\ue000b",
    ],
    ids=ascii,
)
@pytest.mark.parametrize("kind", [ConnectionDraft, ConnectionEdit])
def test_I4_invisible_characters_are_refused(kind, name):
    """What is read is what is there."""
    body = {"service": "s"} if kind is ConnectionDraft else {}
    assert "invisible" in fields_of(kind, body | {"name": name})["name"]


def test_names_may_be_in_any_script():
    """Composed, so that two ways to type a letter are one name."""
    draft = read_draft(ConnectionDraft, {"service": "s", "name": "Cafe\u0301 分析"})
    assert "Café 分析" == draft.name


def test_the_error_names_the_fields_and_not_what_was_typed(canary):
    """K20: a secret typed into the wrong field is not repeated."""
    with pytest.raises(InvalidInput, match="Nothing was stored: ") as caught:
        read_draft(
            ConnectionDraft,
            {
                "service": "s",
                "scopes": [canary("key") + " "],
                "password": canary("key"),
            },
        )
    assert "password: is not known here" in str(caught.value)
    canary.sweep(texts={"error": repr(caught.value.to_json())})


@pytest.mark.parametrize(
    "body", [{"service": "other"}, {"name": "", "parameters": {}}, {"link_name": "x"}]
)
def test_an_edit_of_anything_else_is_not_editable(body):
    """Name and scopes, and the sentence says so."""
    with pytest.raises(NotEditable, match="Only the name and the scopes"):
        read_draft(ConnectionEdit, body)


def test_an_edit_may_change_nothing_one_or_both():
    """None means leave it."""
    assert (None, None) == (ConnectionEdit().name, ConnectionEdit().scopes)
    edit = read_draft(ConnectionEdit, {"name": " New ", "scopes": ["a"]})
    assert ("New", ("a",)) == (edit.name, edit.scopes)


def test_an_edit_does_not_empty_a_name():
    """Blanks are no name."""
    assert "must not be empty" in fields_of(ConnectionEdit, {"name": "  "})["name"]


def test_a_client_secret_may_be_left_out(canary):
    """Left out means kept; typed it is not shown."""
    assert read_draft(ClientRegistration, {"client_id": "a"}).client_secret is None
    typed = {"client_id": "a", "client_secret": canary("client-secret")}
    registration = read_draft(ClientRegistration, typed)
    canary.sweep(texts={"repr": repr(registration), "text": str(registration)})


@pytest.mark.parametrize("client_id", ["ä", "a\x00b", "a\nb"])
def test_a_client_id_is_plain(client_id):
    """Copied with something invisible, it would fail at the provider."""
    told = fields_of(ClientRegistration, {"client_id": client_id})["client_id"]
    assert "must be plain characters" in told


def test_a_rule_about_the_whole_is_told_beside_the_field_to_fill():
    """That is where somebody can mend it."""
    told = fields_of(
        Service,
        {
            "id": "x",
            "name": "X",
            "api_base_url": "https://api.x.example",
            "api_hosts": ["api.x.example"],
        },
    )
    assert {"token_endpoint": "is needed for OAuth 2.0"} == told
