"""An administrator's commands at a server: python -m cnnviz admin COMMAND.

They work on the data directory, beside a running server or without one. Commands that need torch
import it themselves.
"""

import argparse
import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnviz.training.state import ACTIVE, JobState

if TYPE_CHECKING:
    from cnnviz.training.job import Job
    from cnnviz.training.store import Store

BY = "the command line"  # who pauses the queue


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Give the parser of `admin` its commands."""
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    listing = commands.add_parser("jobs", help="the jobs that run and wait, in their order")
    listing.add_argument("--all", action="store_true", help="those that have ended, too")
    listing.add_argument("--json", action="store_true", help="as a JSON object")
    listing.set_defaults(run=_jobs)
    cancelling = commands.add_parser("cancel", help="stop jobs, whosever they are")
    cancelling.add_argument("id", nargs="*", help="as `jobs` names them")
    cancelling.add_argument("--queued", action="store_true", help="of these, those that wait")
    cancelling.add_argument("--owner", help="those of one owner")
    cancelling.add_argument("--address", help="those from one computer")
    cancelling.set_defaults(run=_cancel)
    pausing = commands.add_parser("pause", help="let no waiting job begin")
    pausing.set_defaults(run=_pause)
    resuming = commands.add_parser("resume", help="let waiting jobs begin again")
    resuming.set_defaults(run=_resume)
    purging = commands.add_parser("purge", help="delete ended runs with their files")
    which = purging.add_mutually_exclusive_group(required=True)
    which.add_argument("--days", type=_days, metavar="N", help="those that ended N days ago")
    which.add_argument("--unreadable", action="store_true", help="those that cannot be read")
    purging.set_defaults(run=_purge)
    copying = commands.add_parser("backup", help="copy store and runs while the server runs")
    copying.add_argument("output", type=Path, metavar="FILE.tar")
    copying.set_defaults(run=_backup)


def _store() -> "Store":
    from cnnviz.training.files import open_store  # noqa: PLC0415

    return open_store()


def _days(text: str) -> float:
    days = float(text)
    if not 0 <= days <= 36_500:
        raise argparse.ArgumentTypeError(f"{text} is not from 0 to 36,500")
    return days


def _jobs(options: argparse.Namespace) -> None:
    store, now = _store(), time.time()
    found = [*store.jobs(states=[JobState.RUNNING]), *store.queue()]
    if options.all:
        found += [job for job in store.jobs() if not job.is_active]
    rows = [_row(job, now) for job in found]
    by = store.paused_by()
    if options.json:
        print(json.dumps({"jobs": rows, "paused_by": by}))
        return
    print(f"{'id':12}  {'state':10}  {'age':>9}  {'predicted':>9}  {'address':15}  owner, network")
    for row in rows:
        predicted = "" if row["predicted"] is None else f"{row['predicted']:.0f} s"
        print(
            f"{row['id']:12}  {row['state']:10}  {row['age'] / 60:5.0f} min  {predicted:>9}  "
            f"{row['address'] or '?':15}  {row['owner']}, {row['preset'] or '?'}"
        )
    if by:
        print(f"The queue is paused by {by}; `resume` lets the jobs begin.")


def _row(job: "Job", now: float) -> dict[str, Any]:
    return {
        **{name: getattr(job, name) for name in ("id", "state", "owner", "address", "predicted")},
        "preset": job.request.preset if job.request else None,
        "age": now - job.created,
        "bytes": job.bytes,
    }


def _cancel(options: argparse.Namespace) -> int:

    if not (options.id or options.queued or options.owner or options.address):
        print("Say which: ids, --queued, --owner or --address.")
        return 2
    store = _store()
    active = store.jobs(states=[JobState.QUEUED] if options.queued else ACTIVE)
    chosen = [job for job in active if _is_meant(job, options)]
    for job in chosen:
        store.cancel(job.id, owner=job.owner)
    print(f"jobs stopped: {len(chosen)}")
    missing = set(options.id) - {job.id for job in chosen}
    for job_id in sorted(missing):
        print(f"{job_id} is no job that waits{'' if options.queued else ' or runs'}")
    return 1 if missing else 0


def _is_meant(job: "Job", options: argparse.Namespace) -> bool:
    wanted: Iterable[tuple[Any, bool]] = (
        (options.id, job.id in options.id),
        (options.owner, job.owner == options.owner),
        (options.address, job.address == options.address),
    )
    return all(meant for given, meant in wanted if given)


def _pause(_: argparse.Namespace) -> None:

    _store().pause(by=BY)
    print("No waiting job begins until `resume`; those that run go on.")


def _resume(_: argparse.Namespace) -> None:

    _store().resume()
    print("Waiting jobs begin again.")


def _purge(options: argparse.Namespace) -> None:
    from cnnviz.training.purge import purge, purge_unreadable  # noqa: PLC0415

    store = _store()
    gone = purge_unreadable(store) if options.unreadable else purge(store, options.days)
    print(f"runs deleted: {gone}")


def _backup(options: argparse.Namespace) -> None:
    from cnnviz.training.backup import backup  # noqa: PLC0415

    backup(_store(), options.output)
    print(f"{options.output}: {options.output.stat().st_size:,} bytes")
