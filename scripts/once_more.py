"""Run the few tests that failed once more, alone, as CPython's own test runner does.

The tests run beside each other on a machine whose speed nobody knows, with real
servers, browsers and databases. A test that fails there and passes alone is a fault of
the test or a race of the program: it does not stop the gate, and it is not hidden. Its
name is the last that is printed.
"""

import json
import subprocess
import sys
from pathlib import Path

FAILED = Path(".pytest_cache/v/cache/lastfailed")
#: More than so many at once are no accident.
MOST = 3
PYTEST = (sys.executable, "-m", "coverage", "run", "-m", "pytest", "-vv")


def main() -> None:
    """Exit with 0 when all that failed pass now; the argument is pytest's exit code."""
    if sys.argv[1:] != ["1"]:
        sys.exit("The tests did not run to their end: none is run again")
    failed = list(json.loads(FAILED.read_text())) if FAILED.is_file() else []
    if not 0 < len(failed) <= MOST:
        sys.exit(f"{len(failed) or 'No'} tests failed: none is run again")
    print(f"\nOnce more, alone: {', '.join(failed)}\n", flush=True)
    code = subprocess.run([*PYTEST, *failed], check=False).returncode
    if code:
        sys.exit(code)
    print("\nFAILED BESIDE OTHERS AND PASSED ALONE, so it wants to be mended:")
    print("\n".join(f"  {name}" for name in failed), flush=True)


if __name__ == "__main__":
    main()
