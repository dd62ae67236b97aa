"""The error tree: one line for people, one shape for machines."""

import pytest

from conn_core import errors
from conn_core.errors import (
    ERRORS_BY_CODE,
    BrokerUnavailable,
    ConnectionNotFound,
    ConnectionsError,
    HostNotAllowed,
    InvalidInput,
    MissingPackage,
    NotAllowed,
    ProviderUnavailable,
    error_from_json,
)

EVERY_ERROR = [
    value
    for value in vars(errors).values()
    if isinstance(value, type) and issubclass(value, ConnectionsError)
]


@pytest.mark.parametrize(
    ("message", "hint", "expected"),
    [
        ("It broke", "Run %conn env", "It broke. Run %conn env"),
        ("Did you mean 'x'?", "See %conn list", "Did you mean 'x'? See %conn list"),
        ("It broke.", "Try later", "It broke. Try later"),
        ("It broke", "", "It broke"),
        ("", "", ""),
    ],
)
def test_message_and_hint_make_sentences(message, hint, expected):
    """Exactly one mark between them."""
    assert expected == str(ConnectionsError(message, hint))


def test_a_notebook_shows_one_line():
    """IPython calls this in the place of a traceback."""
    error = ConnectionNotFound("There is no connection called 'x'", "See %conn list")
    assert [
        "ConnectionNotFound: There is no connection called 'x'. See %conn list"
    ] == error._render_traceback_()


def test_every_class_has_a_code_of_its_own():
    """A code names one class, so that the other side can raise the same."""
    codes = [kind.code for kind in EVERY_ERROR]
    assert sorted(set(codes)) == sorted(codes)
    assert ERRORS_BY_CODE.keys() | {"error"} == set(codes)


@pytest.mark.parametrize("kind", EVERY_ERROR)
def test_every_class_explains_itself_and_has_a_status(kind):
    """A status that HTTP knows, and a docstring."""
    assert 400 <= kind.status < 600
    assert kind.__doc__


@pytest.mark.parametrize("kind", ERRORS_BY_CODE.values())
def test_an_error_is_the_same_on_the_other_side(kind):
    """Class, words and fields travel; nothing else does."""
    error = kind("What and why", "Run %conn env", fields={"name": "is taken"})
    again = error_from_json(error.to_json(), status=kind.status)
    assert (kind, "What and why", "Run %conn env", {"name": "is taken"}) == (
        type(again),
        again.message,
        again.hint,
        again.fields,
    )


def test_an_error_without_fields_has_none_in_its_json():
    """A form has nothing to show beside a field then."""
    assert {"code": "conflict", "message": "m", "hint": ""} == errors.Conflict(
        "m"
    ).to_json()


@pytest.mark.parametrize(
    "body", [{}, {"code": "teapot"}, {"code": None}, {"code": "error"}]
)
def test_a_foreign_answer_is_no_error_of_ours(body):
    """A proxy's error page, or a server of another kind. The base is never raised."""
    error = error_from_json(body, status=418)
    assert BrokerUnavailable is type(error)
    assert "418" in error.message


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "does not know this token any more"),
        (502, "What stands before the server"),
    ],
)
def test_what_a_status_alone_says_is_said_in_words(status, said):
    """A token that has ended, and a proxy behind which nobody answers."""
    error = error_from_json({"code": "not_authenticated"}, status=status)

    assert isinstance(error, BrokerUnavailable)
    assert said in str(error)


def test_odd_members_of_an_answer_do_no_harm():
    """The other side may be of another version."""
    error = error_from_json({"code": "conflict", "fields": ["x"]}, status=409)
    assert ("", "", {}) == (error.message, error.hint, error.fields)


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [
        (InvalidInput, ValueError),
        (HostNotAllowed, PermissionError),
        (NotAllowed, PermissionError),
        (ConnectionNotFound, LookupError),
        (MissingPackage, ImportError),
    ],
)
def test_errors_are_what_python_calls_them_too(kind, builtin):
    """So that code which knows nothing of us catches the right ones."""
    error = kind("m", "h")
    assert isinstance(error, builtin)
    assert "m. h" == str(error)


def test_nobody_asked_to_wait_unless_said():
    """The attribute is there on every instance."""
    assert ProviderUnavailable("m").retry_after is None
