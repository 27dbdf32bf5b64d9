"""What a teacher locks, as check boxes."""

from collections.abc import Callable

import streamlit as st

from cnnviz.classes.classroom import LOCKS
from cnnviz.ui.kit.words import language, t


def lock_boxes(
    locks: frozenset[str], key: str, on_change: Callable[[frozenset[str]], None] | None = None
) -> frozenset[str]:
    """Draw a box for each lock; gives those that are ticked.

    Args:
        on_change: is given the ticked ones as soon as one is ticked or cleared.
    """
    keys = {lock: f"class.lock.{key}.{lock}.{language()}" for lock in LOCKS}

    def changed() -> None:
        if on_change:
            on_change(frozenset(lock for lock in LOCKS if st.session_state.get(keys[lock])))

    ticked = {
        lock: st.checkbox(
            t(f"classroom.lock_{lock}"),
            value=lock in locks,
            key=keys[lock],
            on_change=changed,
            help=t(f"classroom.lock_{lock}_help"),
        )
        for lock in LOCKS
    }
    return frozenset(lock for lock, is_ticked in ticked.items() if is_ticked)
