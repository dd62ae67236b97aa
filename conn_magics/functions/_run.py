"""One run of a function behind a button: beside the cells, and it can be stopped."""

import asyncio
import contextvars
import inspect
import threading
import time
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Literal

from .._surroundings import running_shell
from ._capturing import Sink, captured
from ._lending import Lender, Stopped
from ._uses import LENDER

Outcome = Literal["done", "failed", "stopped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a run ended.

    Attributes:
        outcome: How.
        seconds: How long it took.
        error: What went wrong.
    """

    outcome: Outcome
    seconds: float
    error: Exception | None = None


class Run:
    """One run.

    An async function is a task of the kernel's loop, as in a cell; stopping cancels it
    at its next ``await``. Any other runs in a thread with clients of its own; stopping
    ends the request that it waits for, and refuses the next one and the next line of
    output. What only computes goes on until it does one of these.

    Args:
        call: The function, with its parameters.
        sink: Gets what it prints, displays and returns.
        on_end: Called once, in the thread that it ran in.
        clock: Seconds that only grow.
    """

    def __init__(
        self,
        call: Callable[[], Any],
        *,
        sink: Sink,
        on_end: Callable[[Ended], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._call = call
        self._sink = sink
        self._on_end = on_end
        self._clock = clock
        self._began = clock()
        self._lender = Lender(LENDER.get())
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None

    def start_in(self, loop: asyncio.AbstractEventLoop) -> None:
        """Run as a task of a loop, as soon as that has time."""
        self._loop = loop
        loop.call_soon_threadsafe(self._become_task)

    def start_in_thread(self) -> None:
        """Run in a thread of its own."""
        # What the shell knows of the request that began it goes along.
        context = contextvars.copy_context()
        threading.Thread(
            target=context.run,
            args=(self._as_thread,),
            name="conn-magics-function",
            daemon=True,
        ).start()

    def stop(self) -> None:
        """Ask the run to end; ``on_end`` says when it has."""
        self._lender.stop()
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._cancel_task)

    def _become_task(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._as_task())
        # A task that is cancelled before it begins never runs, and ends all the same.
        self._task.add_done_callback(self._task_ended)
        if self._lender.is_stopped:
            self._task.cancel()

    def _cancel_task(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _as_task(self) -> None:
        try:
            with captured(self._sink):
                show_result(await self._call(), self._sink)
        except (KeyboardInterrupt, SystemExit) as error:
            raise _no_exit(error) from None  # the loop of the cells would end with it

    def _task_ended(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if task.cancelled() or isinstance(error, Stopped):
            self._end("stopped")
        elif isinstance(error, Exception):
            self._failed(error)
        else:
            self._end("done")

    def _as_thread(self) -> None:
        LENDER.set(self._lender)
        try:
            with captured(_Gate(self._sink, self._lender)):
                value = self._call()
                if inspect.iscoroutine(value):  # and there is no loop of cells
                    value = asyncio.run(_awaited(value, self._lender))
                show_result(value, self._sink)
        except Stopped:
            self._end("stopped")
        except Exception as error:  # noqa: BLE001 - whatever it is, it is shown
            self._failed(error)
        except BaseException as error:  # noqa: BLE001 - exit() in a body ends the run only
            self._failed(_no_exit(error))
        else:
            self._end("done")
        finally:
            self._lender.end()

    def _failed(self, error: Exception) -> None:
        """A call that was ended fails in whatever way its library chooses."""
        if self._lender.is_stopped:
            self._end("stopped")
        else:
            self._end("failed", error)

    def _end(self, outcome: Outcome, error: Exception | None = None) -> None:
        seconds = self._clock() - self._began
        self._on_end(Ended(outcome=outcome, seconds=seconds, error=error))


def _no_exit(error: BaseException) -> RuntimeError:
    return RuntimeError(f"it ended with {type(error).__name__}")


def show_result(value: Any, sink: Sink) -> None:
    """Show what a function returned, as a cell shows its last value."""
    if value is None:
        return
    shell = running_shell()
    if shell is None:
        sink.write(f"{value!r}\n", stream="stdout")
        return
    data, metadata = shell.display_formatter.format(value)
    if data:  # some objects display themselves
        sink.show(data, metadata)


def run_to_end(function: Callable[..., Any], values: Mapping[str, Any]) -> Any:
    """Call a function; an async one to its end, where nobody can await it.

    Args:
        function: The function.
        values: Its parameters.

    Raises:
        BaseException: Whatever it raises.
    """
    if not inspect.iscoroutinefunction(function):
        return function(**values)
    answer: Future[Any] = Future()
    lender = Lender(LENDER.get())

    def work() -> None:
        LENDER.set(lender)
        try:
            answer.set_result(asyncio.run(_awaited(function(**values), lender)))
        except BaseException as error:  # noqa: BLE001 - it is raised where one waits
            answer.set_exception(error)

    # A thread has no loop yet; the kernel's runs already.
    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(work,), daemon=True).start()
    return answer.result()


async def _awaited(value: Coroutine[Any, Any, Any], lender: Lender) -> Any:
    """Await something, and close its clients in the loop they were used in."""
    try:
        return await value
    finally:
        await lender.end_async()


class _Gate:
    """A sink that ends a stopped run where it prints."""

    def __init__(self, sink: Sink, lender: Lender) -> None:
        self._sink = sink
        self._lender = lender

    def write(self, text: str, *, stream: str) -> None:
        self._lender.check()
        self._sink.write(text, stream=stream)

    def show(self, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> None:
        self._lender.check()
        self._sink.show(data, metadata)

    def clear(self) -> None:
        self._lender.check()
        self._sink.clear()
