"""A sweep of 400 networks against the same 400 plain meta builds and forward passes, in one run.

    python -m benchmarks.sweep

The sweep is timed as the command runs it, with the start of the processes beside this one. The
plain passes run one after the other, as in a user's loop, half of them before the sweep and half
after it, so that what else the machine does meets both.
"""

import time

from benchmarks.bench import plain_forward, row
from cnnviz.sweeps.command import typed
from cnnviz.sweeps.measuring import outcomes

OVER = ["growth_rate=4:42:2", "compression=0.24:1:0.04"]  # 20 × 20
MOST = 0.4  # of the plain seconds


def main() -> None:
    specs = [point.spec for point in typed("densenet-121", [], OVER).points if point.spec]
    plain = sum(map(_plain, specs[::2]))
    begun = time.perf_counter()
    found = sum(1 for _ in outcomes(specs))
    swept = time.perf_counter() - begun
    plain += sum(map(_plain, specs[1::2]))
    what = f"sweep of {found} × densenet-121 / plain meta forwards"
    for cells in (("what", "ours", "peer", "ratio", "target", "met"), ("---",) * 6):
        print("|", " | ".join(cells), "|")
    print("|", " | ".join(row(what, swept, plain, MOST)), "|")


def _plain(spec):
    begun = time.perf_counter()
    plain_forward(spec)
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
