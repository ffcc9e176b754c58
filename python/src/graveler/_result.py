"""Results: what was played, and what came out."""

from __future__ import annotations

import ctypes
from ctypes import byref
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Iterable, List, Optional, Tuple, Union

import numpy as np

from . import _values as values
from ._errors import Error, InvalidError, error_of
from ._experiment import Experiment
from ._law import Law
from ._native import (
    DIGEST_SIZE,
    ENGINES,
    KEEPS,
    METHODS,
    CChi2,
    CError,
    CRunSpec,
    CSummary,
    CTiming,
    CWorker,
    Handle,
    check,
    lib,
    make,
    text_of,
)
from ._values import Path

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Timing:
    """Seconds of a run as a whole, of playing, and of GPU kernels at work, all GPUs added up."""

    wall_s: float
    play_s: float
    kernel_s: float
    sessions_per_s: float


@dataclass(frozen=True)
class Worker:
    """Who played: in words, how many sessions, and how many a second (0: not known)."""

    text: str
    sessions: int
    sessions_per_s: float


@dataclass(frozen=True)
class Chi2:
    """Pearson's chi-square against the law, and the chance of a value at least as high."""

    value: float
    dof: int
    p: float


class _Counts:
    """Memory of a result's, for NumPy to look at; it keeps the result."""

    def __init__(self, handle: Handle, address: int, length: int) -> None:
        self._handle = handle
        # Read-only; "data" is not copied.
        self.__array_interface__ = {
            "version": 3,
            "shape": (length,),
            "typestr": np.dtype(np.uint64).str,
            "data": (address, True),
        }


@dataclass(frozen=True, eq=False)
class Result:
    """What a run has played, and what came out.

    Results are equal where their digests are: same experiment, same sessions, same answers. They can
    be pickled, and so travel between processes.

    >>> result = graveler.run(sessions=1e6, seed=42)
    >>> result.max_score, result.max_session, result.digest
    (90, 433921, '5789f6b5a5974463aba2decb88da8057')
    """

    sessions: int
    #: Whether everything that was asked for was played.
    complete: bool
    #: The highest score and the first session that has it; None where nothing was played.
    max_score: Optional[int]
    max_session: Optional[int]
    #: These six follow from the histogram: None without one (``keep="max"``).
    min_score: Optional[int]
    mean: Optional[float]
    #: Of the population.
    sd: Optional[float]
    #: The lowest scores that at least 25, 50 and 75 % of sessions do not exceed.
    quartiles: Optional[Tuple[int, int, int]]
    #: Sessions that reached the target; 0 without a target.
    hits: Optional[int]
    experiment: Experiment
    seed: int
    method: str
    engine: str
    calls_per_roll: int
    keep: str
    until_target: bool
    _handle: Handle = field(repr=False)

    @classmethod
    def _of(cls, handle: Handle) -> Result:
        summary, spec = CSummary(), CRunSpec()
        lib.grav_result_summary(handle.pointer, byref(summary))
        lib.grav_result_spec(handle.pointer, byref(spec))
        played, scored = summary.sessions > 0, summary.sessions > 0 and summary.has_histogram
        return cls(
            sessions=summary.sessions,
            complete=summary.complete,
            max_score=summary.max_score if played else None,
            max_session=summary.max_session if played else None,
            min_score=summary.min_score if scored else None,
            mean=summary.mean if scored else None,
            sd=summary.sd if scored else None,
            quartiles=tuple(summary.quartiles) if scored else None,
            hits=summary.hits if scored else None,
            experiment=Experiment._of(lib.grav_result_experiment(handle.pointer)),
            seed=spec.seed,
            method=METHODS[spec.method],
            engine=ENGINES[spec.engine],
            calls_per_roll=spec.calls_per_roll,
            keep=KEEPS[spec.keep],
            until_target=spec.until_target,
            _handle=handle,
        )

    # ---- The tally -------------------------------------------------------------------------------

    @cached_property
    def histogram(self) -> Optional[NDArray[np.uint64]]:
        """Sessions by score: ``histogram[i]`` of them scored ``scores[i]``; None with ``keep="max"``.

        All scores that the experiment could have, so that results of one experiment line up. It is the
        library's own memory, read-only and not copied, which lives as long as the array does.
        """
        first, length = ctypes.c_uint64(), ctypes.c_size_t()
        address = lib.grav_result_histogram(self._handle.pointer, byref(first), byref(length))
        if not address:
            return None
        return np.asarray(_Counts(self._handle, address, length.value))

    @cached_property
    def scores(self) -> Optional[range]:
        """The scores that ``histogram`` counts, in order; None without one."""
        first, length = ctypes.c_uint64(), ctypes.c_size_t()
        if not lib.grav_result_histogram(self._handle.pointer, byref(first), byref(length)):
            return None
        return range(first.value, first.value + length.value)

    @cached_property
    def ranges(self) -> Tuple[Tuple[int, int], ...]:
        """The sessions played: half-open (first, end) pairs, ascending, neighbours joined."""
        first, end = ctypes.c_uint64(), ctypes.c_uint64()
        found: List[Tuple[int, int]] = []
        while lib.grav_result_range(self._handle.pointer, len(found), byref(first), byref(end)):
            found.append((first.value, end.value))
        return tuple(found)

    @cached_property
    def digest(self) -> str:
        """32 hex digits over experiment, run and tally: equal digests mean equal answers."""
        digest = ctypes.create_string_buffer(DIGEST_SIZE)
        lib.grav_result_digest(self._handle.pointer, digest)
        return digest.value.decode()

    def __eq__(self, other: object) -> bool:
        return self.digest == other.digest if isinstance(other, Result) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.digest)

    # ---- Who played ------------------------------------------------------------------------------

    @cached_property
    def timing(self) -> Timing:
        """How long it took."""
        timing = CTiming()
        lib.grav_result_timing(self._handle.pointer, byref(timing))
        return Timing(timing.wall_s, timing.play_s, timing.kernel_s, timing.sessions_per_s)

    @cached_property
    def workers(self) -> Tuple[Worker, ...]:
        """Who played how much."""
        worker = CWorker()
        found: List[Worker] = []
        while lib.grav_result_worker(self._handle.pointer, len(found), byref(worker)):
            found.append(Worker(values.text(worker.text), worker.sessions, worker.sessions_per_s))
        return tuple(found)

    # ---- The law ---------------------------------------------------------------------------------

    @cached_property
    def law(self) -> Law:
        """The exact law of the experiment. InvalidError: it is beyond the limits (docs/formats.md)."""
        return Law(self.experiment._handle())

    def chi2(self) -> Optional[Chi2]:
        """Pearson's chi-square of the histogram against the law.

        None without a histogram, with too few sessions for two cells, and for engine ``gen3``, whose
        sessions overlap.
        """
        out = CChi2()
        if not lib.grav_result_chi2(self._handle.pointer, self.law._law.pointer, byref(out)):
            return None
        return Chi2(out.value, out.dof, out.p)

    # ---- Files -----------------------------------------------------------------------------------

    def json(self) -> str:
        """The text of a result file, as ``graveler run --json`` writes it."""
        try:
            law = self.law._law.pointer
        except InvalidError:  # beyond its limits
            law = None
        return text_of(lib.grav_result_json, self._handle.pointer, law)

    def save(self, path: Path) -> None:
        """Writes a result file, whole or not at all."""
        err = CError()
        text = self.json().encode()
        check(lib.grav_file_write(values.path_bytes("path", path), text, byref(err)), err)

    @classmethod
    def load(cls, path: Path) -> Result:
        """Reads a result file and checks all of it."""
        raw = values.path_bytes("path", path)
        return cls._of(make(lib.grav_result_load, lib.grav_result_destroy, raw))

    @classmethod
    def parse(cls, text: Union[str, bytes]) -> Result:
        """Reads the text of a result file and checks all of it."""
        raw = text.encode() if isinstance(text, str) else text
        return cls._of(make(lib.grav_result_parse, lib.grav_result_destroy, raw, len(raw)))

    def __reduce__(self) -> Tuple[Any, ...]:
        return _parse, (text_of(lib.grav_result_json, self._handle.pointer, None),)

    # ---- Merging ---------------------------------------------------------------------------------

    def merge(self, other: Result) -> Result:
        """Adds a result of other sessions of the same run; ``a + b`` and ``sum(results)`` do, too.

        >>> halves = [graveler.run(sessions=500, seed=42, first=first) for first in (0, 500)]
        >>> sum(halves) == graveler.run(sessions=1000, seed=42)
        True
        """
        return Result._of(
            make(
                lib.grav_result_merge,
                lib.grav_result_destroy,
                self._handle.pointer,
                other._handle.pointer,
            )
        )

    def __add__(self, other: object) -> Result:
        return self.merge(other) if isinstance(other, Result) else NotImplemented

    def __radd__(self, other: object) -> Result:
        return self if other == 0 and isinstance(other, int) else NotImplemented

    # ---- Plotting --------------------------------------------------------------------------------

    def plot(self, ax: Optional[Axes] = None) -> Axes:
        """Draws the histogram against the law with matplotlib, the record and the target marked."""
        from ._plot import plot

        return plot(self, ax)


def _parse(text: str) -> Result:
    """For pickles: of methods some picklers know less than of functions."""
    return Result.parse(text)


def merge(results: Iterable[Result]) -> Result:
    """Adds results of different sessions of one run.

    >>> parts = [graveler.run(sessions=100, seed=42, first=first) for first in range(0, 1000, 100)]
    >>> graveler.merge(parts).ranges
    ((0, 1000),)
    """
    found = None
    for result in results:
        found = result if found is None else found.merge(result)
    if found is None:
        raise InvalidError("merge wants a result, or several")
    return found


def failure_of(handle: Handle, result: Result) -> Optional[Error]:
    """Why a run ended before all was played, if a worker or its checkpoint failed."""
    failure = lib.grav_result_failure(handle.pointer)
    if not failure:
        return None
    error = error_of(failure.contents.status, values.text(failure.contents.message))
    error.result = result
    return error


def take_result(handle: Handle) -> Result:
    """The result of a run that ended; raises its failure, which has the result."""
    result = Result._of(handle)
    failure = failure_of(handle, result)
    if failure:
        raise failure
    return result
