"""The driver of a fan-out: many runs of one notebook over the workers of an engine.

A program of its own, as a person's would be. It says in a line of JSON how each run
ended, when it ended; and writes down what the engine is sent.
"""

import json
import sys
from pathlib import Path

from distributed import Client, as_completed
from distributed.protocol.pickle import dumps


def run_report(notebook: str, output: str, number: int) -> str:
    """Run the notebook once; return the error that it ended with, else nothing."""
    import papermill

    try:
        papermill.execute_notebook(
            notebook, output, parameters={"number": number}, progress_bar=False
        )
    except papermill.PapermillExecutionError as error:
        return f"{error.ename}: {error.evalue}"
    return ""


def main(scheduler: str, notebook: str, folder: str, runs: int) -> None:
    outputs = [str(Path(folder, f"run-{number}.ipynb")) for number in range(runs)]
    orders = [(notebook, output, number) for number, output in enumerate(outputs)]
    Path(folder, "sent.pickle").write_bytes(dumps([run_report, *orders]))
    with Client(scheduler) as client:
        futures = [client.submit(run_report, *order, pure=False) for order in orders]
        for future in as_completed(futures):
            sys.stdout.write(json.dumps(future.result()) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:4], runs=int(sys.argv[4]))
