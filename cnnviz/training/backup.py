"""A copy of the data directory that can be taken while jobs run."""

import os
import tarfile
import tempfile
from contextlib import suppress
from pathlib import Path

from cnnviz.config import config
from cnnviz.training.disk import files_in
from cnnviz.training.dispatcher_process import STORE
from cnnviz.training.files import RUNS
from cnnviz.training.store import Store


def backup(store: Store, file: Path) -> None:
    """Write store, runs and the cookies' secret into a new tar file, for the owner's eyes alone.

    To restore the server, extract the file into an empty data directory:
    `tar -xpf FILE -C DIRECTORY`.

    Raises:
        TrainingError: the store cannot be read.
        OSError: the file is there already, or cannot be written.
    """
    data = config().data
    descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with (
            os.fdopen(descriptor, "wb") as output,
            tarfile.open(fileobj=output, mode="w") as tar,
            tempfile.TemporaryDirectory(dir=data) as passing,
        ):
            copy = Path(passing) / STORE
            # the store first, so that it names no run whose files are not in the copy
            store.copy(copy)
            tar.add(copy, STORE)
            for path in (data / "secret", *files_in(data / RUNS)):
                _add(tar, path, str(path.relative_to(data)))
    except BaseException:
        file.unlink()
        raise


def _add(tar: tarfile.TarFile, path: Path, name: str) -> None:
    """Add a file as it is now, even if it is replaced or deleted meanwhile."""
    with suppress(FileNotFoundError), path.open("rb") as content:
        tar.addfile(tar.gettarinfo(arcname=name, fileobj=content), content)
