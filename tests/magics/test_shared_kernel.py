"""Several people at one kernel, as in real-time collaboration."""

import pytest
from jupyter_client.manager import start_new_kernel
from service_process import clean_environment

from conn_core import os_user

_ASKS = """
from conn_magics._holder import HOLDER
print(HOLDER.broker.status().user)
"""


@pytest.fixture
def kernel(tmp_path):
    """A kernel with a store of its own."""
    manager, client = start_new_kernel(
        startup_timeout=300, env=clean_environment(tmp_path)
    )
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.mark.kernel
def test_H13_whoever_runs_a_cell_acts_as_the_kernels_person(kernel):
    """Each message says who sends it, as its sender likes: nothing may depend on that."""
    told = []
    for name in ("priya", "mallory"):
        kernel.session.username = name
        kernel.execute_interactive(
            _ASKS,
            timeout=120,
            output_hook=lambda message: told.append(
                (message["parent_header"]["username"], message["content"].get("text"))
            ),
        )

    for one in ("priya", "mallory"):
        said = "".join(text for name, text in told if text and name == one)
        assert f"{os_user()}\n" == said
