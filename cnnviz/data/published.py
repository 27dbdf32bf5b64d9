"""Data sets that their authors publish as files: finding them, reading them, downloading them."""

import shutil
import tarfile
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from cnnviz.data.readers import DataError
from cnnviz.text import Text

EMBEDDED = Path(__file__).with_name("embedded")
CHUNK = 2**16  # bytes of a download between two reports


@dataclass(frozen=True, kw_only=True)
class Published:
    """A data set that its authors publish as files.

    Args:
        files: the sha256 of every file it is made of, decompressed.
        downloads: size in bytes and sha256 of each download; a .tar.gz holds the files.
        mirrors: prefixes of the downloads' addresses, in the order to try.
        system_folders: where packages of the operating system put the files.
    """

    files: dict[str, str]
    downloads: dict[str, tuple[int, str]]
    mirrors: tuple[str, ...]
    system_folders: tuple[str, ...] = ()

    @property
    def download_bytes(self) -> int:
        return sum(size for size, _ in self.downloads.values())

    def find(self, folder: Path) -> dict[str, Path]:
        """The path of every file in `folder` or a system folder, plain or .gz; {} if one lacks."""
        for place in (folder, *map(Path, self.system_folders)):
            found = {name: _plain_or_gz(place / name) for name in self.files}
            paths = {name: path for name, path in found.items() if path is not None}
            if len(paths) == len(found):
                return paths
        return {}


PUBLISHED = {
    name: Published(**fields)
    for name, fields in tomllib.loads((EMBEDDED / "published.toml").read_text("utf-8")).items()
}


def fetch(published: Published, folder: Path, progress: Callable[[int, int], None]) -> None:
    """Download a data set into `folder`, completely or not at all.

    Args:
        progress: called with the bytes so far and in all; raises to stop the download. An OSError
            or a ValueError only ends the try of one mirror.

    Raises:
        DataError: no mirror sends the published file, or the folder cannot be written to.
    """
    done = 0
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".download-", dir=folder.parent) as scratch:
            for name, (size, _) in published.downloads.items():
                meter = _Meter(size, done, published.download_bytes, progress)
                _retrieve(published, name, Path(scratch), meter)
                done += size
            folder.mkdir(exist_ok=True)
            for path in Path(scratch).iterdir():
                path.replace(folder / path.name)
    except OSError as error:
        message = Text("Writing to {folder} failed: {error}.", "无法写入 {folder}：{error}。")
        raise DataError(message.format(folder=folder, error=error.strerror)) from None


class _Meter:
    """A progress bar for pooch, which also stops a download that is too long."""

    total = 0  # set by pooch: the length that the server claims, 0 where it says nothing

    def __init__(self, size: int, before: int, whole: int, progress: Callable[[int, int], None]):
        self._size, self._before, self._whole, self._progress = size, before, whole, progress
        self._done = 0

    def restart(self) -> None:
        self._done = 0

    def update(self, count: int) -> None:
        self._done += count
        if self._done > self._size + CHUNK:  # every chunk is counted as a whole one
            raise ValueError("more bytes than the published file has")
        self._progress(self._before + min(self._done, self._size), self._whole)

    def reset(self) -> None:
        self._done -= self.total  # pooch adds the total afterwards, to fill the bar

    def close(self) -> None:
        pass


def _retrieve(published: Published, name: str, folder: Path, meter: _Meter) -> None:
    """Download one file, and unpack it where it is an archive."""
    import pooch  # noqa: PLC0415  (takes a while, and most sessions never download)

    # a server must not decompress on the way: the checksum is of the .gz
    headers = {"Accept-Encoding": "identity"}
    downloader = pooch.HTTPDownloader(progressbar=meter, chunk_size=CHUNK, headers=headers)
    checksum = f"sha256:{published.downloads[name][1]}"
    errors = []
    for mirror in published.mirrors:
        meter.restart()
        try:
            pooch.retrieve(mirror + name, checksum, name, folder, downloader=downloader)
            break
        except (OSError, ValueError) as error:  # no answer, or not the published file
            errors.append(f"{mirror}: {str(error)[:120]}")
    else:
        message = Text("{name} could not be downloaded. {errors}", "{name} 下载失败。{errors}")
        raise DataError(message.format(name=name, errors="; ".join(errors)))
    if name.endswith(".tar.gz"):
        with tarfile.open(folder / name) as archive:
            for member in archive:
                file = Path(member.name).name
                packed = archive.extractfile(member) if file in published.files else None
                if packed is not None:
                    with packed, (folder / file).open("wb") as plain:
                        shutil.copyfileobj(packed, plain)
        (folder / name).unlink()


def _plain_or_gz(path: Path) -> Path | None:
    candidates = (path, path.with_name(f"{path.name}.gz"))
    return next((candidate for candidate in candidates if candidate.is_file()), None)
