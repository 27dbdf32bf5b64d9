"""When the next job begins: slots simulated by hand."""

from types import SimpleNamespace

import pytest

from cnnviz.training.order import expected_wait, in_turn


def jobs(*named):
    """Jobs that wait, such as "ada@1", or run: "ada@1!", or ended after 9 s: "ada@1.", in order."""
    found = []
    for number, name in enumerate(named):
        owner, _, address = name.rstrip("!.").partition("@")
        state = {"!": "running", ".": "done"}.get(name[-1], "queued")
        times = {"queued": (None, None), "running": (100.0, None), "done": (1.0, 9.0)}[state]
        found.append(
            SimpleNamespace(
                owner=owner,
                address=address,
                state=state,
                started=times[0],
                ended=times[1],
                sequence=number,
                id=name,
            )
        )
    return found


@pytest.mark.parametrize(
    ("named", "order"),
    [
        (["ada", "bob", "cleo"], ["ada", "bob", "cleo"]),
        (["ada@1", "ada@1", "bob@1"], ["ada@1", "bob@1", "ada@1"]),
        (["ada@1!", "ada@1", "bob@1"], ["bob@1", "ada@1"]),
        (["ada@1.", "ada@1", "bob@1"], ["bob@1", "ada@1"]),
        # ten visitors of one computer come before, and are one computer
        ([*(f"{n}@1" for n in range(10)), "ada@2"], ["0@1", "ada@2", "1@1", "2@1"]),
        (["0@1!", "1@1!", "2@1", "ada@2"], ["ada@2", "2@1"]),
        # whose computer is not known has one of his own
        (["0@1", "1@1", "ada", "bob"], ["0@1", "ada", "bob", "1@1"]),
    ],
)
def test_computers_and_owners_take_turns(named, order):
    found = [job.id for job in in_turn(jobs(*named), 100.0)]
    assert found[: len(order)] == order


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
