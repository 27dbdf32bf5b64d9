"""An administrator's actions: authorised when they happen, and logged with their author.

Each is the callback of a button.
"""

import logging
from collections.abc import Callable, Iterable
from contextlib import suppress

import streamlit as st

from cnnviz.text import ExplainedError
from cnnviz.training.job import Job
from cnnviz.training.limits import Refused
from cnnviz.training.purge import purge
from cnnviz.training.state import ACTIVE
from cnnviz.ui.kit.words import say, t
from cnnviz.ui.session import access
from cnnviz.ui.training import runs

log = logging.getLogger("cnnviz.admin")


def pause() -> None:
    """Let no waiting job begin."""
    by = _who()
    _act(lambda: runs.store().pause(by=by), "paused the queue")


def resume() -> None:
    """Let waiting jobs begin again."""
    _act(lambda: runs.store().resume(), "resumed the queue")


def stop(jobs: Iterable[Job]) -> None:
    """Cancel jobs, whosever they are."""
    jobs = list(jobs)

    def each() -> None:
        for job in jobs:
            with suppress(Refused):  # its owner has deleted it meanwhile
                runs.store().cancel(job.id, owner=job.owner)

    _act(each, f"stopped {', '.join(f'job {job.id} of {job.owner}' for job in jobs)}")


def stop_all() -> None:
    """Cancel every job that waits or runs now."""
    stop(runs.store().jobs(states=ACTIVE))


def purge_old(days: float) -> None:
    """Delete the runs that ended so many days ago, with their files."""
    _act(lambda: purge(runs.store(), days), f"purged runs that ended {days:g} days ago or earlier")


def _act(do: Callable[[], object], what: str) -> None:
    if not access.is_admin():  # no longer: the page is older
        st.error(t("admin.not_admin"))
        return
    try:
        do()
    except ExplainedError as error:
        st.error(say(error.message))
        return
    # a warning, since it must be in the log however little is logged
    log.warning("administrator %s %s", _who(), what)
    st.toast(t("admin.done"))


def _who() -> str:
    """Return the login or, in an open lab, the address where the key was typed."""
    return access.login() or f"at {access.address() or 'this machine'}"
