"""Every case of ``security_cases.toml`` has a test that carries its id in its name.

The ids stand at the beginning of a test's name, ``test_A2_W2_…`` or ``test_C1_to_C8_…``, or
of the id of one of its parameters.
"""

import ast
import functools
import re
import tomllib
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
TABLE = TESTS / "security_cases.toml"
_ID = r"[A-Z]\d{1,2}"
#: What stands between ``test_`` and the sentence.
_HEAD = re.compile(rf"(?:{_ID}_(?:to_{_ID}_)?)+")
_RANGE = re.compile(rf"({_ID})(?:_to_({_ID}))?")
_PARAMETER = re.compile(rf"{_ID}\b")


def table():
    """Return the cases by their ids, and the reasons for those without a test."""
    groups = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    reasons = groups.pop("untested")
    cases = {}
    for letter, group in groups.items():
        assert all(case.startswith(letter) for case in group), letter
        cases |= group
    return cases, reasons


def ids_in(name):
    """Return the ids that a test's name begins with.

    >>> ids_in("test_C1_to_C3_F4_a_name")
    {'C1', 'C2', 'C3', 'F4'}
    """
    head = _HEAD.match(name.removeprefix("test_"))
    found = set()
    for first, last in _RANGE.findall(head[0] if head else ""):
        numbers = range(int(first[1:]), int((last or first)[1:]) + 1)
        found |= {f"{first[0]}{number}" for number in numbers}
    return found


def names_in(source):
    """Return the names of a file's tests, and the ids of their parameters."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if node.name.startswith("test_"):
                yield node.name
        elif isinstance(node, ast.keyword) and node.arg in {"id", "ids"}:
            for text in ast.walk(node.value):
                value = getattr(text, "value", None)
                if isinstance(value, str) and (found := _PARAMETER.match(value)):
                    yield f"test_{found[0]}_"


@functools.cache
def named():
    """Return the ids that the tests of this tree name."""
    files = [f for f in TESTS.rglob("test_*.py") if "node_modules" not in f.parts]
    names = [n for f in files for n in names_in(f.read_text(encoding="utf-8"))]
    assert len(names) > 2_000
    return set().union(*map(ids_in, names))


def test_every_case_has_a_test_or_a_reason():
    """Nothing is forgotten, and nothing is excused that has a test by now."""
    cases, reasons = table()

    assert [] == sorted(set(cases) - named() - set(reasons))
    assert [] == sorted(set(reasons) & named())
    assert [] == sorted(set(reasons) - set(cases))


def test_no_test_names_a_case_that_is_none():
    """A mistyped id would prove nothing of what it stands for."""
    cases, _ = table()
    letters = {case[0] for case in cases}

    assert [] == sorted(n for n in named() - set(cases) if n[0] in letters)


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("test_A1_a_word", {"A1"}),
        ("test_A2_W2_again", {"A2", "W2"}),
        ("test_H1_to_H3_and_more", {"H1", "H2", "H3"}),
        ("test_K1_to_K2_Q30_Q19_x", {"K1", "K2", "Q30", "Q19"}),
        ("test_C_the_way", set()),
        ("test_what_A1_is", set()),
        ("test_P1000_is_no_id", set()),
    ],
)
def test_ids_stand_at_the_beginning(name, ids):
    """So that a word of the sentence is not taken for one."""
    assert ids == ids_in(name)


def test_ids_of_parameters_count():
    """Where one test goes through many cases."""
    source = """
@pytest.mark.parametrize("a", [1, 2, 3], ids=["Q6 bytes", "Q7", "other"])
@pytest.mark.parametrize("b", [pytest.param(1, id="Q8-owner")])
def test_Q1_rows(a, b): ...
def helper_Q9(): ...
"""
    found = set().union(*map(ids_in, names_in(source)))

    assert {"Q1", "Q6", "Q7", "Q8"} == found
