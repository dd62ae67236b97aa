"""The peer: a tornado handler that answers a token and does nothing else."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator

import psutil

_TORNADO = """
import asyncio
from tornado import web
class Vend(web.RequestHandler):
    def post(self): self.finish({"access_token": "x" * 40})
async def main():
    server = web.Application([("/.*", Vend)]).listen(0, "127.0.0.1")
    print(next(iter(server._sockets.values())).getsockname()[1], flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""


@contextlib.contextmanager
def minimal_server() -> Iterator[tuple[str, psutil.Process]]:
    """Yield where it is, and its process."""
    process = subprocess.Popen(
        [sys.executable, "-c", _TORNADO], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        yield f"http://127.0.0.1:{port}/", psutil.Process(process.pid)
    finally:
        process.kill()
        process.communicate()
