"""What may follow ``%%connection``."""

import pytest

from conn_core.jobs import Use
from conn_magics._cell_line import CellLine, help_text, read_cell_line
from conn_magics._usage import UsageError


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("github", CellLine(uses=(Use(name="github"),))),
        ("github as gh", CellLine(uses=(Use(name="github", variable="gh"),))),
        (
            "a, b as c,d",
            CellLine(uses=(Use(name="a"), Use(name="b", variable="c"), Use(name="d"))),
        ),
        (
            '"Finance, sheet" as s',
            CellLine(uses=(Use(name="Finance, sheet", variable="s"),)),
        ),
        ("'My sheet'", CellLine(uses=(Use(name="My sheet"),))),
        ("github --client async", CellLine(uses=(Use(name="github"),), client="async")),
        (
            "github --client gspread",
            CellLine(uses=(Use(name="github"),), client="gspread"),
        ),
        (
            "github --client=async --quiet",
            CellLine(uses=(Use(name="github"),), client="async", quiet=True),
        ),
        (
            "github --require repo,read:user",
            CellLine(uses=(Use(name="github"),), require=("repo", "read:user")),
        ),
        ("github --timeout 2.5", CellLine(uses=(Use(name="github"),), timeout=2.5)),
    ],
)
def test_lines_are_read(line, expected):
    """Names, variables and options, in the grammar of the contract."""
    assert expected == read_cell_line(line)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "The name of a connection is missing"),
        ("github,", "The name of a connection is missing"),
        ('""', "The name of a connection is missing"),
        ("--client async", "The name of a connection is missing"),
        ("Finance sheet", "Names with blanks go into quotation marks"),
        ("github as", "is not NAME or NAME as VAR"),
        ("github as 1x", "'1x' cannot be a variable"),
        ("github as class", "'class' cannot be a variable"),
        ("github as gh, gitlab as gh", "'gh' stands there twice"),
        ("github, github", "'github' stands there twice"),
        ('"github', "A quotation mark is opened and not closed"),
        ("github --require 'a", "A quotation mark is opened and not closed"),
        ("github --clent async", "Did you mean --client?"),
        (
            "github --client request",
            (
                "There is no client called 'request'. Did you mean requests? There are: "
                "httpx, async, azure_credential, "
            ),
        ),
        ("github --client async gitlab", "Names come before options"),
        ("github --timeout soon", "--timeout"),
        ("github --timeout 0", "--timeout takes a number of seconds above 0"),
        ("github --timeout nan", "--timeout takes a number of seconds above 0"),
        ("github --scoped", "%%connection has no option --scoped"),
        ("github --client", "--client"),
        ("--host evil.example", "The name of a connection is missing"),
        ("github --host evil.example", "%%connection has no option --host"),
        ("github; import os", "Names with blanks go into quotation marks"),
        ("github as gh; import os", "is not NAME or NAME as VAR"),
        ("github\nimport os", "Names with blanks go into quotation marks"),
        ("github as " + "x" * 1_000_000, "longer than 10,000 characters"),
    ],
    ids=lambda text: text[:60],
)
def test_I14_mistyped_lines_are_explained(line, said):
    """A ``UsageError`` that says what to write."""
    with pytest.raises(UsageError) as caught:
        read_cell_line(line)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_help_is_made_from_the_parser():
    """Every option stands in the help."""
    for option in ("--client", "--require", "--timeout", "--quiet"):
        assert option in help_text()
