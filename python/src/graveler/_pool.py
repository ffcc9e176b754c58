"""Many experiments at once."""

from __future__ import annotations

import atexit
import ctypes
import threading
import time
import warnings
import weakref
from concurrent.futures import Executor, Future
from ctypes import byref
from functools import partial
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Optional

from . import _values as values
from ._errors import Error, GravelerWarning, InvalidError, error_of
from ._experiment import Plan, devices_of
from ._native import (
    BACKENDS,
    ISAS,
    NOTICE,
    TAKEN,
    THREADS_MAX,
    CDone,
    CError,
    CPoolSpec,
    CTaskSpec,
    Handle,
    lib,
    make,
)
from ._result import Result, take_result
from ._values import Count

#: Of :func:`graveler.run`, what a pool has no place for.
_NOT_OF_TASKS = {
    "backend": "where to play is the pool's: Pool(backend=...)",
    "devices": "where to play is the pool's: Pool(devices=...)",
    "threads": "where to play is the pool's: Pool(threads=...)",
    "isa": "where to play is the pool's: Pool(isa=...)",
    "checkpoint": "experiments of a pool have none: graveler.run(checkpoint=...)",
    "checkpoint_every": "experiments of a pool have none: graveler.run(checkpoint=...)",
    "progress": "a pool's experiments tell when they end: as_completed(futures)",
}


def _plan_of(experiment: Mapping[str, Any]) -> Plan:
    for name, why in _NOT_OF_TASKS.items():
        if name in experiment:
            raise InvalidError(f"{name}: {why}")
    return Plan(**experiment)


class _Task(Future[Result]):
    """A future that lets the pool end its experiment when it is cancelled, also while it plays."""

    def __init__(self, desk: _Desk) -> None:
        super().__init__()
        self._desk = desk
        self.number = 0

    def cancel(self) -> bool:
        cancelled = super().cancel()
        if cancelled:
            self._desk.cancel(self.number)
        return cancelled


class _Desk:
    """A batch of the library's, the futures of its open tasks, and the thread that settles them.

    A thread of Python's own takes what has ended: it costs less care than a callback on the library's
    threads, which Python does not know. The lock is never held while the library waits.
    """

    def __init__(self, pool: Handle) -> None:
        # The batch keeps the pool, which must outlive it.
        self._batch: Optional[Handle] = make(
            lib.grav_batch_create, partial(_destroy_batch, pool), pool.pointer
        )
        # Its lock is reentrant: garbage may be collected, and a pool with it, while it is held.
        self._changed = threading.Condition()
        self._open: Dict[int, _Task] = {}
        self._closing = False
        self._thread: Optional[threading.Thread] = None

    def submit(self, plan: Plan) -> _Task:
        task, number, err = _Task(self), ctypes.c_uint64(), CError()
        spec = CTaskSpec(experiment=plan.experiment.pointer, run=plan.spec)
        with self._changed:
            if self._closing or self._batch is None:
                raise RuntimeError("cannot schedule new futures after shutdown")
            status = lib.grav_batch_submit(self._batch.pointer, byref(spec), byref(number), byref(err))
            if status:
                raise error_of(status, values.text(err.message))
            task.number = number.value
            self._open[number.value] = task
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name="graveler.Pool", daemon=True)
                self._thread.start()
            self._changed.notify_all()
        return task

    def cancel(self, number: int) -> None:
        with self._changed:
            if number in self._open and self._batch is not None:
                lib.grav_batch_cancel(self._batch.pointer, number)

    def cancel_all(self) -> None:
        with self._changed:
            tasks = list(self._open.values())
        for task in tasks:
            task.cancel()

    def close(self) -> None:
        """Takes no more; the thread ends when the last has ended."""
        with self._changed:
            self._closing = True
            if self._thread is None:
                self._batch = None
            self._changed.notify_all()

    def join(self) -> None:
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def _wait_for_work(self) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: bool(self._open) or self._closing)
            return bool(self._open)

    def _serve(self) -> None:
        batch, done = self._batch, CDone()
        assert batch is not None
        while self._wait_for_work():
            # Something is open, and so this returns when the next has ended. The GIL is free.
            if lib.grav_batch_take(batch.pointer, -1.0, byref(done)) == TAKEN:
                with self._changed:
                    task = self._open.pop(done.task, None)
                _settle(task, done)
                del task  # or it, and its result, would live until the next has ended
        # Futures may be kept for long; the pool's threads are not.
        with self._changed:
            self._batch = None


def _destroy_batch(pool: Handle, batch: int) -> None:
    lib.grav_batch_destroy(batch)


def _settle(task: Optional[_Task], done: CDone) -> None:
    """Tells a future how its task has ended, and everyone who waits for it."""
    handle = Handle(done.result, lib.grav_result_destroy) if done.result else None
    # None: an interrupt came between the library's submit and ours.
    if task is None or not task.set_running_or_notify_cancel():
        return
    try:
        if done.error.status:
            task.set_exception(error_of(done.error.status, values.text(done.error.message)))
        elif handle is None:
            task.set_exception(Error("the experiment was stopped before anything was played"))
        else:
            task.set_result(take_result(handle))
    except BaseException as error:  # the result's own failure, or no memory for it
        task.set_exception(error)


_desks: weakref.WeakSet[_Desk] = weakref.WeakSet()


@atexit.register
def _finish() -> None:
    """Like every executor's, what was submitted is done before the program ends."""
    desks = list(_desks)
    for desk in desks:
        desk.close()
    for desk in desks:
        desk.join()


class Pool(Executor):
    """This machine's threads and GPUs, which play many experiments at once.

    It has the interface of ``concurrent.futures.Executor``, but that what is submitted is not a
    function: it is an experiment, by the keywords of :func:`graveler.run`. Small ones play side by
    side, one a thread, large ones are spread over all. Futures have a :class:`Result`, or an
    :class:`Error`, whatever else the pool plays.

    >>> with graveler.Pool(threads=2) as pool:
    ...     futures = [pool.submit(chance=f"1/{n}", sessions=1000, seed=1) for n in (2, 3, 4)]
    ...     [future.result().max_score for future in futures]
    [144, 102, 79]

    ``wait`` and ``as_completed`` of concurrent.futures work. ``cancel()`` of a future does before its
    experiment plays and also, which is more than of other executors, while it does: then the pool
    ends it within a fraction of a second. (So ``running()`` is never true.) A with block that
    an interrupt (Ctrl+C) leaves cancels what is open instead of waiting for it.
    """

    def __init__(
        self,
        threads: Optional[Count] = None,
        *,
        backend: str = "auto",
        devices: Optional[Iterable[int]] = None,
        isa: str = "auto",
    ) -> None:
        """One thread a processor, and all GPUs, unless the arguments, those of run(), say otherwise."""
        spec = CPoolSpec()
        lib.grav_pool_spec_init(byref(spec))
        spec.backend = values.choice("backend", backend, BACKENDS)
        listed, spec.device_count = devices_of(devices)
        if listed is not None:
            spec.devices = ctypes.cast(listed, ctypes.POINTER(ctypes.c_int))
        spec.threads = 0 if threads is None else values.count("threads", threads, 1, THREADS_MAX)
        spec.isa = values.choice("isa", isa, ISAS)
        spec.notice = _on_notice
        pool = make(lib.grav_pool_create, lib.grav_pool_destroy, byref(spec))
        #: Of the CPU, that play.
        self.threads: int = lib.grav_pool_threads(pool.pointer)
        self._desk = _Desk(pool)
        _desks.add(self._desk)
        weakref.finalize(self, self._desk.close).atexit = False

    def submit(self, *not_a_function: Any, **experiment: Any) -> Future[Result]:  # type: ignore[override]
        """Hands an experiment to the pool and returns at once.

        The keywords are those of :func:`graveler.run`, less where to play, which is the pool's, and
        checkpoint and progress. What run() would refuse is refused here (InvalidError); all else is
        the future's own error.
        """
        if not_a_function:
            raise TypeError(
                "a pool plays experiments, not functions: submit(sessions=1e6, chance='1/4', seed=1)"
            )
        return self._desk.submit(_plan_of(experiment))

    def map(  # type: ignore[override]
        self, experiments: Iterable[Mapping[str, Any]], *, timeout: Optional[float] = None
    ) -> Iterator[Result]:
        """Plays experiments, a mapping of keywords each; their results come in the order given.

        All are submitted at once. The first that fails raises its error, and what is open then is
        cancelled, as where the iterator is left early, or timeout seconds have passed (TimeoutError).

        >>> with graveler.Pool(threads=2) as pool:
        ...     sweep = ({"rolls": n, "sessions": 1000, "seed": 1} for n in (10, 20, 30))
        ...     [result.max_score for result in pool.map(sweep)]
        [7, 11, 15]
        """
        end = None if timeout is None else time.monotonic() + timeout
        futures = [self.submit(**experiment) for experiment in experiments]
        return _results(futures, end)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Takes no more experiments; waits for those open, or cancels them."""
        self._desk.close()
        if cancel_futures:
            self._desk.cancel_all()
        if wait:
            self._desk.join()

    def __exit__(self, kind: Any, value: Any, traceback: Any) -> Optional[bool]:
        """Waits for what is open; where an interrupt or the like is the reason, cancels it."""
        self.shutdown(cancel_futures=kind is not None and not issubclass(kind, Exception))
        return None


def _result_or_cancel(future: Future[Result], end: Optional[float]) -> Result:
    try:
        return future.result(None if end is None else end - time.monotonic())
    finally:
        future.cancel()  # which is nothing to one that is done


def _results(futures: List[Future[Result]], end: Optional[float]) -> Iterator[Result]:
    futures.reverse()
    try:
        while futures:
            # Popped first: a result that was handed out is not kept.
            yield _result_or_cancel(futures.pop(), end)
    finally:
        for future in futures:
            future.cancel()


def _warn(message: bytes, data: Any) -> None:
    try:
        warnings.warn(message.decode("utf-8", "replace"), GravelerWarning, stacklevel=2)
    except BaseException:  # warnings as errors: nobody on a thread of the library's could catch it
        pass


_on_notice = NOTICE(_warn)
