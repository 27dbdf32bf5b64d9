"""The first thing that a process of the background does; this module imports nothing slow."""

import os

from cnnviz.machine import step_back


def begin(server: int) -> None:
    """Step back before torch is imported, which keeps a core busy for seconds; end with the server.

    The process leaves the server's session: Linux may weigh whole sessions against each other.
    """
    os.setsid()
    step_back()
    from cnnviz.sweeps import measuring  # noqa: PLC0415

    measuring.begin(server)
