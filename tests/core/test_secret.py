"""A value that may be used but not shown."""

import copy
import inspect
import io
import json
import pickle
import pprint
import traceback

import pytest
import rich.pretty
from IPython.core.formatters import DisplayFormatter

from conn_core import Secret


@pytest.fixture
def text(canary):
    return canary("anything")


def printed(secret):
    """Return what ``print`` writes."""
    written = io.StringIO()
    print(secret, [secret], file=written)
    return written.getvalue()


WAYS_TO_SHOW = {
    "repr": repr,
    "str": str,
    "format": "{}".format,
    "format with a width": "{:>40}".format,
    "percent": "%s".__mod__,
    "print": printed,
    "pprint": pprint.pformat,
    "rich": rich.pretty.pretty_repr,
    "a notebook": lambda secret: repr(DisplayFormatter().format(secret)),
    "in containers": lambda secret: repr([secret, {"a": secret}]),
    "json": lambda secret: json.dumps({"a": secret}, default=str),
    "members": lambda secret: repr(inspect.getmembers(secret)),
}


@pytest.mark.parametrize("show", WAYS_TO_SHOW.values(), ids=WAYS_TO_SHOW)
def test_K1_to_K9_nothing_shows_the_text(canary, text, show):
    """No repr, no format, no inspector, and nothing that a notebook asks for."""
    shown = show(Secret(text))
    canary.sweep(texts={"shown": shown})


def test_K9_a_secret_has_no_dictionary(text):
    """``vars()`` finds nothing to list."""
    with pytest.raises(TypeError):
        vars(Secret(text))


@pytest.mark.parametrize("carry", [pickle.dumps, copy.copy, copy.deepcopy])
def test_K10_a_secret_cannot_be_carried_away(text, carry):
    """Whatever copies by pickling is told no."""
    with pytest.raises(TypeError, match="secrets cannot be serialised"):
        carry(Secret(text))


def test_K12_a_traceback_with_locals_does_not_show_it(canary, text):
    """Error reporters print the locals of every frame."""

    def fail(secret):
        raise RuntimeError

    try:
        fail(Secret(text))
    except RuntimeError as error:
        frames = traceback.TracebackException.from_exception(error, capture_locals=True)
    inner = "".join(list(frames.stack.format())[-1:])
    assert "secret" in inner
    canary.sweep(texts={"traceback": inner})


def test_the_text_is_there_for_whoever_needs_it(text):
    """One method gives it, and one compares it."""
    secret = Secret(text)
    assert text == secret.reveal()
    assert secret.same_as(text)
    assert not secret.same_as(text + "x")


def test_secrets_compare_by_their_text(text):
    """But not with a plain text: that would invite comparing in the open."""
    assert Secret(text) == Secret(text)
    assert Secret(text) != Secret("other")
    assert Secret(text) != text


def test_an_empty_secret_is_false(text):
    """As any empty text is."""
    assert Secret(text)
    assert not Secret("")


def test_a_secret_is_no_key(text):
    """Hashing it would let it be found in a dictionary."""
    with pytest.raises(TypeError, match="unhashable"):
        hash(Secret(text))
