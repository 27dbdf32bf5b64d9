"""The memory that a process may have: the machine's, or what its container leaves of it."""

import psutil
import pytest

from cnnviz import machine


@pytest.fixture
def container(tmp_path, monkeypatch):
    """Write a container's files of memory: limit, use, and what of that can be dropped."""

    def write(limit, use=0, droppable=0):
        (tmp_path / "memory.max").write_text(f"{limit}\n")
        (tmp_path / "memory.current").write_text(f"{use}\n")
        (tmp_path / "memory.stat").write_text(f"anon 1\ninactive_file {droppable}\nfile 3\n")

    monkeypatch.setattr(machine, "CGROUP", tmp_path)
    return write


def test_without_a_container_it_is_what_the_machine_has(container):
    memory = psutil.virtual_memory()
    assert machine.free_bytes("cpu") == memory.available
    assert machine.total_bytes() == memory.total
    container("max")
    assert machine.free_bytes("cpu") == memory.available
    assert machine.total_bytes() == memory.total


@pytest.mark.parametrize(
    ("use", "droppable", "free"),
    [(0, 0, 1_000_000), (600_000, 0, 400_000), (600_000, 500_000, 900_000), (1_000_001, 0, 0)],
)
def test_a_container_leaves_what_its_limit_leaves(container, use, droppable, free):
    container(1_000_000, use, droppable)
    assert machine.free_bytes("cpu") == free
    assert machine.total_bytes() == 1_000_000


def test_a_limit_above_the_machine_is_no_limit(container):
    container(10**15)
    memory = psutil.virtual_memory()
    assert machine.free_bytes("cpu") == memory.available
    assert machine.total_bytes() == memory.total
