"""A process of its own that uses a connection from several threads.

Arguments: data folder, catalogue file, seconds that its clock is ahead, threads.
"""

import hashlib
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from conn_core import Settings
from conn_core.broker import open_core

folder, catalog, ahead, threads = sys.argv[1:]
core = open_core(
    Settings(
        data_dir=Path(folder),
        runtime_dir=Path(folder),
        user="sam",
        allow_loopback=True,
        use_keyring=False,
        catalog_paths=(Path(catalog),),
    ),
    clock=lambda: time.time() + float(ahead),
)
broker = core.acting_as("sam")
print("ready", flush=True)  # noqa: T201 - the test waits for it
sys.stdin.readline()
with ThreadPoolExecutor(int(threads)) as pool:
    tokens = list(
        pool.map(lambda _: broker.access_token("expenses"), range(int(threads)))
    )
core.close()
report = {
    "generations": [token.generation for token in tokens],
    "digests": [
        hashlib.sha256(token.access_token.reveal().encode()).hexdigest()
        for token in tokens
    ],
}
print(json.dumps(report))  # noqa: T201 - the test reads it
