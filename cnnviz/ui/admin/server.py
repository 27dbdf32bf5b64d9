"""The server's sessions, devices, disk and effective settings."""

import shutil
from pathlib import Path

import pandas as pd
import streamlit as st

from cnnviz.config import PREFIX, SECRETS, Config, config, meaning
from cnnviz.machine import free_bytes, total_bytes
from cnnviz.numbers import short
from cnnviz.training.cluster import Cluster, jobs_on
from cnnviz.training.disk import bytes_in
from cnnviz.training.files import RUNS
from cnnviz.training.state import JobState
from cnnviz.ui.app.collectors import open_sessions
from cnnviz.ui.kit import live_client
from cnnviz.ui.kit.words import say, t
from cnnviz.ui.training import labels, runs

_BIGGEST = 5
_BIGGEST_COLUMNS = ("run", "owner", "size")
_FRESH = 30  # seconds


def figures() -> None:
    """Draw the current load and the free space."""
    store = runs.store()
    sizes = _sizes(config().data)
    shown = {
        "running": f"{len(store.jobs(states=[JobState.RUNNING]))} / {_slots()}",
        "waiting": f"{len(store.jobs(states=[JobState.QUEUED]))} / {config().in_all}",
        "sessions": f"{open_sessions()}",
        "data": short(sum(sizes.values()), "B"),
        "free": short(shutil.disk_usage(config().data).free, "B"),
    }
    for column, (name, value) in zip(st.columns(len(shown)), shown.items(), strict=True):
        column.metric(t(f"admin.{name}"), value, help=t(f"admin.{name}_help"))


def machine() -> None:
    """Draw the devices with their memory, and the biggest runs."""
    left, right = st.columns([2, 3])
    with left:
        st.markdown(f"### {t('admin.devices')}")
        st.dataframe(
            pd.DataFrame(device_rows(), columns=[t("admin.what"), t("admin.how_much")]),
            key="admin.devices",
            hide_index=True,
        )
        st.markdown(f"### {t('admin.live')}")
        st.dataframe(
            pd.DataFrame(live_rows(), columns=[t("admin.what_of"), t("admin.value")]),
            key="admin.live",
            hide_index=True,
        )
    with right:
        st.markdown(f"### {t('admin.biggest')}")
        st.dataframe(
            pd.DataFrame(_biggest(), columns=[t(f"admin.{name}") for name in _BIGGEST_COLUMNS]),
            key="admin.biggest",
            hide_index=True,
        )


def device_rows() -> list[tuple[str, str]]:
    """Every device, and the memory that is free of it."""
    memory = {t("admin.main_memory"): (free_bytes("cpu"), total_bytes())}
    for device, gpu in (live_client.devices().gpus() or {}).items():
        memory[f"{gpu.name} ({device})"] = (gpu.free_bytes, gpu.total_bytes)
    return [
        (name, t("admin.free_of", free=short(free, "B"), total=short(total, "B")))
        for name, (free, total) in memory.items()
    ]


def live_rows() -> list[tuple[str, str]]:
    """Describe the live worker's state."""
    status = live_client.client().status()
    state = t("admin.live_alive", pid=status.pid) if status.alive else t("admin.live_away")
    return [
        (t("admin.live_state"), state),
        (t("admin.live_restarts"), f"{status.restarts}"),
        (t("admin.live_models"), f"{status.models} · {short(status.model_bytes, 'B')}"),
        (t("admin.live_queue"), f"{status.queue}"),
        (t("admin.live_error"), status.last_error or "–"),
    ]


def settings() -> None:
    """Draw every setting with its effective value."""
    st.caption(t("admin.settings_help"))
    names = list(Config.model_fields)
    values = [_shown(name, getattr(config(), name)) for name in names]
    defaults = [_shown(name, field.default) for name, field in Config.model_fields.items()]
    st.dataframe(
        pd.DataFrame(
            {
                "variable": [f"{PREFIX}{name.upper()}" for name in names],
                "value": values,
                "default": defaults,
                "meaning": [say(meaning(name)) for name in names],
            }
        ),
        key="admin.settings",
        hide_index=True,
        column_config={
            "variable": st.column_config.TextColumn(t("admin.variable"), width=210),
            "value": st.column_config.TextColumn(t("admin.value"), width=180),
            "default": st.column_config.TextColumn(t("admin.default"), width=180),
            "meaning": st.column_config.TextColumn(t("admin.meaning"), width="large"),
        },
        alt=t("admin.settings"),
    )


def _shown(name: str, value: object) -> str:
    if name in SECRETS:
        return "•••" if value else "–"
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "–"
    if isinstance(value, float):
        return f"{value:g}"
    return "–" if value is None else str(value)


def _slots() -> int:
    cluster = Cluster.read()
    here = jobs_on(len(live_client.devices().gpus() or {}))
    return config().slots or (cluster.jobs if cluster else here)


def _biggest() -> list[tuple[str, str, str]]:
    """Return the runs with the largest folders, with owner and size."""
    sizes = _sizes(config().data)
    names = sorted((name for name in sizes if name), key=sizes.__getitem__, reverse=True)
    jobs = {name: runs.store().job(name) for name in names[:_BIGGEST]}
    return [
        (labels.title(job) if job else name, job.owner if job else "–", short(sizes[name], "B"))
        for name, job in jobs.items()
    ]


@st.cache_data(ttl=_FRESH, show_spinner=False)
def _sizes(data: Path) -> dict[str, int]:
    """Bytes of each run by its id, and of everything else under the empty name."""
    folders = [path for path in (data / RUNS).glob("*") if path.is_dir()]
    sizes = {path.name: bytes_in(path) for path in folders}
    return {"": bytes_in(data) - sum(sizes.values()), **sizes}
