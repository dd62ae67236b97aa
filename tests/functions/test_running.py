"""A run beside the cells: what it says, how it ends, how it is stopped."""

import asyncio
import contextlib
import inspect
import queue
import sys
import threading

import pytest

import conn_magics as cm
from conn_magics.functions._capturing import captured
from conn_magics.functions._lending import Stopped
from conn_magics.functions._run import Run, run_to_end
from conn_magics.functions._uses import wanted_by

SECONDS = 60


class Sink:
    """Keeps what a run says."""

    def __init__(self):
        self.said = []

    def write(self, text, *, stream):
        self.said.append((stream, text))

    def show(self, data, metadata):
        self.said.append(("shown", data["text/plain"]))

    def clear(self):
        self.said.clear()


class Started:
    """A run in a test's hands."""

    def __init__(self, call, *, times=(10.0, 12.5)):
        self.sink, self._ends = Sink(), queue.SimpleQueue()
        clock = iter(times).__next__
        self.run = Run(call, sink=self.sink, on_end=self._ends.put, clock=clock)

    def ended(self):
        return self._ends.get(timeout=SECONDS)


@pytest.fixture
def start(broker):
    """Starts a function in a thread of its own."""

    def begin(call):
        started = Started(call)
        started.run.start_in_thread()
        return started

    return begin


def test_what_it_prints_and_returns_is_its_own(start, shell, capsys):
    """The value shows itself as a cell's last value does."""

    def f():
        print("one", end="")  # noqa: T201 - what a run prints is the point
        print("two", file=sys.stderr)  # noqa: T201 - what a run prints is the point
        sys.stdout.writelines(["a", "b"])
        sys.stdout.flush()
        return {"x": 1}

    started = start(f)
    ended = started.ended()
    assert ("done", 2.5, None) == (ended.outcome, ended.seconds, ended.error)
    assert [
        ("stdout", "one"),
        ("stderr", "two"),
        ("stderr", "\n"),
        ("stdout", "a"),
        ("stdout", "b"),
        ("shown", "{'x': 1}"),
    ] == started.sink.said
    assert ("", "") == capsys.readouterr()


def test_without_ipython_the_value_is_printed(start):
    """As plain Python's prompt does."""
    started = start(lambda: 42)
    started.ended()
    assert [("stdout", "42\n")] == started.sink.said


def test_none_shows_nothing(start, shell):
    """As in a cell."""
    started = start(lambda: None)
    started.ended()
    assert [] == started.sink.said


def test_what_cells_print_meanwhile_stays_theirs(start, capsys):
    """And the stream is put back as it was."""
    before = sys.stdout
    inside, go = threading.Event(), threading.Event()

    def f():
        inside.set()
        go.wait(SECONDS)
        print("the run's")  # noqa: T201 - what a run prints is the point

    started = start(f)
    assert inside.wait(SECONDS)
    print("the cell's")  # noqa: T201 - what a run prints is the point
    sys.stdout.writelines(["the ", "cell's"])
    go.set()
    assert "done" == started.ended().outcome
    assert "the cell's\nthe cell's" == capsys.readouterr().out
    assert before is sys.stdout


def test_a_stream_that_somebody_replaced_meanwhile_stays(monkeypatch):
    """It is not ours to put back."""
    mine = object()
    with captured(Sink()):
        monkeypatch.setattr(sys, "stdout", mine)
    assert mine is sys.stdout


class Publisher:
    """As ipykernel's: hooks see each message, and may keep it."""

    def __init__(self):
        self.hooks, self.sent = [], []

    def register_hook(self, hook):
        self.hooks.append(hook)

    def unregister_hook(self, hook):
        self.hooks.remove(hook)

    def publish(self, kind, **content):
        message = {"header": {"msg_type": kind}, "content": content}
        for hook in self.hooks:
            message = hook(message)
            if message is None:
                return
        self.sent.append(kind)


def test_what_it_displays_is_its_own_too(shell, monkeypatch):
    """``display`` and ``clear_output``; other code's goes on."""
    publisher, sink = Publisher(), Sink()
    monkeypatch.setattr(
        "conn_magics.functions._capturing.running_shell",
        lambda: type("Shell", (), {"display_pub": publisher}),
    )
    with captured(sink):
        publisher.publish("display_data", data={"text/plain": "x"}, metadata={})
        assert [("shown", "x")] == sink.said
        publisher.publish("clear_output", wait=True)
        publisher.publish("odd")
        thread = threading.Thread(
            target=publisher.publish, args=("display_data",), kwargs={"data": {}}
        )
        thread.start()
        thread.join()
    assert ([], ["display_data"], []) == (sink.said, publisher.sent, publisher.hooks)


def test_an_error_ends_it(start):
    """Whatever it is; also ``exit()``."""
    ended = start(lambda: 1 / 0).ended()
    assert ("failed", ZeroDivisionError) == (ended.outcome, type(ended.error))
    ended = start(sys.exit).ended()
    assert ("failed", "it ended with SystemExit") == (ended.outcome, str(ended.error))


def test_stopping_ends_the_request_it_waits_for(start, api):
    """At once, whatever the API does; the cells' client goes on working."""
    theirs = cm.connect("beans")

    @cm.uses("beans")
    def f(*, beans):
        beans.get("/before")
        return beans.get("/slow")

    started = start(f)
    assert api.asked.wait(SECONDS)
    started.run.stop()
    assert "stopped" == started.ended().outcome
    assert not api.gate.is_set()
    assert 200 == theirs.get("/after").status_code


def test_stopping_refuses_the_next_request(start, api):
    """Also to code that catches every exception and tries again."""
    inside, go = threading.Event(), threading.Event()

    @cm.uses("beans")
    def f(*, beans):
        inside.set()
        go.wait(SECONDS)
        for _ in range(3):
            try:
                return beans.get("/never")
            except Exception as error:  # noqa: BLE001 - as careless code does
                kept = error
        raise kept

    started = start(f)
    assert inside.wait(SECONDS)
    started.run.stop()
    go.set()
    assert "stopped" == started.ended().outcome
    assert [] == api.paths


def test_stopping_ends_it_where_it_prints_or_opens(start):
    """No ``Exception``, so that no handler keeps it going."""

    def loop(step):
        inside = threading.Event()

        def f():
            while True:
                inside.set()
                with contextlib.suppress(Exception):  # as careless code does
                    step()

        started = start(f)
        assert inside.wait(SECONDS)
        started.run.stop()
        return started.ended().outcome

    assert "stopped" == loop(lambda: print("still here"))  # noqa: T201 - the point
    assert "stopped" == loop(cm.uses("beans", client="headers")(lambda beans: None))


def test_each_run_has_clients_of_its_own(start):
    """They are closed with it; those of cells are not."""
    theirs = cm.connect("beans")
    kept = []
    f = cm.uses("beans")(lambda *, beans: kept.append(beans) or beans.get("/x").text)
    assert "done" == start(f).ended().outcome
    assert kept[0] is not theirs
    assert (True, False) == (kept[0].is_closed, theirs.is_closed)


def test_an_async_function_is_a_task_of_the_loop(broker, shell):
    """It prints and returns as any; stopping cancels it where it awaits."""

    async def story():
        loop = asyncio.get_running_loop()
        ends = asyncio.Queue()
        threads = []

        began = asyncio.Event()

        async def f(wait):
            if wait:
                began.set()
            threads.append(threading.current_thread())
            print("here")  # noqa: T201 - what a run prints is the point
            await asyncio.sleep(wait)
            return 7

        def begin(call):
            started = Started(call)
            run = Run(
                call,
                sink=started.sink,
                on_end=ends.put_nowait,
                clock=iter((0, 1)).__next__,
            )
            run.start_in(loop)
            return run, started.sink

        _, sink = begin(lambda: f(0))
        assert "done" == (await ends.get()).outcome
        assert [("stdout", "here"), ("stdout", "\n"), ("shown", "7")] == sink.said
        run, sink = begin(lambda: f(1000))
        await began.wait()
        run.stop()
        assert "stopped" == (await ends.get()).outcome
        _, sink = begin(lambda: f("x"))
        assert isinstance((await ends.get()).error, TypeError)

        async def leaves():
            sys.exit()

        begin(leaves)
        assert "it ended with SystemExit" == str((await ends.get()).error)
        assert {threading.main_thread()} == set(threads)

    asyncio.run(story())


def test_a_task_that_is_stopped_before_it_begins(broker):
    """The loop was busy; nothing runs."""

    async def story():
        ends = asyncio.Queue()

        async def f():
            raise AssertionError

        run = Run(f, sink=Sink(), on_end=ends.put_nowait)
        run.stop()
        run.start_in(asyncio.get_running_loop())
        run.stop()
        assert "stopped" == (await ends.get()).outcome

    asyncio.run(story())


def test_an_async_function_without_a_loop_of_cells(start):
    """It has one of its own, and so have its clients."""
    kept = []

    @cm.uses("beans", client="async")
    async def f(*, beans):
        kept.append(beans)
        return (await beans.get("/x")).json()["path"]

    started = start(f)
    assert "done" == started.ended().outcome
    assert [("stdout", "'/x'\n")] == started.sink.said
    assert kept[0].is_closed


def test_run_to_end_waits(broker):
    """Sync as it is, async in a loop of its own; clients are closed there."""
    kept = []

    @cm.uses("beans", client="async")
    async def f(path, *, beans):
        kept.append(beans)
        return (await beans.get(path)).json()["path"]

    assert "/y" == run_to_end(f, {"path": "/y"})
    assert kept[0].is_closed
    assert 3 == run_to_end(lambda a: a + 1, {"a": 2})

    async def fails():
        raise LookupError("no")

    with pytest.raises(LookupError, match="no"):
        run_to_end(fails, {})


def test_stopped_is_no_exception():
    """``except Exception`` lets it pass."""
    assert not issubclass(Stopped, Exception)
    assert inspect.isclass(Stopped)
    assert wanted_by(Stopped) is None
