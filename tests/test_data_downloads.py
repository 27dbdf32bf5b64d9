"""Data sets are downloaded from this machine: mirrors, checksums, and nothing left behind."""

import dataclasses
import gzip
import http.server
import tarfile
import threading
from pathlib import Path

import pytest
from data_sets import directory, message, offline, put_mnist, sha256

from cnnviz.data import dataset as data
from cnnviz.data import published

__all__ = ["directory", "offline"]  # the fixtures


@pytest.fixture
def mirrors(tmp_path, monkeypatch):
    """Two mirrors of a tiny MNIST and CIFAR-10, the first of which has nothing."""
    shared = tmp_path / "shared"
    (shared / "second").mkdir(parents=True)

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=str(shared))

        def send_header(self, name, value):
            if name != "Content-Length" or "labels" not in self.path:  # not every server says it
                super().send_header(name, value)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    put_mnist(monkeypatch, tmp_path / "mnist")
    downloads = {}
    for path in (tmp_path / "mnist").iterdir():
        content = gzip.compress(path.read_bytes())
        (shared / "second" / f"{path.name}.gz").write_bytes(content)
        downloads[f"{path.name}.gz"] = (len(content), sha256(content))
    with tarfile.open(shared / "second" / "cifar.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "mnist" / "t10k-labels-idx1-ubyte", "deep/../../test_batch.bin")
    content = (shared / "second" / "cifar.tar.gz").read_bytes()
    tiny = {
        "mnist": {"downloads": downloads},
        "cifar-10": {
            "files": {"test_batch.bin": ""},
            "downloads": {"cifar.tar.gz": (len(content), sha256(content))},
        },
    }
    for name, fields in tiny.items():
        places = (f"{address}/first/", f"{address}/second/")
        known = dataclasses.replace(published.PUBLISHED[name], **fields, mirrors=places)
        monkeypatch.setitem(published.PUBLISHED, name, known)
    yield shared / "second"
    server.shutdown()
    server.server_close()
    thread.join()


def left(directory: Path) -> list[str]:
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*"))


@pytest.mark.usefixtures("mirrors")
def test_a_download_goes_on_to_the_next_mirror():
    calls = []
    data.download("mnist", lambda *numbers: calls.append(numbers))
    whole = published.PUBLISHED["mnist"].download_bytes
    assert calls == sorted(calls)
    assert calls[-1] == (whole, whole)
    assert len(calls) >= 4
    assert data.load("mnist").train_labels.tolist() == [7, 0]
    data.download("mnist", lambda *_: None)  # again, over the old files


@pytest.mark.usefixtures("mirrors")
def test_an_archive_is_unpacked_into_its_folder(directory):
    data.download("cifar-10", lambda *_: None)
    assert left(directory) == ["cifar-10", "cifar-10/test_batch.bin"]


@pytest.mark.parametrize(
    ("content", "reason"), [(b"something else", "hash"), (bytes(10**6), "more bytes")]
)
def test_a_wrong_file_is_refused_and_nothing_is_left(directory, mirrors, content, reason):
    (mirrors / "t10k-labels-idx1-ubyte.gz").write_bytes(content)
    text = message(data.download, "mnist", lambda *_: None)
    assert "t10k-labels-idx1-ubyte.gz" in text
    assert "404" in text
    assert reason in text
    assert left(directory) == []


@pytest.mark.usefixtures("mirrors")
def test_a_download_can_be_stopped_and_leaves_nothing(directory):
    def stop(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        data.download("mnist", stop)
    assert left(directory) == []


@pytest.mark.usefixtures("offline")
def test_only_what_is_published_is_downloaded(directory, monkeypatch, tmp_path):
    assert "is not a data set here" in message(data.download, "../mnist", lambda *_: None)
    assert not directory.exists()
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("CNNVIZ_DATASETS", str(tmp_path / "file"))
    assert "failed" in message(data.download, "mnist", lambda *_: None)


def test_every_published_set_is_declared_in_full():
    for known in published.PUBLISHED.values():
        sums = [*known.files.values(), *(checksum for _, checksum in known.downloads.values())]
        assert all(len(bytes.fromhex(checksum)) == 32 for checksum in sums)
        assert len(known.mirrors) > 1
        assert known.download_bytes > 10**6
