"""How far a run is: for a function, or as a bar of tqdm's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Optional, Union

from ._errors import InvalidError


@dataclass(frozen=True)
class Progress:
    """What a run tells about ten times a second while it plays."""

    #: To play, and played so far; of them, those that a checkpoint had.
    sessions: int
    played: int
    resumed: int
    elapsed_s: float
    #: The best so far; None before anything was played.
    max_score: Optional[int]
    max_session: Optional[int]


#: Called with how far a run is. Raising :class:`Stop` ends the run in order.
ProgressFunction = Callable[[Progress], object]


def progress_of(raw: Any) -> Progress:
    """The library's structure as ours."""
    return Progress(
        sessions=raw.sessions,
        played=raw.played,
        resumed=raw.resumed,
        elapsed_s=raw.elapsed_s,
        max_score=raw.max_score if raw.any else None,
        max_session=raw.max_session if raw.any else None,
    )


class Bar:
    """A bar of tqdm's, in sessions, with the highest score so far."""

    def __init__(self) -> None:
        try:
            from tqdm.auto import tqdm
        except ImportError:
            raise InvalidError("progress=True draws with tqdm, which is not there: pip install tqdm") from None
        self._tqdm = tqdm
        self._bar: Any = None

    def __call__(self, progress: Progress) -> None:
        if self._bar is None:
            self._bar = self._tqdm(
                total=progress.sessions, initial=progress.resumed, unit="session", unit_scale=True
            )
        if progress.max_score is not None:
            self._bar.set_postfix_str(f"highest {progress.max_score}", refresh=False)
        self._bar.update(progress.played - self._bar.n)

    def close(self, played: Optional[int]) -> None:
        """Ends the bar where the run did."""
        if self._bar is not None:
            if played is not None:
                self._bar.update(played - self._bar.n)
            self._bar.close()


def watcher(progress: Union[bool, ProgressFunction, None]) -> Optional[ProgressFunction]:
    """Who is to be told: a bar, a function or nobody."""
    if progress is True:
        return Bar()
    if not progress:
        return None
    if not callable(progress):
        raise InvalidError(f"progress: {progress!r} is neither True, False nor a function")
    return progress
