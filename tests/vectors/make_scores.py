#!/usr/bin/env python3
"""Known sessions of method `scores`: writes scores.txt next to this script, in plain Python, from the
text of the session format, version 1, alone.

    make_scores.py            write scores.txt
    make_scores.py --check    fail if scores.txt is not what would be written
"""

import sys
from math import comb
from pathlib import Path

from make_sessions import MASK32, ROUNDS, parse_chance, philox

ROLLS = [1, 2, 3, 20, 231, 1000]
CHANCES = ["0", "1", "1/2", "1/4", "1/3", "0.3", "1e-6", "1/18446744073709551616", "999999/1000000"]
SEEDS = [0, 42, 2**32 - 1, 2**32, 0xFEDCBA9876543210, 2**64 - 1]
# Around each change of a word's place, of a block, and of the high half of the block's index.
SESSIONS = [0, 1, 2, 3, 4, 7, 2**32 - 1, 2**32, 2**34 - 1, 2**34, 2**34 + 3, 2**62, 2**63 - 4, 2**63 - 1]
THRESHOLDS = {}


def draw(engine, seed, session):
    """The session's words: high and low."""
    g, i = session // 4, session % 4
    key = (seed & MASK32, seed >> 32)
    words = [philox(ROUNDS[engine], (b, 0, g & MASK32, g >> 32), key)[i] for b in (0, 1)]
    return words[0], words[1]


def thresholds(rolls, chance):
    """floor(2^64 * P(score <= v)) for every v."""
    if (rolls, chance) not in THRESHOLDS:
        p = parse_chance(chance)
        a, m = p.numerator, p.denominator
        below, out = 0, []
        for v in range(rolls + 1):
            below += comb(rolls, v) * a**v * (m - a) ** (rolls - v)
            out.append(2**64 * below // m**rolls)
        THRESHOLDS[rolls, chance] = out
    return THRESHOLDS[rolls, chance]


def score(engine, seed, session, rolls, chance):
    high, low = draw(engine, seed, session)
    u = high * 2**32 + low
    return next(v for v, t in enumerate(thresholds(rolls, chance)) if u < t)


HEADER = """\
# Known sessions of the session format, version 1: method `scores`, statistic `sum`.
#
# Written by make_scores.py, a plain Python reading of the format with exact integers. Do not edit:
# change the script and run it again. Columns:
#
#   engine   philox or philox7
#   seed     in hexadecimal
#   session  index of the session
#   rolls    rolls per session
#   chance   chance that a roll scores, as a user writes it
#   score    the session's score
#   high     its high word, in hexadecimal
#   low      its low word, in hexadecimal
"""


def line(engine, seed, session, rolls, chance):
    high, low = draw(engine, seed, session)
    found = score(engine, seed, session, rolls, chance)
    return f"{engine} {seed:#x} {session} {rolls} {chance} {found} {high:#x} {low:#x}"


def contents():
    out = [HEADER, "# The best of 0 to 2999 under seed 42."]
    best = max(range(3000), key=lambda s: (score("philox", 42, s, 231, "1/4"), -s))
    assert best == 1972 and score("philox", 42, best, 231, "1/4") == 81
    out.append(line("philox", 42, best, 231, "1/4"))

    out.append("\n# One roll, of a chance whose threshold is the session's own draw, and one more or less.")
    for engine in ROUNDS:
        for session in (5, 2**34 - 2, 2**63 - 3):
            high, low = draw(engine, 42, session)
            for threshold in (high * 2**32 + low + d for d in (-1, 0, 1)):
                out.append(line(engine, 42, session, 1, f"{2**64 - threshold}/{2**64}"))

    out.append("\n# Every number of rolls with every chance and every engine.")
    n = 0
    for rolls in ROLLS:
        for chance in CHANCES:
            for engine in ROUNDS:
                out.append(line(engine, SEEDS[n % 6], SESSIONS[n % 14], rolls, chance))
                n += 1

    out.append("\n# Every place in the index.")
    for engine in ROUNDS:
        for session in SESSIONS:
            out.append(line(engine, 42, session, 231, "1/4"))
    return "\n".join(out) + "\n"


def main():
    path = Path(__file__).with_name("scores.txt")
    if sys.argv[1:] == ["--check"]:
        sys.exit(0 if path.read_text() == contents() else f"{path} is not what would be written")
    path.write_text(contents())


if __name__ == "__main__":
    main()
