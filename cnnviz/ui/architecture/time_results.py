"""What was measured of a network: figures, the roofline, MACs against time, and a table."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pandas as pd
import streamlit as st

from cnnviz.analysis.timing.measure import Pass
from cnnviz.analysis.timing.peak import Peak
from cnnviz.analysis.timing.roofline import point
from cnnviz.analysis.timing.setting import Setting
from cnnviz.analysis.timing.times import Times, times
from cnnviz.exports.names import file_name
from cnnviz.numbers import duration, share, short, three_digits
from cnnviz.render.kinds import KINDS
from cnnviz.render.time_charts import BOUNDS, Dot, batch_chart, macs_chart, roofline_chart
from cnnviz.ui.kit.chart_style import TOOLS, ink
from cnnviz.ui.kit.words import as_markdown, language, say, t
from cnnviz.ui.session.subject import Member

Key = Callable[[str], str]


class Measured(NamedTuple):
    """What the live worker has measured.

    Args:
        device: the name of the product.
        backward: None if it was refused or stopped.
        wholes: batch sizes with their images a second.
    """

    device: str
    setting: Setting
    peak: Peak
    forward: Pass
    backward: Pass | None
    wholes: list[tuple[int, float]]


def results(subject: Member, measured: Measured, other: Times | None, *, key: Key) -> None:
    """Show what was measured, beside the times of another device if there are any."""
    found = times(
        subject.report,
        measured.setting,
        measured.forward,
        network=subject.preset.name,
        device=measured.device,
        backward=measured.backward,
        peak=measured.peak,
    )
    _figures(found, measured)
    st.download_button(
        "JSON",
        data=found.to_json(),
        file_name=f"{file_name(subject.spec, subject.preset)}-times.json",
        mime="application/json",
        on_click="ignore",
        key=key("time.json"),
        help=t("time.json_help"),
    )
    dots = _dots(subject, measured)
    for name, chart in (
        ("roofline", roofline_chart(dots, measured.peak, language(), ink=ink())),
        ("macs", macs_chart(dots, language(), ink=ink())),
        ("batches", batch_chart(measured.wholes, language(), ink=ink())),
    ):
        st.plotly_chart(chart, key=key(f"time.{name}"), config=TOOLS, alt=t(f"time.{name}_alt"))
        st.caption(t(f"time.{name}_caption"))
    if other:
        _beside(found, other)
    _table(dots, found, other, key=key)


def _figures(found: Times, measured: Measured) -> None:
    """The whole pass, what its ops sum to, and what bounds them."""
    backward = found.whole_backward_ms
    st.markdown(
        f"## {duration(found.whole_ms / 1e3)}\n\n"
        + t(
            "time.figures",
            device=as_markdown(found.device),
            images=three_digits(found.images_a_second),
            backward=duration(backward / 1e3) if backward else "–",
            sum=share(measured.forward.total, found.whole_ms),
            overhead=duration(found.overhead_ms / 1e3),
            repeats=measured.forward.repeats,
        )
    )
    st.markdown(
        t(
            "time.peaks",
            flops=short(measured.peak.flops, "FLOP/s"),
            bandwidth=short(measured.peak.bandwidth, "B/s"),
            meet=three_digits(measured.peak.flops / measured.peak.bandwidth),
        )
    )


def _dots(subject: Member, measured: Measured) -> list[Dot]:
    setting, forward = measured.setting, measured.forward
    return [
        Dot(
            layer,
            row.median,
            point(
                layer,
                row.median,
                batch=setting.batch,
                precision=setting.precision,
                peak=measured.peak,
                kernels=forward.kernels[place] if forward.kernels else None,
            ),
        )
        for place, (layer, row) in enumerate(zip(subject.report.layers, forward.rows, strict=False))
    ]


def _beside(found: Times, other: Times) -> None:
    """One sentence on the other device."""
    same = {row.name for row in found.rows} & {row.name for row in other.rows}
    st.markdown(
        t(
            "time.beside",
            device=as_markdown(other.device),
            network=as_markdown(other.network),
            batch=other.batch,
            precision=as_markdown(other.precision),
            time=duration(other.whole_ms / 1e3),
            ratio=three_digits(found.whole_ms / other.whole_ms) if other.whole_ms else "–",
            same=len(same),
            count=len(found.rows),
        )
    )


def _table(dots: list[Dot], found: Times, other: Times | None, *, key: Key) -> None:
    """Every op with its times; the page's table can be sorted and saved as CSV."""
    there = {row.name: row.forward_ms for row in other.rows} if other else {}
    rows: list[dict[str, Any]] = []
    for dot, row in zip(dots, found.rows, strict=True):
        cells: dict[str, Any] = {
            t("time.op"): row.name,
            t("time.kind"): say(KINDS[dot.layer.kind].label),
            "MACs": dot.layer.macs,
            t("time.forward"): row.forward_ms,
            t("time.spread"): row.forward_spread_ms,
            t("time.backward"): row.backward_ms,
            "GFLOP/s": dot.point and dot.point.flops / 1e9,
            "GB/s": dot.point and dot.point.bandwidth / 1e9,
            t("time.bound"): say(BOUNDS[dot.point.bound]) if dot.point else "–",
        }
        if other:
            cells[t("time.there")] = there.get(row.name)
        rows.append(cells)
    st.dataframe(
        pd.DataFrame(rows), key=key("time.table"), hide_index=True, height=400, alt=t("time.alt")
    )
