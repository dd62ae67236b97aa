"""Parameters as questions: kinds, defaults as texts, answers read back."""

import enum
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Literal

import pytest

from conn_magics.functions._asked import NotReadable, asked_by, read_answers


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


def everything(
    needed,
    *rest,
    whole=1,
    number=1.5,
    money=Decimal("2.50"),
    text="x",
    path=Path("a"),
    yes=True,
    day=date(2026, 1, 31),
    moment=datetime(2026, 1, 31, 9, 30, tzinfo=UTC),
    some=("a", "b"),
    one: Literal["p", 2] = 2,
    colour=Colour.BLUE,
    wanted: Colour = Colour.RED,
    nothing=None,
    maybe: int | None = None,
    either: int | str = 3,
    thing={1: 2},  # noqa: B006 - a default that no field can hold
    **more,
): ...


KINDS = {
    "needed": ("text", "", "a", "a"),
    "whole": ("whole", "1", " 7 ", 7),
    "number": ("number", "1.5", "1e3", 1000.0),
    "money": ("number", "2.50", "3.10", Decimal("3.10")),
    "text": ("text", "x", "", ""),
    "path": ("text", "a", "b/c", Path("b/c")),
    "yes": ("yes", "True", "no", False),
    "day": ("date", "2026-01-31", "2026-02-01", date(2026, 2, 1)),
    "moment": (
        "datetime",
        "2026-01-31T09:30:00",
        "2026-02-01T10:00",
        datetime(2026, 2, 1, 10, tzinfo=UTC),
    ),
    "some": ("choice", "a", "b", "b"),
    "one": ("choice", "2", "p", "p"),
    "colour": ("choice", "BLUE", "RED", Colour.RED),
    "wanted": ("choice", "RED", "BLUE", Colour.BLUE),
    "nothing": ("text", "", "", None),
    "maybe": ("whole", "", "", None),
    "either": ("whole", "3", "4", 4),
    "thing": ("kept", "{1: 2}", "[3]", [3]),
}


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_for_each_default(name):
    """What is asked for, how the default reads, and what an answer becomes."""
    asked = {each.name: each for each in asked_by(everything)}
    assert list(KINDS) == list(asked)
    kind, text, answer, value = KINDS[name]
    assert (kind, text) == (asked[name].kind, asked[name].text)
    assert value == asked[name].read(answer)


@pytest.mark.parametrize(
    ("name", "answer", "why"),
    [
        ("needed", "", "is needed"),
        ("whole", "1.5", "must be a whole number"),
        ("whole", "", "is needed"),
        ("number", "x", "must be a number"),
        ("money", "x", "must be a number"),
        ("yes", "perhaps", "must be true or false"),
        ("day", "31.1.2026", "must be a date like 2026-01-31"),
        ("moment", "soon", "must be a date and time like 2026-01-31T09:00"),
        ("some", "c", "must be one of a, b"),
        ("colour", "GREEN", "must be one of RED, BLUE"),
    ],
)
def test_an_answer_that_is_none_says_what_it_must_be(name, answer, why):
    """For the place beside the field."""
    asked = {each.name: each for each in asked_by(everything)}
    with pytest.raises(NotReadable, match=f"^{why}$"):
        asked[name].read(answer)


def test_a_moment_may_bring_its_zone():
    """An answer with a zone keeps it."""
    asked = {each.name: each for each in asked_by(everything)}
    read = asked["moment"].read("2026-02-01T10:00+02:00")
    assert "2026-02-01T10:00:00+02:00" == read.isoformat()


def test_what_is_no_literal_stays_text_for_a_kept_one():
    """``-p`` gives such a parameter all the same."""
    asked = {each.name: each for each in asked_by(everything)}
    assert "words" == asked["thing"].read("words")


def test_a_class_of_its_own_is_asked_for_as_its_kind():
    """As pandas' Timestamp, which is a datetime."""

    class Level(int): ...

    def f(level=Level(3), odd=object, none=[]): ...  # noqa: B006, B008 - defaults of all sorts

    level, odd, none = asked_by(f)
    assert ("whole", Level) == (level.kind, type(level.read("4")))
    assert ("kept", "kept") == (odd.kind, none.kind)


def test_choices_that_read_the_same_are_no_choices():
    """Nobody could tell them apart."""

    def f(a=(1, "1")): ...

    assert "kept" == asked_by(f)[0].kind


def test_annotations_that_cannot_be_read_do_no_harm():
    """The default says enough."""

    def f(a: "NoSuchName" = 1): ...  # noqa: F821 - the point

    assert "whole" == asked_by(f)[0].kind


def test_a_required_choice_begins_with_the_first():
    """As a list of choices does."""

    def f(a: Literal["x", "y"]): ...

    (asked,) = asked_by(f)
    assert ("x", "x") == (asked.text, asked.default)


CELL = (
    "%%connection beans --function f\n"
    "from datetime import date, timedelta\n"
    "from typing import Literal\n"
    "day = date(2026, 1, 31) - timedelta(days=1)\n"
    "size = base * 2\n"
    'kind: Literal["a", "b"] = "b"\n'
    "rows = expensive()\n"
    "count = len(rows)\n"
    "gone = no_such_name\n"
    "odd = [each for each in (lambda: 'x')()]\n"
    "day, size"
)


def test_a_cells_defaults_are_worked_out_when_that_does_nothing_else(cell, shell):
    """What calls something keeps its place in the cell; it is not called for a field."""
    called = []
    shell.user_ns.update(base=4, expensive=lambda: called.append(1) or [1])
    shell.user_ns["no_such_name"] = 1
    cell(CELL)
    del shell.user_ns["no_such_name"]
    called.clear()
    asked = {each.name: each for each in asked_by(shell.user_ns["f"])}
    assert {
        "day": ("date", "2026-01-30"),
        "size": ("whole", "8"),
        "kind": ("choice", "b"),
        "rows": ("kept", "expensive()"),
        "count": ("kept", "len(rows)"),
        "gone": ("kept", "no_such_name"),
        "odd": ("kept", "[each for each in (lambda: 'x')()]"),
    } == {name: (each.kind, each.text) for name, each in asked.items()}
    assert [] == called


def test_answers_are_read_by_name():
    """A wrong name gets the nearest, a missing one is named."""

    def f(a, when=date(2026, 1, 1)): ...

    assert {"a": "1"} == read_answers(f, {"a": "1"})
    with pytest.raises(NotReadable, match=r"There is no parameter 'whn'. Did you mean"):
        read_answers(f, {"a": "1", "whn": "x"})
    with pytest.raises(NotReadable, match=r"^'when' must be a date"):
        read_answers(f, {"a": "1", "when": "x"})
    with pytest.raises(NotReadable, match=r"^'a' is needed"):
        read_answers(f, {})
