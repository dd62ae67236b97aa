"""P18: the catalogue of 1,000 services: loading it once, and searching it.

The peer is the obvious way: read the TOML files, and check every service. Run it with
``python benchmarks/catalog.py``.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from _table import Row, print_table

from conn_core import Service
from conn_core.catalog import _index
from conn_core.catalog._files import read_all

_SERVICES = 1000
_STARTS = 9
_QUERIES = (
    "",
    "g",
    "google",
    "zoho books",
    "read",
    "data",
    "tickets",
    "nothing at all",
)
#: In a process of its own: what has been read once is warm.
_PROGRAM = """
import gc, json, sys, time
from pathlib import Path
from conn_core.catalog import Catalog, _catalog
_catalog.INDEX = Path(sys.argv[1])
found = {}
gc.freeze()  # as calls.py does: what was imported is not ours to clean up
for query in [None, *json.loads(sys.argv[2])]:
    catalog = Catalog() if query is None else catalog
    began = time.perf_counter()
    count = len(catalog.ids()) if query is None else len(catalog.search(query)[0])
    found[str(query)] = time.perf_counter() - began
    catalog._services.clear()
    if query is None:
        assert count == 1000
print(json.dumps(found))
"""


def _many() -> list[dict]:
    """Return our services, and copies of them, a thousand in all."""
    ours = [record for record, _ in read_all([_index.DATA])]
    copies = [record | {"id": f"{record['id'][:55]}-again"} for record in ours]
    return [*ours, *copies][:_SERVICES]


def _starts(index: Path) -> list[dict[str, float]]:
    command = [sys.executable, "-c", _PROGRAM, str(index), json.dumps(_QUERIES)]
    done = [
        subprocess.run(command, capture_output=True, text=True, check=True)
        for _ in range(_STARTS)
    ]
    return [json.loads(one.stdout) for one in done]


def _peer() -> float:
    """Return how long our own services take in the obvious way, for a thousand."""
    began = time.perf_counter()
    found = [Service.model_validate(record) for record, _ in read_all([_index.DATA])]
    return (time.perf_counter() - began) * _SERVICES / len(found)


def _row(what: str, seconds: float, peer: str, target: float) -> Row:
    return Row(
        id="P18",
        what=what,
        ours=f"{seconds * 1e3:.2f} ms",
        peer=peer,
        ratio=seconds * 1e3,
        target=target,
        ok=seconds * 1e3 <= target,
    )


def rows() -> list[Row]:
    """Measure loading and searching, each in new processes."""
    with tempfile.TemporaryDirectory() as folder:
        index = Path(folder) / "services.jsonl"
        index.write_text(_index.index_of(_many()), encoding="ascii")
        starts = _starts(index)
    load = statistics.median(start.pop("None") for start in starts)
    searches = {q: statistics.median(s[q] for s in starts) for q in starts[0]}
    slowest = max(searches, key=searches.__getitem__)
    peer = f"TOML and checks {_peer() * 1e3:.0f} ms"
    return [
        _row("load 1,000 services, ms", load, peer, 15.0),
        _row(
            f"search them, slowest of {len(searches)} ('{slowest}'), ms",
            searches[slowest],
            "-",
            2.0,
        ),
    ]


if __name__ == "__main__":
    print_table(rows())
