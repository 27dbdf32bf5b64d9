"""The remaining time of a run, judged by its last steps."""

from collections import deque

RECENT = 8  # reports of steps that count
FORWARD_SHARE = 0.3  # share of a training step; the backward pass takes more than twice as long


class Pace:
    """Seconds a step, over the last reports.

    The first step of a run is known to be slow, and counts only until there is another.
    """

    def __init__(self) -> None:
        self._first: float | None = None
        self._recent: deque[tuple[int, float]] = deque(maxlen=RECENT)

    def add(self, steps: int, seconds: float) -> None:
        """Add the seconds of the steps since the last report."""
        if self._first is None:
            self._first = seconds / steps
        else:
            self._recent.append((steps, seconds))

    @property
    def seconds_a_step(self) -> float:
        """0 before the first step."""
        if not self._recent:
            return self._first or 0.0
        return sum(seconds for _, seconds in self._recent) / sum(steps for steps, _ in self._recent)


def seconds_left(
    *,
    steps: int,
    seconds_a_step: float,
    evaluations: int,
    seconds_an_evaluation: float,
    until_limit: float,
) -> float:
    """Seconds until a run is over: its steps and evaluations, or its time limit and one evaluation.

    Args:
        steps, evaluations: that are still to come.
        until_limit: seconds.
    """
    by_recipe = steps * seconds_a_step + evaluations * seconds_an_evaluation
    return min(by_recipe, max(0.0, until_limit) + seconds_an_evaluation)
