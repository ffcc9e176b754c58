"""Playing one experiment."""

from __future__ import annotations

import signal
import threading
import warnings
from ctypes import byref, c_void_p
from typing import Any, Iterable, List, Optional, Union

from ._errors import GravelerWarning, Interrupted, Stop
from ._experiment import Plan
from ._native import NOTICE, PROGRESS, CError, Handle, check, lib
from ._progress import Bar, ProgressFunction, progress_of, watcher
from ._result import Result, take_result
from ._values import Chance, Count, Die, Duration, Path


class _Interrupts:
    """Ctrl+C, noted and not raised while the library plays.

    An exception that Python raises in a callback, whose caller is C, would be lost. Only Python's own
    handler is stood in for, and only in the thread that it may be changed in.
    """

    def __init__(self) -> None:
        self.seen = False
        self._before: Any = None

    def __enter__(self) -> _Interrupts:
        ours = threading.current_thread() is threading.main_thread()
        if ours and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            self._before = signal.signal(signal.SIGINT, self._note)
        return self

    def _note(self, number: int, frame: Any) -> None:
        self.seen = True

    def __exit__(self, *raised: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)


class _View:
    """What a run tells while it plays, and whether it is to stop."""

    def __init__(self, tell: Optional[ProgressFunction], interrupts: _Interrupts) -> None:
        self._tell = tell
        self._interrupts = interrupts
        self.raised: Optional[BaseException] = None
        self.notices: List[str] = []
        # The library holds their addresses: they must live as long as it plays.
        self.progress = PROGRESS(self._on_progress)
        self.notice = NOTICE(self._on_notice)

    def _on_progress(self, progress: Any, data: Any) -> bool:
        try:
            if self._tell and not self.raised:
                self._tell(progress_of(progress.contents))
        except BaseException as error:  # C cannot pass it on: it is raised when the run has stopped
            self.raised = error
        return self._interrupts.seen or self.raised is not None

    def _on_notice(self, message: bytes, data: Any) -> None:
        self.notices.append(message.decode("utf-8", "replace"))


def _play(plan: Plan, view: _View) -> Optional[Handle]:
    """Plays; the GIL is free meanwhile."""
    plan.spec.progress = view.progress
    plan.spec.notice = view.notice
    out, err = c_void_p(), CError()
    status = lib.grav_run(plan.experiment.pointer, byref(plan.spec), byref(out), byref(err))
    for message in view.notices:
        warnings.warn(message, GravelerWarning, stacklevel=3)
    check(status, err)
    return Handle(out.value, lib.grav_result_destroy) if out.value else None


def run(
    *,
    sessions: Optional[Count] = None,
    rolls: Optional[Count] = None,
    chance: Optional[Chance] = None,
    die: Optional[Die] = None,
    statistic: Optional[str] = None,
    target: Optional[Count] = None,
    preset: Optional[str] = None,
    seed: Optional[Count] = None,
    first: Count = 0,
    method: str = "rolls",
    engine: str = "philox",
    calls_per_roll: Count = 1,
    keep: Optional[str] = None,
    until_target: bool = False,
    backend: str = "auto",
    devices: Optional[Iterable[int]] = None,
    threads: Optional[Count] = None,
    isa: str = "auto",
    checkpoint: Optional[Path] = None,
    checkpoint_every: Optional[Duration] = None,
    max_time: Optional[Duration] = None,
    double_check: bool = False,
    progress: Union[bool, ProgressFunction] = False,
) -> Result:
    """Plays sessions and tells how they scored.

    With no arguments it is the founding job: a billion sessions of 231 rolls at chance 1/4.

    >>> result = graveler.run(rolls=20, chance="30%", target=12, sessions=1e6, seed=7)
    >>> result.max_score, result.hits
    (16, 5148)
    >>> graveler.run(rolls=10, die=range(1, 7), sessions=1e5, seed=7).mean
    35.00986

    What to play
        sessions: how many; ``1e9``, ``"2^30"`` and, with engine gen3, ``"all"`` are numbers, too.
        rolls: rolls per session.
        chance: that a roll scores; text, a fraction, a decimal, a float as it is printed. Exact.
        die: instead of the chance, the faces of any die: ``"1..6"``, ``[1, 2, 3]``, ``{1: "1/3", 0: "2/3"}``.
        statistic: ``"sum"``, or ``"streak"``: the longest run of rolls that score.
        target: the score asked about.
        preset: a known question (:func:`presets`), which the others change.
        seed: of the sessions; drawn where it is None. first: index of the first session.
        method: ``"rolls"``, or ``"scores"``: one draw a session from the exact law.
        engine: ``"philox"``, ``"philox7"``, ``"fast"`` or ``"gen3"``; calls_per_roll is gen3's.
        keep: ``"histogram"``, or ``"max"``: the highest score alone.
        until_target: ends at the first session, by index, that reaches the target.
    Where to play
        backend: ``"auto"``, ``"cpu"``, ``"cuda"`` or ``"all"``; devices: GPUs by index.
        threads: of the CPU; isa: ``"auto"``, ``"portable"``, ``"avx2"`` or ``"avx512"``.
    How
        checkpoint: a file to write what was played to, every checkpoint_every (30 s), and to go on
        from if it is there. max_time: the run ends in order after so long. double_check: every
        session is played twice. Times are seconds, ``"10m"`` or a timedelta.
        progress: True draws a bar (tqdm); a function is called with a :class:`Progress` about ten times
        a second, and may raise :class:`Stop` to end the run in order.

    A run that was stopped, or ended by max_time, has a result that is not ``complete``. Ctrl+C raises
    :class:`Interrupted`, a KeyboardInterrupt, whose ``result`` has what was played; so does every
    :class:`Error` of a run that failed on its way. (Ctrl+C reaches the main thread alone, in Python.)
    Other threads go on meanwhile: the GIL is free.
    """
    plan = Plan(
        preset=preset,
        rolls=rolls,
        chance=chance,
        die=die,
        statistic=statistic,
        target=target,
        sessions=sessions,
        first=first,
        seed=seed,
        method=method,
        engine=engine,
        calls_per_roll=calls_per_roll,
        keep=keep,
        until_target=until_target,
        max_time=max_time,
        double_check=double_check,
        checkpoint=checkpoint,
        checkpoint_every=checkpoint_every,
    )
    plan.place(backend, devices, threads, isa)
    tell = watcher(progress)
    result: Optional[Result] = None
    with _Interrupts() as interrupts:
        view = _View(tell, interrupts)
        try:
            handle = _play(plan, view)
            result = take_result(handle) if handle else None
        finally:
            if isinstance(tell, Bar):
                tell.close(result.sessions if result else None)
    if interrupts.seen:
        raise Interrupted(result)
    if view.raised is not None and not isinstance(view.raised, Stop):
        raise view.raised
    assert result is not None
    return result
