"""Each defence is needed: with it switched off a test fails, and that test is named."""

import multiprocessing
import queue

import pytest
from switched_off import all_defences, fails_without

DEFENCES = all_defences()
#: What the rooms import from others: loaded once, and then forked.
_LIBRARIES = [
    *(
        "pytest",
        "switched_off",
        "httpx",
        "aiohttp",
        "sqlalchemy",
        "pydantic",
        "alembic",
        "hypothesis",
    ),
    *("cryptography.hazmat.primitives.ciphers.aead", "joserfc.jwt", "jupyter_server"),
    *("jupyter_server.serverapp", "jupyterhub.services.auth", "IPython", "ipywidgets"),
]


@pytest.fixture(scope="module")
def forks():
    """A process that has the libraries and none of our code, to be forked."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_LIBRARIES)
    return context


def test_every_defence_has_a_name_of_its_own():
    """The name is how it is switched off."""
    names = [one.name for one in DEFENCES]
    assert sorted(set(names)) == sorted(names)


def test_every_defence_stands_where_the_table_says():
    """A place that was missed would leave the defence on, and prove nothing."""
    for defence in DEFENCES:
        for file in defence.files.values():
            defence.without(file)


@pytest.mark.parametrize("defence", DEFENCES, ids=lambda one: one.name)
def test_without_it_its_test_fails(forks, tmp_path, defence):
    """By what it asserts: it is found, and it runs."""
    answers = forks.Queue()
    asked = (defence.name, defence.test, tmp_path / "its", answers)
    one = forks.Process(target=fails_without, args=asked)
    one.start()
    try:
        code, printed = answers.get(timeout=200)
    except queue.Empty:
        pytest.fail("no answer")
    finally:
        one.kill()
        one.join()
    assert pytest.ExitCode.TESTS_FAILED == code, printed
    assert f"FAILED {defence.test.partition('[')[0]}" in printed
