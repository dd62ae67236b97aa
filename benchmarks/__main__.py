"""All benchmarks, one table: ``python -m benchmarks``, or ``… calls magics`` for some."""

import importlib
import sys
from pathlib import Path

HERE = Path(__file__).parent
# Each file also runs by itself, as a script: then this folder is where it looks.
sys.path.insert(0, str(HERE))


def main(wanted: list[str]) -> None:
    from _table import print_table

    names = sorted(p.stem for p in HERE.glob("[!_]*.py"))
    unknown = set(wanted) - set(names)
    if unknown:
        sys.exit(
            f"There is no benchmark {', '.join(unknown)}. There are {', '.join(names)}"
        )
    modules = [importlib.import_module(name) for name in wanted or names]
    print_table(row for m in modules if hasattr(m, "rows") for row in m.rows())


if __name__ == "__main__":
    main(sys.argv[1:])
