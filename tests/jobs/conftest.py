"""Notebooks written for a test."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def notebook(tmp_path: Path) -> Callable[..., Path]:
    """Return a writer of notebooks from the texts of their code cells."""

    def write(*sources: str, parameters: str | None = None) -> Path:
        cells = [{"cell_type": "markdown", "metadata": {}, "source": ["# Title"]}]
        if parameters is not None:
            cells.append(_code(parameters, tags=["parameters"]))
        cells += [_code(source) for source in sources]
        path = tmp_path / "report.ipynb"
        path.write_text(
            json.dumps(
                {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
            )
        )
        return path

    return write


def _code(source: str, *, tags: list[str] | None = None) -> dict[str, object]:
    return {
        "cell_type": "code",
        "metadata": {"tags": tags} if tags else {},
        "source": source.splitlines(keepends=True),
        "outputs": [],
        "execution_count": None,
    }
