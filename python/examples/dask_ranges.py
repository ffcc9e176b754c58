"""A run over all workers of a Dask cluster: each plays ranges, and the tallies are added up as a tree.

    pip install ./python 'dask[distributed]'
    python dask_ranges.py           # on this machine; Client("scheduler:8786"): on a cluster
"""

from __future__ import annotations

import sys
from typing import List

import dask
from dask.distributed import Client

import graveler

SEED = 42


@dask.delayed
def play(first: int, end: int) -> graveler.Result:
    """Results travel between machines: they can be pickled."""
    return graveler.run(first=first, sessions=end - first, seed=SEED)


@dask.delayed
def add(results: List[graveler.Result]) -> graveler.Result:
    return graveler.merge(results)


def main(sessions: int, parts: int) -> graveler.Result:
    ends = [sessions * i // parts for i in range(parts + 1)]
    level = [play(first, end) for first, end in zip(ends, ends[1:])]
    while len(level) > 1:
        level = [add(level[i : i + 4]) for i in range(0, len(level), 4)]
    result: graveler.Result = level[0].compute()
    return result


if __name__ == "__main__":
    count = int(float(sys.argv[1])) if len(sys.argv) > 1 else 10**8
    with Client(processes=True, n_workers=2, threads_per_worker=1, dashboard_address=None):
        whole = main(count, parts=16)
    print(f"{whole.sessions:,} sessions: highest {whole.max_score}, session {whole.max_session:,}")
    print(f"digest {whole.digest}")
