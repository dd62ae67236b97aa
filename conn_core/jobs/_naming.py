"""How a notebook, or a function of it, is written: ``report.ipynb:open_issues``."""

from pathlib import Path


def notebook_and_function(
    source: str, *, folder: Path | None = None
) -> tuple[Path, str]:
    """Split ``NOTEBOOK:FUNCTION``; the ending ``.ipynb`` may be left out.

    Args:
        source: As somebody wrote it; the function may be missing.
        folder: What a relative name is relative to; where this process is, when absent.
    """
    before, colon, name = source.rpartition(":")
    if colon and name.isidentifier() and before:
        return _with_ending(before, folder), name
    return _with_ending(source, folder), ""


def _with_ending(name: str, folder: Path | None) -> Path:
    path = Path(name).expanduser()
    if folder is not None:
        path = folder / path
    whole = path.with_name(f"{path.name}.ipynb") if path.name else path
    return whole if not path.exists() and whole.exists() else path
