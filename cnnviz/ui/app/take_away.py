"""Files of the network on screen; each is made when it is taken."""

import subprocess
import sys
import tempfile
from pathlib import Path
from threading import BoundedSemaphore

import streamlit as st

from cnnviz.analysis import analyze
from cnnviz.exports import files, names
from cnnviz.exports.network import Network
from cnnviz.exports.style import THEMES, Style
from cnnviz.families import Preset, Spec
from cnnviz.ui.architecture.measured_times import milliseconds
from cnnviz.ui.kit.words import language, t
from cnnviz.ui.session.slot import Slot

MOST_WEIGHTS = 100_000_000  # bytes of a file that the page makes
_SECONDS = 300
_GRAPH = (".svg", ".pdf", ".png", ".tex")
_TABLE = (".csv", ".xlsx", ".md", ".tex")
_NETWORK = (".py", ".json", ".html")
_making = BoundedSemaphore(2)  # others' pages go on meanwhile


def take_away(slot: Slot) -> None:
    """Offer every file of a slot's network, its graph as it is unfolded on screen."""
    spec, start = slot.spec, slot.preset
    theme = st.segmented_control(
        t("take.theme"),
        list(THEMES),
        default=next(iter(THEMES)),
        required=True,
        key=slot.key(f"take.theme.{language()}"),
        format_func=lambda name: t(f"take.{name}"),
    )
    look = slot.look
    style = Style(
        opened=frozenset(look.opened),
        language=language(),
        theme=theme if theme in THEMES else "light",
        counting=look.counting,
        colour_by=look.colour_by,
        milliseconds=milliseconds(slot.subject(), slot.key),
    )
    name = names.file_name(spec, start)
    for kind, endings in (("graph", _GRAPH), ("table", _TABLE), ("network", _NETWORK)):
        st.markdown(f"**{t(f'take.{kind}')}**")
        with st.container(horizontal=True):
            for ending in endings:
                _offer(slot, f"{name}{ending}", style, is_table=kind == "table")
            if kind == "network":
                _offer_onnx(slot, name)


def _offer(slot: Slot, name: str, style: Style, *, is_table: bool) -> None:
    spec, start, ending = slot.spec, slot.preset, Path(name).suffix
    what = ("table" if is_table else "") + ending.removeprefix(".")
    st.download_button(
        ending,
        data=lambda: _made(spec, start, Path(name), style, is_table=is_table),
        file_name=name.replace(".tex", "-table.tex") if is_table else name,
        on_click="ignore",
        key=slot.key(f"take.{is_table}{ending}"),
        help=t(f"take.{what}_help"),
    )


def _made(spec: Spec, start: Preset, file: Path, style: Style, *, is_table: bool) -> bytes:
    network = Network(names.title(spec, start), analyze(spec), spec, start)
    with _making:
        return files.made(network, file, style, table=is_table)


def _offer_onnx(slot: Slot, name: str) -> None:
    spec, start = slot.spec, slot.preset
    if analyze(spec).weight_bytes > MOST_WEIGHTS:
        st.caption(t("take.onnx_large", size=MOST_WEIGHTS // 1_000_000))
        line = f"python -m cnnviz export {names.command(spec, start)} -o {name}.onnx"
        st.code(line, language="bash", wrap_lines=True)
        return
    st.download_button(
        ".onnx",
        data=lambda: onnx_of(spec, start),
        file_name=f"{name}.onnx",
        on_click="ignore",
        key=slot.key("take.onnx"),
        help=t("take.onnx_help"),
    )


def onnx_of(spec: Spec, start: Preset) -> bytes:
    """The .onnx of a spec, made in a process of its own: it keeps a processor busy for long.

    Raises:
        subprocess.SubprocessError: it fails, or takes longer than five minutes.
    """
    with _making, tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "network.onnx")
        made = [sys.executable, "-m", "cnnviz", "export", *names.command(spec, start).split()]
        subprocess.run([*made, "-o", str(file)], check=True, capture_output=True, timeout=_SECONDS)
        return file.read_bytes()
