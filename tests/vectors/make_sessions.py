#!/usr/bin/env python3
"""Known sessions: writes sessions.txt, dice.txt and fast.txt, from the text of the session format,
version 1, alone.

    make_sessions.py            write them next to this script (plain Python)
    make_sessions.py --check    fail if one is not what would be written
    make_sessions.py --search   look again for the rare sessions pinned below (needs numpy)

The scorer here shares no code with the library, nor with tests/reference.cpp.
"""

import sys
from fractions import Fraction
from pathlib import Path

ROUNDS = {"philox": 10, "philox7": 7}
MASK32 = 0xFFFFFFFF

FOUNDING_ROLLS = 231
FOUNDING_CHANCE = "1/4"
RARE_SEED = 42

# Sessions of the founding job under RARE_SEED, by engine. "rare": the first ones, by index, where
# plane 0 leaves more than 153 rolls undecided, so that plane 1 ends after word 11. "near": the
# first one where it leaves exactly 153, so that plane 1 ends with the last bit of word 11.
# --search finds them again.
# "few", for `fast`: the first ones that leave fewer than 89, so that plane 1 ends before word 10
# does, which the library plays apart.
PINNED = {
    "philox": {
        "rare": [4147098, 5291532, 7576532, 10829428, 13391643, 24009210],
        "near": 458955,
    },
    "philox7": {"rare": [4029974, 11125930], "near": 153001},
    "fast": {
        "rare": [1189804, 5609957, 10540957, 27157097],
        "near": 3202218,
        "few": [80, 1425, 5058, 6040],
    },
}

ROLLS = [1, 2, 31, 32, 33, 63, 64, 65, 127, 128, 129, 231, 255, 256, 257, 1000]
CHANCES = [
    "0",
    "1",
    "1/2",
    "1/4",
    "3/4",
    "1/3",
    "1e-6",
    "1/18446744073709551616",
    "1/18446744073709551615",
    "18446744073709551615/18446744073709551616",
    "3/18446744073709551616",
]
SEEDS = [
    0,
    1,
    42,
    2**31 - 1,
    2**31,
    2**32 - 1,
    2**32,
    0x123456789ABCDEF,
    2**63 - 1,
    2**63,
    0xFEDCBA9876543210,
    2**64 - 2**32,
    2**64 - 1,
]
SESSIONS = [
    0,
    1,
    2,
    413,
    2**31 - 1,
    2**31,
    2**32 - 1,
    2**32,
    2**32 + 1,
    10**12 + 1,
    2**40 - 1,
    2**62,
    2**63 - 2**32,
    2**63 - 2**32 - 1,
    2**63 - 2,
    2**63 - 1,
    10**9 - 1,
]


# ---------------------------------------------------------------- the authority: plain Python


def philox(rounds, counter, key):
    """One block of Philox4x32 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3")."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(rounds):
        p0 = 0xD2511F53 * c0
        p1 = 0xCD9E8D57 * c2
        c0, c1, c2, c3 = (p1 >> 32) ^ c1 ^ k0, p1 & MASK32, (p0 >> 32) ^ c3 ^ k1, p0 & MASK32
        k0 = (k0 + 0x9E3779B9) & MASK32
        k1 = (k1 + 0xBB67AE85) & MASK32
    return c0, c1, c2, c3


def fast_head(seed, session):
    """Words 0 to 11 of a session of engine `fast`."""
    block, stream, t = session // 4096, session % 32, session % 4096 // 32
    counter = (block & MASK32, MASK32, stream, block >> 32)
    w = philox(10, counter, (seed & MASK32, seed >> 32))
    x = list(w[:3])  # x[i] is the text's x[i - 3]
    c = w[3] // 2 | 1
    # The generator divides by 2^32, modulo a 2^96 - 1: another way to the same words.
    modulus = 0xCFDBC53D * 2**96 - 1
    state = x[0] + (x[1] << 32) + (x[2] << 64) + (c << 96)
    for n in range(12 * t + 12):
        c, word = divmod(0xCFDBC53D * x[n] + c, 2**32)
        x.append(word)
        if n >= 12 * t:
            assert word == state * pow(2**32, -n - 3, modulus) % modulus % 2**32
    return x[12 * t + 3 :]


class Bits:
    """The bits of one session. Remembers how many words have been read."""

    def __init__(self, engine, seed, session):
        self.rounds = ROUNDS["philox" if engine == "fast" else engine]
        self.key = (seed & MASK32, seed >> 32)
        self.session = (session & MASK32, session >> 32)
        self.head = fast_head(seed, session) if engine == "fast" else []
        self.blocks = {}
        self.words = 0

    def word(self, j):
        if j < len(self.head):
            return self.head[j]
        b = j // 4
        if b not in self.blocks:
            counter = (b & MASK32, b >> 32) + self.session
            self.blocks[b] = philox(self.rounds, counter, self.key)
        return self.blocks[b][j % 4]

    def __getitem__(self, i):
        self.words = max(self.words, i // 32 + 1)
        return self.word(i // 32) // 2 ** (i % 32) % 2


def parse_chance(text):
    """A chance as an exact fraction: `1/4`, `0.25`, `25%`, `1e-6`."""
    if text.endswith("%"):
        return Fraction(text[:-1]) / 100
    return Fraction(text)


def play(engine, seed, session, rolls, chance):
    """The score and the number of words used, by method `rolls` and statistic `sum`."""
    p = parse_chance(chance)
    if p == 1:
        return rolls, 0
    floor = p * 2**64 // 1
    assert 0 <= p < 1 and (p == 0 or floor > 0)
    digits = [int(d) for d in format(floor, "064b")]  # digits[r - 1] is d_r

    bits = Bits(engine, seed, session)
    states = ["undecided"] * rolls
    r = 1
    while "undecided" in states and any(digits[r - 1 :]):
        plane_start = (r - 1) * rolls
        i = 0
        for roll in range(rolls):
            if states[roll] != "undecided":
                continue
            bit = bits[plane_start + i]
            i += 1
            if bit != digits[r - 1]:
                states[roll] = "scores" if bit == 0 else "does not"
        r += 1
    return states.count("scores"), bits.words


def parse_die(text):
    """A list of faces as (value, weight) pairs: VALUE, VALUExWEIGHT or LOW..HIGH[xWEIGHT]."""
    faces = []
    for item in text.split(","):
        values, _, weight = item.partition("x")
        low, _, high = values.partition("..")
        for value in range(int(low), int(high or low) + 1):
            faces.append((value, Fraction(weight or 1)))
    return faces


def play_die(engine, seed, session, rolls, die, statistic):
    """The score and the number of words used, by method `rolls`: roll by roll and face by face."""
    faces = parse_die(die)
    assert statistic == "sum" or len(faces) == 2
    bits = Bits(engine, seed, session)
    taken = [None] * rolls
    for f in range(len(faces) - 1):
        rest = sum(weight for _, weight in faces[f:])
        if rest == 0:
            break  # some face before took all rolls
        p = faces[f][1] / rest
        if p == 1:
            taken = [f if t is None else t for t in taken]
            break
        floor = p * 2**64 // 1
        assert 0 <= p < 1 and (p == 0 or floor > 0)
        digits = [int(d) for d in format(floor, "064b")]
        undecided = [roll for roll in range(rolls) if taken[roll] is None]
        r = 1
        while undecided and any(digits[r - 1 :]):
            plane_start = (64 * f + r - 1) * rolls
            left = []
            for i, roll in enumerate(undecided):
                bit = bits[plane_start + (roll if statistic == "streak" else i)]
                if bit == digits[r - 1]:
                    left.append(roll)
                elif bit == 0:
                    taken[roll] = f
            undecided = left
            r += 1
    taken = [len(faces) - 1 if t is None else t for t in taken]
    if statistic == "sum":
        return sum(faces[t][0] for t in taken), bits.words
    runs = "".join("+" if t == 0 else " " for t in taken).split()
    return max(map(len, runs), default=0), bits.words


# ------------------------------------------------------------------- the search, with numpy


def numpy_philox(rounds, counter, seed):
    """philox() of arrays of counters."""
    import numpy as np

    m32 = np.uint64(MASK32)
    c0, c1, c2, c3 = counter
    k0, k1 = seed & MASK32, seed >> 32
    for _ in range(rounds):
        p0 = c0 * np.uint64(0xD2511F53)
        p1 = c2 * np.uint64(0xCD9E8D57)
        c0 = (p1 >> np.uint64(32)) ^ c1 ^ np.uint64(k0)
        c1 = p1 & m32
        c2 = (p0 >> np.uint64(32)) ^ c3 ^ np.uint64(k1)
        c3 = p0 & m32
        k0, k1 = (k0 + 0x9E3779B9) & MASK32, (k1 + 0xBB67AE85) & MASK32
    return c0, c1, c2, c3


def numpy_words(engine, seed, first, count):
    """Words 0 to 7 of a range of sessions; that of `fast` begins and ends with a block."""
    import numpy as np

    s = np.arange(first, first + count, dtype=np.uint64)
    m32, shift = np.uint64(MASK32), np.uint64(32)
    if engine != "fast":
        for block in range(2):
            counter = (np.full_like(s, block), np.zeros_like(s), s & m32, s >> shift)
            yield from numpy_philox(ROUNDS[engine], counter, seed)
        return
    # One row a block, one column a stream.
    blocks = np.arange(first // 4096, (first + count) // 4096, dtype=np.uint64)
    block, stream = np.meshgrid(blocks, np.arange(32, dtype=np.uint64), indexing="ij")
    counter = (block & m32, np.full_like(block, MASK32), stream, block >> shift)
    *x, c = numpy_philox(10, counter, seed)
    c = c >> np.uint64(1) | np.uint64(1)
    out = np.empty((8, len(blocks), 128, 32), dtype=np.uint64)
    for t in range(128):
        for j in range(12):
            total = x[0] * np.uint64(0xCFDBC53D) + c
            x, c = [x[1], x[2], total & m32], total >> shift
            if j < 8:
                out[j, :, t, :] = x[2]
    yield from out.reshape(8, count)


def undecided_after_plane_0(engine, seed, first, count):
    """How many rolls plane 0 of the founding job leaves undecided, for a range of sessions."""
    import numpy as np

    ones = np.array([bin(x).count("1") for x in range(1 << 16)], dtype=np.uint16)
    left = np.full(count, FOUNDING_ROLLS, dtype=np.uint16)
    for j, word in enumerate(numpy_words(engine, seed, first, count)):
        in_plane_0 = min(32, FOUNDING_ROLLS - 32 * j)  # word 7 holds 7 bits of plane 0
        word = word & np.uint64(2**in_plane_0 - 1)
        # d1 of 1/4 is 0: a bit 1 decides, a bit 0 leaves the roll undecided.
        left -= ones[word & np.uint64(0xFFFF)] + ones[word >> np.uint64(16)]
    return left


def search():
    """Looks for the pinned sessions from session 0 upward. True if they are the pinned ones."""
    same = True
    step = 1 << 18
    for engine, wanted in (("philox", 6), ("philox7", 2), ("fast", 4)):
        rare, few, near = [], [], None
        first = 0
        while len(rare) < wanted or near is None:
            left = undecided_after_plane_0(engine, RARE_SEED, first, step)
            rare += [first + int(i) for i in (left > 153).nonzero()[0]]
            if len(few) < 4:
                few += [first + int(i) for i in (left < 89).nonzero()[0]]
            exactly = (left == 153).nonzero()[0]
            if near is None and len(exactly):
                near = first + int(exactly[0])
            first += step
        found = {"rare": rare[:wanted], "near": near}
        if engine == "fast":
            found["few"] = few[:4]
        print(f'    "{engine}": {found},  # of the first {first} sessions')
        same = same and found == PINNED[engine]
    return same


# ------------------------------------------------------------------------------- the file


HEADER = """\
# Known sessions of the session format, version 1: method `rolls`, statistic `sum`.
#
# Written by make_sessions.py, a plain Python reading of the format, which takes every roll bit by
# bit. Do not edit: change the script and run it again. Columns:
#
#   engine   philox, philox7 or fast
#   seed     in hexadecimal
#   session  index of the session
#   rolls    rolls per session
#   chance   chance that a roll scores, as a user writes it
#   score    rolls that scored
#   words    1 + index of the last word of which the format reads a bit, 0 if it reads none
"""


DICE_HEADER = """\
# Known sessions of dice and streaks, session format, version 1: method `rolls`.
#
# Written by make_sessions.py, a plain Python reading of the format, which takes every roll bit by
# bit. Do not edit: change the script and run it again. Columns:
#
#   engine     philox, philox7 or fast
#   seed       in hexadecimal
#   session    index of the session
#   rolls      rolls per session
#   die        faces, VALUE, VALUExWEIGHT or LOW..HIGH[xWEIGHT]
#   statistic  sum or streak
#   score      of the session
#   words      1 + index of the last word of which the format reads a bit, 0 if it reads none
"""

# What dice may be: even and not, with faces that are never rolled or always, values up to the last.
DICE = [
    (10, "1..6"),
    (10, "6,5,4,3,2,1"),
    (1, "1..6"),
    (231, "1x1,0x3"),
    (231, "0x3,1x1"),
    (231, "2x1,1x3"),
    (64, "0..10"),
    (65, "0..10"),
    (32, "0x0,1x0,5x1/3,7x2/3,9x0"),
    (100, "3x1,2x0,1x5,9x0.25"),
    (100, "5x1e-6,4x1/9223372036854775808,3x0.5,2x0.25"),
    (17, "8x0,4x0,2x7,1x0"),
    (129, "4x7,9x0"),
    (2, "0,2147483647"),
    (2, "2147483647x99,2147483646,2147483645"),
    (1000, "1x1/4,4294967x3/4"),
    (20, "0..255"),
    (3, "255x1000000000,0..254"),
    (33, "7x18446744073709551615,6x1,5x1"),
    (257, "1x0.3,1x0.3,0x0.4"),
]

STREAK_ROLLS = [1, 2, 31, 32, 64, 65, 231, 255, 256, 257, 512, 1000]
STREAK_CHANCES = ["1/2", "1/4", "2/3", "0.99", "0.9999999", "0", "1", "1/18446744073709551616"]


FAST_HEADER = """\
# Words of engine `fast`, session format, version 1. Written by make_sessions.py. Do not edit: change
# the script and run it again. Columns:
#
#   seed     in hexadecimal
#   session  index of the session
#   words    0 to 12, in hexadecimal
"""

# At the edges of steps, blocks and halves of the block's number.
FAST_SESSIONS = [
    0,
    1,
    31,
    32,
    63,
    413,
    4064,
    4095,
    4096,
    4127,
    2**32 - 1,
    2**32,
    2**32 + 1,
    2**44 - 1,
    2**44,
    2**44 + 12345,
    2**62,
    2**63 - 4096,
    2**63 - 1,
]


def line(engine, seed, session, rolls, chance):
    score, words = play(engine, seed, session, rolls, chance)
    return f"{engine} {seed:#x} {session} {rolls} {chance} {score} {words}"


def contents():
    founding = (FOUNDING_ROLLS, FOUNDING_CHANCE)
    out = [HEADER]

    out.append("# Two sessions to start from: the best of 0 to 2999 under seed 42, and a far one.")
    best = max(range(3000), key=lambda s: (play("philox", 42, s, *founding)[0], -s))
    assert best == 413 and play("philox", 42, best, *founding)[0] == 81
    assert play("philox", 0xFEDCBA9876543210, 10**12 + 1, *founding)[0] == 67
    out.append(line("philox", 42, best, *founding))
    out.append(line("philox", 0xFEDCBA9876543210, 10**12 + 1, *founding))

    out.append("\n# Rare sessions of the founding job: plane 0 leaves more than 153 undecided,")
    out.append("# so plane 1 goes on after word 11. The first of the seed, by index.")
    for engine, pinned in PINNED.items():
        for session in pinned["rare"]:
            assert play(engine, RARE_SEED, session, *founding)[1] > 12
            out.append(line(engine, RARE_SEED, session, *founding))

    out.append("\n# Not quite: plane 0 leaves exactly 153, and plane 1 ends with word 11.")
    for engine, pinned in PINNED.items():
        assert play(engine, RARE_SEED, pinned["near"], *founding)[1] == 12
        out.append(line(engine, RARE_SEED, pinned["near"], *founding))

    out.append("\n# One chance, written in several ways.")
    for chance in ("1/4", "2/8", "0.25", "25%", "2.5e-1"):
        out.append(line("philox", 42, 413, *founding[:1], chance))

    out.append("\n# Every number of rolls with every chance and every engine.")
    n = 0
    for rolls in ROLLS:
        for chance in CHANCES:
            for engine in ROUNDS:
                seed = SEEDS[n % len(SEEDS)]
                session = SESSIONS[n % len(SESSIONS)]
                out.append(line(engine, seed, session, rolls, chance))
                n += 1

    out.append("\n# Engine `fast`: plane 0 of the founding job leaves fewer than 89 undecided.")
    for session in PINNED["fast"]["few"]:
        assert play("fast", RARE_SEED, session, *founding)[1] < 11
        out.append(line("fast", RARE_SEED, session, *founding))

    out.append("\n# Engine `fast`: every place in a block and in the index.")
    jobs = [founding, (1, "1/2"), (100, "1/3"), (192, "1/2"), (200, "3/4"), (1000, "1e-6"), (1000, "1/3")]
    seeds = [seed for seed in SEEDS if seed != 42]
    for n, session in enumerate(FAST_SESSIONS):
        out.append(line("fast", seeds[n % len(seeds)], session, *founding))
        for rolls, chance in jobs:
            out.append(line("fast", 42, session, rolls, chance))

    out.append("\n# Engine `fast`: every number of rolls with every chance.")
    n = 0
    for rolls in ROLLS:
        for chance in CHANCES:
            out.append(line("fast", SEEDS[n % len(SEEDS)], SESSIONS[n % len(SESSIONS)], rolls, chance))
            n += 1
    return "\n".join(out) + "\n"


def fast_contents():
    out = [FAST_HEADER]
    for seed in (42, 0, 0xFEDCBA9876543210, 2**64 - 1):
        for session in FAST_SESSIONS:
            bits = Bits("fast", seed, session)
            out.append(" ".join([f"{seed:#x} {session}", *(f"{bits.word(j):#010x}" for j in range(13))]))
    return "\n".join(out) + "\n"


def dice_line(engine, seed, session, rolls, die, statistic):
    score, words = play_die(engine, seed, session, rolls, die, statistic)
    return f"{engine} {seed:#x} {session} {rolls} {die} {statistic} {score} {words}"


def dice_contents():
    for session in range(100):  # one game told twice
        assert play_die("philox", 42, session, 231, "1x1,0x3", "sum") == play("philox", 42, session, 231, "1/4")
    out = [DICE_HEADER]

    out.append("# Every die with every engine.")
    n = 0
    for rolls, die in DICE:
        for engine in (*ROUNDS, "fast"):
            session = SESSIONS[n % len(SESSIONS)]
            out.append(dice_line(engine, SEEDS[n % len(SEEDS)], session, rolls, die, "sum"))
            n += 1

    out.append("\n# The best of sessions 0 to 2999 under seed 42: ten dice, and a streak.")
    for rolls, die, statistic in ((10, "1..6", "sum"), (231, "1x1,0x3", "streak")):
        best = max(range(3000), key=lambda s: (play_die("philox", 42, s, rolls, die, statistic)[0], -s))
        out.append(dice_line("philox", 42, best, rolls, die, statistic))

    out.append("\n# Streaks: every number of rolls with every chance.")
    for rolls in STREAK_ROLLS:
        for chance in STREAK_CHANCES:
            engine = (*ROUNDS, "fast")[n % 3]
            die = f"1x{Fraction(chance)},0x{1 - Fraction(chance)}"
            session = SESSIONS[n % len(SESSIONS)]
            out.append(dice_line(engine, SEEDS[n % len(SEEDS)], session, rolls, die, "streak"))
            n += 1
    return "\n".join(out) + "\n"


FILES = {"sessions.txt": contents, "dice.txt": dice_contents, "fast.txt": fast_contents}


def main(arguments):
    folder = Path(__file__).resolve().parent
    if arguments == ["--search"]:
        return 0 if search() else 1
    if arguments == ["--check"]:
        return 0 if all((folder / name).read_text(encoding="ascii") == text() for name, text in FILES.items()) else 1
    if arguments:
        print(__doc__, file=sys.stderr)
        return 2
    for name, text in FILES.items():
        (folder / name).write_text(text(), encoding="ascii")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
