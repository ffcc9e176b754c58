"""Many experiments at once, in a pool, and new ones made of what comes back.

For several chances: how many sessions until somebody scores 100 of 231? Each answer decides whether its
chance is played again, ten times as long.
"""

from __future__ import annotations

import concurrent.futures
from typing import Any, Dict

import graveler


def main(target: int = 100, most: int = 10**8) -> Dict[str, int]:
    """The first power of ten of sessions in which the target is reached, by chance; 0: in none."""
    found: Dict[str, int] = {}
    with graveler.Pool() as pool:

        def ask(chance: str, sessions: int) -> None:
            open_[pool.submit(chance=chance, sessions=sessions, seed=1, keep="max")] = chance

        open_: Dict[concurrent.futures.Future[graveler.Result], str] = {}
        for chance in ("1/5", "1/4", "3/10", "1/3", "2/5"):
            ask(chance, 1000)
        while open_:
            done: Any = concurrent.futures.wait(open_, return_when=concurrent.futures.FIRST_COMPLETED).done
            for future in done:
                chance, result = open_.pop(future), future.result()
                if result.max_score >= target:
                    found[chance] = result.sessions
                elif result.sessions < most:
                    ask(chance, 10 * result.sessions)
                else:
                    found[chance] = 0
    return found


if __name__ == "__main__":
    for chance, sessions in sorted(main().items(), key=lambda item: item[1] or 10**99):
        print(f"{chance:>5}: " + (f"{sessions:>11,} sessions" if sessions else "in none of 100,000,000"))
