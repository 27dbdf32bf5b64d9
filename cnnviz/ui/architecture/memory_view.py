"""Training memory: its four parts, the devices on which it fits, and the share of each block."""

from collections.abc import Callable
from contextlib import suppress

import streamlit as st

from cnnviz.analysis import Report
from cnnviz.analysis.memory.step import (
    BATCH_SIZE,
    CAPACITIES,
    MOMENTS,
    PRECISIONS,
    largest_batch,
    training_memory,
)
from cnnviz.machine import NoDeviceError
from cnnviz.numbers import short
from cnnviz.render.charts import SAVED
from cnnviz.render.memory_chart import PARTS, memory_chart
from cnnviz.ui.architecture.cost_view import cost_bars
from cnnviz.ui.kit import live_client
from cnnviz.ui.kit.chart_style import TOOLS, ink
from cnnviz.ui.kit.words import as_markdown, glossary_link, language, say, t
from cnnviz.ui.session.device import chosen_device, device_name
from cnnviz.ui.session.look import Look
from cnnviz.ui.session.subject import Subject

_MOST_IMAGES = 65_536


def memory_view(
    subject: Subject,
    look: Look,
    on_change: Callable[[Look], None],
    *,
    key: Callable[[str], str],
) -> None:
    report = subject.report
    batch, settings = step_controls(key, "memory")
    memory = training_memory(report, batch, **settings)
    terms = [
        f"{say(label)} {short(getattr(memory, name), 'B')}" for name, (label, _) in PARTS.items()
    ]
    st.markdown(f"## {short(memory.total, 'B')}", help=f"{memory.total:,} B")
    chart = memory_chart(memory, language(), ink=ink())
    st.plotly_chart(
        chart,
        key=key("memory.parts"),
        config=TOOLS,
        alt=t("memory.alt", parts=" + ".join(terms)),
    )
    if report.unknown_saved:
        st.warning(t("memory.unknown", names=as_markdown(", ".join(report.unknown_saved[:5]))))
    table, words = st.columns([4, 5], gap="medium")
    with table.container(key=key("memory-table")):
        st.markdown(_table(report, memory.total, settings))
    words.markdown(t("memory.words"))
    cost_bars(subject, look, on_change, SAVED, key=key("memory.shares"), alt=t("memory.shares_alt"))


def step_controls(key: Callable[[str], str], view: str) -> tuple[int, dict[str, str]]:
    """Let the user choose batch size, precision and optimiser; the last two come back by name.

    Args:
        view: in which they stand.
    """
    numbers, precisions, optimisers = st.columns([1, 2, 2], gap="medium")
    batch = numbers.number_input(
        t("memory.batch"),
        min_value=1,
        max_value=_MOST_IMAGES,
        value=BATCH_SIZE,
        key=key(f"{view}.batch"),
        help=t("memory.batch_help"),
        persist_state="session",
    )
    precision = precisions.segmented_control(
        t("memory.precision"),
        list(PRECISIONS),
        default="fp32",
        required=True,
        key=key(f"{view}.precision.{language()}"),
        format_func=lambda name: t(f"memory.precision_{name}"),
        help=f"{t('memory.precision_help')} {glossary_link('precision')}",
        persist_state="session",
    )
    optimiser = optimisers.segmented_control(
        t("memory.optimiser"),
        list(MOMENTS),
        default="momentum",
        required=True,
        key=key(f"{view}.optimiser.{language()}"),
        format_func=lambda name: t(f"memory.optimiser_{name}"),
        help=t("memory.optimiser_help"),
        persist_state="session",
    )
    st.caption(t(f"memory.note_{precision}"))
    return batch, {"precision": precision, "optimiser": optimiser}


def _table(report: Report, needed: int, settings: dict[str, str]) -> str:
    """Where training fits, and the largest batch: graphics cards, then the session's device."""
    places = [(f"{size / 1e9:g} GB", size) for size in CAPACITIES]
    device = chosen_device()
    with suppress(NoDeviceError):  # the device has vanished since the page was drawn
        free = live_client.devices().free_bytes(device)
        here = t("memory.here", device=as_markdown(device_name(device)), free=short(free, "B"))
        places.append((here, free))
    columns = (t(f"memory.{name}") for name in ("place", "fits", "largest"))
    lines = [f"| {' | '.join(columns)} |", "|:--|:--|--:|"]
    for place, size in places:
        fits = t("memory.yes") if needed <= size else t("memory.no")
        images = largest_batch(report, size, **settings)
        lines.append(f"| {place} | {fits} | {f'{images:,}' if images else '–'} |")
    return "\n".join(lines)
