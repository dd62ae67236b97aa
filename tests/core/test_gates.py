"""What is told behind a gate: heard by those who waited meanwhile, and by nobody else."""

import threading
from concurrent.futures import ThreadPoolExecutor

from conn_core.broker._gates import Gates


def test_who_waited_hears_what_was_told_meanwhile():
    """It is as new for them as what they would find themselves."""
    gates, comes = Gates(), threading.Event()

    def wait_and_listen():
        comes.set()
        with gates.only_one("a credential", patience=60) as turn:
            return turn.news

    with ThreadPoolExecutor(1) as pool:
        with gates.only_one("a credential") as turn:
            heard = pool.submit(wait_and_listen)
            assert comes.wait(60)
            while gates._gates["a credential"].waiting < 2:
                pass
            turn.tell("generation 2")
        assert "generation 2" == heard.result(60)


def test_who_comes_later_hears_nothing_old():
    """They look for themselves, although somebody still waits at the gate."""
    gates = Gates()
    with gates.only_one("a credential") as turn:
        turn.tell("generation 2")
    with gates.only_one("a credential") as turn:
        assert turn.news is None


def test_news_of_before_somebody_came_is_not_for_them():
    """The gate is still there, and what was told at it is older than their question."""
    gates = Gates()
    first = gates.only_one("a credential")
    turn = first.__enter__()
    turn.tell("generation 2")
    with gates.only_one("a credential", patience=0) as late:
        assert late is None
    second = gates.only_one("a credential", patience=60)
    with ThreadPoolExecutor(1) as pool:
        entered = pool.submit(second.__enter__)
        while gates._gates["a credential"].waiting < 2:
            pass
        first.__exit__(None, None, None)
        assert entered.result(60).news is None
        second.__exit__(None, None, None)
    assert {} == gates._gates
