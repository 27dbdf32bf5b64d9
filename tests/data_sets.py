"""The folder of a test's data sets, a tiny one to put there, and what an error says of them."""

import dataclasses
import hashlib
import socket
import struct
from pathlib import Path

import numpy as np
import pytest

from cnnviz.data import published
from cnnviz.data.readers import DataError

IDX = b"\x00\x00\x08"
TINY = np.arange(2 * 28 * 28, dtype=np.uint8).reshape(2, 28, 28)


@pytest.fixture(autouse=True)
def directory(tmp_path, monkeypatch):
    """Where data sets are looked for, and nowhere else."""
    monkeypatch.setenv("CNNVIZ_DATASETS", str(tmp_path / "sets"))
    # a machine may have Debian's package
    for name, known in published.PUBLISHED.items():
        changed = dataclasses.replace(known, system_folders=())
        monkeypatch.setitem(published.PUBLISHED, name, changed)
    return tmp_path / "sets"


@pytest.fixture
def offline(monkeypatch):
    def refuse(*_):
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def idx(array: np.ndarray) -> bytes:
    return IDX + bytes([array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + bytes(array)


def message(action, *arguments) -> str:
    """The sentence of the DataError that `action` raises, which must be there in both languages."""
    with pytest.raises(DataError) as caught:
        action(*arguments)
    assert caught.value.message.en == str(caught.value)
    assert any("\u4e00" <= letter <= "\u9fff" for letter in caught.value.message.zh)
    return caught.value.message.en


def put_mnist(monkeypatch, folder: Path) -> None:
    """A tiny MNIST of two images, with checksums to match."""
    folder.mkdir(parents=True)
    files = {}
    for name in published.PUBLISHED["mnist"].files:
        content = idx(TINY if "images" in name else np.array([7, 0], dtype=np.uint8))
        (folder / name).write_bytes(content)
        files[name] = sha256(content)
    known = dataclasses.replace(published.PUBLISHED["mnist"], files=files)
    monkeypatch.setitem(published.PUBLISHED, "mnist", known)
