#!/usr/bin/env python3
"""GravelerPy's method: each session is one draw from the binomial law by SciPy.

For every line "COUNT SEED" on standard input it plays COUNT sessions of 231 rolls at chance 1/4 and
prints "SECONDS BEST": how long that took and the highest score. Says "ready" first.
"""
import sys
import time

import numpy
import scipy.stats

CHUNK = 1_000_000

print("ready", flush=True)
for line in sys.stdin:
    left, seed = (int(word) for word in line.split())
    random = numpy.random.default_rng(seed)
    best = 0
    start = time.perf_counter()
    while left:
        now = min(left, CHUNK)
        best = max(best, int(scipy.stats.binom.rvs(231, 0.25, size=now, random_state=random).max()))
        left -= now
    print(time.perf_counter() - start, best, flush=True)
