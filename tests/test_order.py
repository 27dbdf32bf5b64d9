"""When the next job begins: slots simulated by hand."""

import pytest

from cnnviz.training.order import expected_wait


@pytest.mark.parametrize(
    ("running", "waiting_before", "slots", "seconds"),
    [
        ([], [], 2, 0),  # both slots are free
        ([50], [], 2, 0),
        ([50, 30], [], 2, 30),
        ([50, 30], [10], 2, 40),  # the first takes the slot at 30, and has it until 40
        ([50, 30], [100], 2, 50),
        ([50, 30], [100, 5], 2, 55),
        ([50], [7], 1, 57),
        ([], [7, 8, 9], 2, 8),  # 0 to 7 and 0 to 8, then 7 to 16: the next begins at 8
        ([10, 20, 30], [], 2, 20),  # fewer slots than jobs that run
    ],
)
def test_expected_wait(running, waiting_before, slots, seconds):
    assert expected_wait(running, waiting_before, slots) == seconds
    assert expected_wait(running[::-1], waiting_before, slots) == seconds
