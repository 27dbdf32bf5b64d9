"""A line with the result of one real forward pass on the chosen device."""

from concurrent.futures import Future
from itertools import count

import streamlit as st

from cnnviz.analysis.real_run import Live, LiveError
from cnnviz.families import Spec
from cnnviz.live.tasks import LiveRun
from cnnviz.numbers import duration, short
from cnnviz.render.kinds import shape_text
from cnnviz.ui.kit.announcement import announce
from cnnviz.ui.kit.live_client import ask, pause
from cnnviz.ui.kit.polling import every
from cnnviz.ui.kit.words import say, t
from cnnviz.ui.session.device import device_name, is_known, select_device


def live_line(spec: Spec) -> None:
    """Show the device selector and, once it is known, the result of the forward pass."""
    line, choice = st.columns([5, 1], vertical_alignment="center")
    device = select_device(place=choice, label_visibility="collapsed", help=t("live.device_help"))
    with line:
        if not is_known():
            st.markdown(f":gray[◌ {t('live.starting')}]")
            return
        run = ask(LiveRun(device, spec))
        announce(_spoken(run), key="live")
        if run.done():
            _status(run, device_name(device))
        else:
            _poll(run, device_name(device))


def _poll(run: Future[Live], name: str) -> None:
    """Redraw the line until the run is done; a last rerun of the page then stops the timer."""
    passes = count()

    @every(pause())
    def status() -> None:
        if next(passes) and run.done():
            st.rerun()
        _status(run, name)

    status()


def _status(run: Future[Live], name: str) -> None:
    if not run.done() or run.cancelled():
        st.markdown(f":gray[◌ {t('live.waiting', device=name)}]")
    elif isinstance(error := run.exception(), LiveError):
        st.markdown(f":orange[▲ {t('live.refused')}] {say(error.message)}")
    else:
        _result(run.result())


def _spoken(run: Future[Live]) -> list[str]:
    """The verdict, as soon as there is one."""
    if not run.done() or run.cancelled():
        return []
    if isinstance(error := run.exception(), LiveError):
        return [f"{t('live.refused')} {say(error.message)}"]
    return [_verdict(run.result())]


def _verdict(live: Live) -> str:
    if live.differences:
        return t("live.differs", names=", ".join(live.differences[:3]))
    return t("live.agrees", params=f"{live.params:,}")


def _result(live: Live) -> None:
    text = t(
        "live.result",
        device=live.device_name,
        time=duration(live.seconds),
        shape=shape_text((1, *live.output_shape)),
        memory=short(live.peak_bytes, "B"),
    )
    colour, sign = ("red", "✕") if live.differences else ("green", "✓")
    verdict = f":{colour}[{sign} {_verdict(live)}]"
    st.markdown(f":green[●] {text} · {verdict}", help=t("live.help"))
