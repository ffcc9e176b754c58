"""A run over all machines of a Ray cluster: each plays a range, and the tallies are added up.

    pip install ./python ray
    python ray_ranges.py            # on this machine; inside a cluster: on all of it
"""

from __future__ import annotations

import sys
from typing import List, Tuple

import ray

import graveler

SEED = 42


def ranges(sessions: int, parts: int) -> List[Tuple[int, int]]:
    """Half-open ranges of sessions whose sizes differ by at most one."""
    ends = [sessions * i // parts for i in range(parts + 1)]
    return list(zip(ends, ends[1:]))


@ray.remote
def play(first: int, end: int) -> graveler.Result:
    """Results travel between machines: they can be pickled."""
    return graveler.run(first=first, sessions=end - first, seed=SEED)


@ray.remote
def add(a: graveler.Result, b: graveler.Result) -> graveler.Result:
    return a + b


def main(sessions: int, parts: int) -> graveler.Result:
    open_ = [play.remote(first, end) for first, end in ranges(sessions, parts)]
    # Two that have ended become one, wherever they are, until one is left.
    while len(open_) > 1:
        (a, b), open_ = ray.wait(open_, num_returns=2)
        open_.append(add.remote(a, b))
    result: graveler.Result = ray.get(open_[0])
    return result


if __name__ == "__main__":
    ray.init(log_to_driver=False)
    count = int(float(sys.argv[1])) if len(sys.argv) > 1 else 10**8
    whole = main(count, parts=16)
    print(f"{whole.sessions:,} sessions: highest {whole.max_score}, session {whole.max_session:,}")
    print(f"digest {whole.digest}")
