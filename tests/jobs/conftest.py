"""Notebooks written for a test."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def written() -> Callable[..., Path]:
    """Return a writer of notebooks at a path, from the texts of their code cells."""
    return _written


@pytest.fixture
def notebook(tmp_path: Path) -> Callable[..., Path]:
    """Return a writer of notebooks from the texts of their code cells."""

    def write(*sources: str, parameters: str | None = None) -> Path:
        cells = [{"cell_type": "markdown", "metadata": {}, "source": ["# Title"]}]
        if parameters is not None:
            cells.append(_code(parameters, tags=["parameters"]))
        cells += [_code(source) for source in sources]
        return _saved(tmp_path / "report.ipynb", cells)

    return write


def _written(path: Path, *sources: str) -> Path:
    return _saved(path, [_code(source) for source in sources])


def _saved(path: Path, cells: list[dict[str, object]]) -> Path:
    whole = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(whole))
    return path


def _code(source: str, *, tags: list[str] | None = None) -> dict[str, object]:
    return {
        "cell_type": "code",
        "metadata": {"tags": tags} if tags else {},
        "source": source.splitlines(keepends=True),
        "outputs": [],
        "execution_count": None,
    }
