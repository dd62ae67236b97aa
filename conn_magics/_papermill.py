"""Runs one notebook with papermill, in a process of its own.

What to run comes through standard input: parameters are in no command line that others
can read, and the notebook is what was looked at, whatever its file holds by now. How it
ended goes to standard output, as JSON.
"""

import json
import sys
from typing import Any, Final

#: A machine on which many jobs begin at the same minute takes its time for a kernel.
_START_SECONDS: Final = 300


def main() -> None:
    """Run the notebook that standard input names."""
    order = json.loads(sys.stdin.buffer.read())
    sys.stdout.write(json.dumps(run(order)))


def run(order: dict[str, Any]) -> dict[str, str]:
    """Run a notebook.

    Args:
        order: ``input`` and what it held, its ``source``; ``output``, ``parameters``, and
            the ``kernel`` to use.

    Returns:
        Nothing when it worked; else ``cell``, ``error`` and its ``text``.
    """
    import papermill

    _hand_over(order["input"], order["source"])
    try:
        papermill.execute_notebook(
            order["input"],
            order["output"],
            parameters=order["parameters"],
            kernel_name=order["kernel"],
            language="python" if order["kernel"] else None,
            progress_bar=sys.stderr.isatty(),
            start_timeout=_START_SECONDS,
        )
    except papermill.PapermillExecutionError as error:
        place = f"Cell {error.cell_index + 1}"
        return {"cell": place, "error": error.ename, "text": error.evalue}
    except Exception as error:  # noqa: BLE001 - whatever a kernel or a file does
        return {"cell": "", "error": type(error).__name__, "text": str(error)}
    return {}


def _hand_over(notebook: str, source: str) -> None:
    """Have papermill take a notebook from here, and everything else from its file."""
    from papermill.iorw import LocalHandler, papermill_io

    class AsItWas(LocalHandler):  # type: ignore[misc]  # papermill is not looked into
        def read(self, path: str) -> Any:
            return source if path == notebook else super().read(path)

    papermill_io.register(notebook, AsItWas())


if __name__ == "__main__":
    main()
