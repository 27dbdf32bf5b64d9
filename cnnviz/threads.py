"""How threads that compute together wait for each other; it imports nothing that computes."""

import os

SPINS = "20000"  # looks, some 50 µs


def spin_shortly() -> None:
    """Let a thread look so often whether the others are ready before it sleeps.

    To be called before torch is imported, in this process or in one that it starts. By default a
    thread spins for milliseconds and, on a busy machine, starves the very one that it waits for.
    """
    os.environ.setdefault("GOMP_SPINCOUNT", SPINS)
