"""Whether the parts of a server work: python -m cnnviz health

The checks ask from outside, without torch, so that they can run every few seconds.
"""

import json
import os
import sqlite3
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from cnnviz.config import config
from cnnviz.training import dispatcher_process, gpu_check
from cnnviz.training.disk import free_gigabytes

try:
    import pwd
except ImportError:  # Windows
    pwd = None  # type: ignore[assignment]

PATH = "/health"  # of the web server
_SECONDS = 4  # to wait for an answer
_FIRST_USER = 1000  # accounts of people have ids from here on, those of services lower ones


class Check(NamedTuple):
    """One part, whether it works, and its state in one line."""

    part: str
    well: bool
    says: str


def check(parts: Iterable[str]) -> list[Check]:
    """Look at some of the PARTS.

    Raises:
        ConfigError: the settings cannot be used.
    """
    config()
    return [_check(part) for part in parts]


def report(checks: Iterable[Check], *, as_json: bool) -> str:
    """The checks as lines, or as a JSON object."""
    if as_json:
        return json.dumps({part: {"well": well, "says": says} for part, well, says in checks})
    return "\n".join(f"{'ok' if well else 'NOT':4} {part:12} {says}" for part, well, says in checks)


def _check(part: str) -> Check:
    try:
        return Check(part, True, PARTS[part]())
    except (OSError, sqlite3.Error, _Unwell) as error:
        return Check(part, False, str(error))


class _Unwell(RuntimeError):
    """A fault, described in one line."""


def _web() -> str:
    port = os.environ.get("STREAMLIT_SERVER_PORT", "8501")
    address = f"http://127.0.0.1:{port}{PATH}"
    try:
        with urllib.request.urlopen(address, timeout=_SECONDS):
            return f"answers on port {port}"
    except urllib.error.HTTPError as error:
        raise _Unwell(error.read().decode()) from None
    except OSError as error:
        raise _Unwell(f"nothing answers on port {port}: {error}") from None


def _dispatcher() -> str:
    silent = dispatcher_process.seconds_silent()
    if not dispatcher_process.is_running():
        raise _Unwell("none runs for this data directory")
    if silent > dispatcher_process.SILENT:
        raise _Unwell(f"gave no sign of life for {silent:.0f} s")
    return f"gave a sign of life {silent:.0f} s ago"


def _store() -> str:
    store = (config().data / dispatcher_process.STORE).resolve().as_uri()
    with closing(sqlite3.connect(f"{store}?mode=rw", timeout=_SECONDS, uri=True)) as db:
        db.execute("BEGIN IMMEDIATE")
        (jobs,) = db.execute("SELECT count(*) FROM jobs").fetchone()
    unreadable = (
        dispatcher_process.seen().unreadable
        if dispatcher_process.is_running()
        else _unreadable(store)
    )
    holds = f"holds {jobs} job{'s' * (jobs != 1)}"
    if unreadable:
        raise _Unwell(
            f"{holds}, {unreadable} of which cannot be read; their owners may delete "
            "them, and so does: python -m cnnviz admin purge --unreadable"
        )
    return holds


def _unreadable(store: str) -> int:
    """Count the unreadable jobs where no dispatcher has looked; counting needs torch."""
    from cnnviz.training.job import Job  # noqa: PLC0415

    with closing(sqlite3.connect(f"{store}?mode=ro", timeout=_SECONDS, uri=True)) as db:
        db.row_factory = sqlite3.Row
        rows = db.execute("SELECT * FROM jobs").fetchall()
    return sum(not Job.from_row(row).is_readable for row in rows)


def _disk() -> str:
    free, least = free_gigabytes(), config().disk_free
    if free < least:
        raise _Unwell(f"{free:.1f} GB free, and CNNVIZ_DISK_FREE is {least:g} GB")
    return f"{free:.1f} GB free"


def _device() -> str:
    there, first, _ = dispatcher_process.seen()
    if there < first:
        raise _Unwell(f"{there} GPUs, where there were {first}")
    if faults := gpu_check.known_faults():
        raise _Unwell("; ".join(f"{gpu}: {fault}" for gpu, fault in faults.items()))
    return f"{there} GPUs" if there else "the CPU"


def _access() -> str:
    """Whether accounts of this machine could claim a login in a header without being meant to."""
    settings = config()
    if settings.login != "proxy":
        return settings.login
    if "proxy_networks" not in settings.model_fields_set and (others := _other_accounts()):
        raise _Unwell(
            f"accounts of this machine ({', '.join(others[:3])} …) may say who they are: a header "
            "from 127.0.0.1 is believed; set CNNVIZ_PROXY_NETWORKS to the proxy's own address"
        )
    return "proxy, believed from " + ", ".join(map(str, settings.proxy_networks))


def _other_accounts() -> list[str]:
    """Return the people's accounts of this machine, without root and the present user."""
    if pwd is None:
        return []
    return [
        account.pw_name
        for account in pwd.getpwall()
        if account.pw_uid >= _FIRST_USER
        and account.pw_uid != os.getuid()
        and Path(account.pw_shell).name not in ("nologin", "false", "")
    ]


PARTS: dict[str, Callable[[], str]] = {
    "web": _web,
    "dispatcher": _dispatcher,
    "store": _store,
    "disk": _disk,
    "device": _device,
    "access": _access,
}
