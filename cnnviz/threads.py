"""How computing threads wait for each other; this module imports nothing that computes."""

import os

SPINS = "20000"  # spins, some 50 µs


def spin_shortly() -> None:
    """Limit how long a thread spins while it waits for the others, before it sleeps.

    Call this before torch is imported, in this process or in one that it starts. By default a
    thread spins for milliseconds and, on a busy machine, starves the thread that it waits for.
    """
    os.environ.setdefault("GOMP_SPINCOUNT", SPINS)
