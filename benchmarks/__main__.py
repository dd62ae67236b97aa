"""All benchmarks, one table: ``python -m benchmarks``, or ``… calls magics`` for some.

A benchmark that cannot run here says so and keeps none of the others from it.
"""

import importlib
import sys
import time
import traceback
from pathlib import Path

HERE = Path(__file__).parent
# Each file also runs by itself, as a script: then this folder is where it looks.
sys.path.insert(0, str(HERE))

from _table import Row, print_table  # noqa: E402 - found through the line above


def main(wanted: list[str]) -> int:
    """Run them; returns how many could not."""
    names = sorted(p.stem for p in HERE.glob("[!_]*.py"))
    unknown = set(wanted) - set(names)
    if unknown:
        sys.exit(
            f"There is no benchmark {', '.join(unknown)}. There are {', '.join(names)}"
        )
    found: list[Row] = []
    broken: list[str] = []
    for name in wanted or names:
        rows = _rows_of(name)
        if rows is None:
            broken.append(name)
        else:
            found += rows
    print_table(sorted(found, key=lambda row: int(row.id.removeprefix("P"))))
    missed = sum(not row.ok for row in found)
    print(f"\n{len(found) - missed} of {len(found)} targets are met")
    for name in broken:
        print(f"{name} could not run")
    return len(broken)


def _rows_of(name: str) -> list[Row] | None:
    """Measure; None where that failed."""
    began = time.monotonic()
    try:
        module = importlib.import_module(name)
        # A soak has no rows: it runs as long as it is told to.
        rows = module.rows() if hasattr(module, "rows") else []
    except Exception:  # noqa: BLE001 - whatever it is, the others are measured
        traceback.print_exc()
        return None
    print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    return rows


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
