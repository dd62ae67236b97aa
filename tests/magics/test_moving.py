"""``%conn export`` and ``%conn import``: one file, and what became of each line of it."""

import json

import pytest

from conn_magics._desk import Desk
from conn_magics._running import run_line
from conn_magics._surroundings import Surroundings


@pytest.fixture
def typed(broker):
    """Runs a line."""
    return lambda line: run_line(line, desk=Desk(around=Surroundings(person=False)))


def test_H22_an_existing_name_is_refused_and_the_rest_goes_on(typed, broker, tmp_path):
    """Each line of the file is its own; nothing that is there is changed."""
    file = tmp_path / "mine.json"
    typed(f"export {file}")
    before = dict(broker.found)
    content = json.loads(file.read_text())
    content["connection"].append({"service": "coffee", "name": "Another one"})
    file.write_text(json.dumps(content))
    answer = typed(f"import {file}")
    assert "failed" == answer.outcome
    data = answer.to_json()
    assert ["another-one"] == data["connections"]
    assert len(before) >= data["failed"] >= 1
    assert before == {name: broker.found[name] for name in before}


def test_a_file_that_is_wrong_makes_nothing(typed, broker, tmp_path):
    """It is read to its end before the first thing is made."""
    file = tmp_path / "wrong.toml"
    file.write_text(
        '[[connection]]\nservice = "coffee"\nname = "Fine"\n'
        '[[connection]]\nservice = "coffee"\nowner = "ada"\n'
    )
    before = dict(broker.found)
    with pytest.raises(Exception, match="cannot be given 'owner' by a file"):
        typed(f"import {file}")
    assert before == broker.found


def test_export_to_a_file_says_what_is_in_it(typed, broker, tmp_path):
    """And what to type elsewhere."""
    file = tmp_path / "mine.toml"
    answer = typed(f"export {file}")
    assert "[[connection]]" in file.read_text()
    assert f"%conn import {file}" in repr(answer)
    assert str(file) == answer.to_json()["file"]
