"""Draws what a lab shows: paragraphs, arithmetic, tables, pictures, charts, images."""

import re
import wave
from collections.abc import Callable
from functools import partial
from io import BytesIO

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from PIL import Image

from cnnviz.labs.parts import Chart, Code, Images, Part, Picture, Said, Sound, Sums, Table, word
from cnnviz.render.figures.canvas import Canvas, text_width
from cnnviz.render.training_charts import COLOURS, DASHES, FONT
from cnnviz.ui.kit.assets import asset
from cnnviz.ui.kit.chart_style import TOOLS, ink
from cnnviz.ui.kit.graph_view import picture
from cnnviz.ui.kit.words import as_markdown, say, t
from cnnviz.ui.labs.chart_words import chart_words

See = Callable[[str, object], None]

_film = st.components.v2.component(
    "cnnviz_film", html=asset("film.html"), css=asset("film.css"), js=asset("film.js")
)
_HEIGHT = 300  # px of a chart
_MOST_LINES = 16  # of a film's steps in one column under it
_NARROW = 220  # px: steps that are no wider stand in columns, see app.css
_SIDE_BY_SIDE = 2  # images; more are smaller on a phone, see app.css
_MOST_MARKS = 40  # points of a line that are marked


def draw(part: Part, *, at: int, see: See, key: str) -> None:
    """Draw one part.

    Args:
        at: the step at which a film stands.
        see: is given the step knob and the step when somebody goes to another one.
    """
    match part:
        case Said():
            st.markdown(as_markdown(say(part.text)))
        case Sums():
            st.text("\n".join(word(line, say) for line in part.lines))
        case Table():
            st.markdown(_table(part))
        case Picture() if part.frames:
            _moving(part, at=at, see=see, key=key)
        case Picture():
            picture(_svg(part), label=say(part.words), key=key)
        case Chart():
            st.plotly_chart(_chart(part), key=key, config=TOOLS, alt=chart_words(part))
        case Images():
            _images(part, key)
        case Code():
            with st.expander(t("labs.code")):
                st.code(part.text, language="python")
        case Sound():
            st.caption(as_markdown(word(part.name, say)))
            st.audio(_wav(part), format="audio/wav")


def _svg(part: Picture) -> str:
    canvas = Canvas("currentColor")
    part.draw(canvas, say)
    return canvas.svg(say(part.words))


def _moving(part: Picture, *, at: int, see: See, key: str) -> None:
    def moved() -> None:
        see(part.step, st.session_state[key].at)

    _film(
        key=key,
        data={
            "svg": _svg(part),
            "frames": [word(frame, say) for frame in part.frames],
            "at": at,
            "label": f"{t('labs.picture', count=len(part.frames))}: {say(part.words)}",
            "words": {name: t(f"labs.{name}") for name in ("back", "play", "next", "step")},
        },
        default={"at": at},
        on_at_change=moved,
    )
    st.caption(as_markdown(say(part.words)))
    _steps([word(frame, say) for frame in part.frames], key)


def _steps(lines: list[str], key: str) -> None:
    """Write all steps of a film: many short ones in columns, of many long ones the last folded."""
    if len(lines) > _MOST_LINES and max(map(text_width, lines)) <= _NARROW:
        with st.container(key=f"{key}-columns"):
            st.text("\n".join(lines), width="stretch")
        return
    st.text("\n".join(lines[:_MOST_LINES]))
    if rest := lines[_MOST_LINES:]:
        with st.expander(t("labs.more", count=len(rest))):
            st.text("\n".join(rest))


def _table(part: Table) -> str:
    head = [as_markdown(word(cell, say) or t("labs.item")) for cell in part.head]
    rows = [[_together(as_markdown(word(cell, say))) for cell in row] for row in part.rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, _rule(len(head)), *rows))


def _together(cell: str) -> str:
    """Keep a number and its unit, or a matrix's row, in one line; a phone's columns are narrow.

    Args:
        cell: in Markdown, which marks "/" and "%".
    """
    if r" \/ " in cell:
        cell = re.sub(r"(?<=\d) (?=−?\d)", "\N{NO-BREAK SPACE}", cell)
    return re.sub(r"(?<=\d) (?=(%|\\%|[kMGT])( |$))", "\N{NO-BREAK SPACE}", cell)


def _rule(columns: int) -> list[str]:
    return [":--", *["--:"] * (columns - 1)]


def _chart(part: Chart) -> go.Figure:
    figure = go.Figure()
    for number, line in enumerate(part.lines):
        colour = COLOURS[number % len(COLOURS)]
        add = figure.add_bar if part.bars else partial(figure.add_scatter, mode=_mode(line.x))
        style = {"marker_color": colour} if part.bars else _style(number, colour)
        add(x=list(line.x), y=list(line.y), name=word(line.name, say), **style)
    axis = {"gridcolor": "rgba(128, 128, 128, 0.3)", "zerolinecolor": "rgba(128, 128, 128, 0.6)"}
    figure.update_layout(
        title={"text": say(part.title), "font": {"size": FONT + 2}, "y": 0.97},
        height=_HEIGHT,
        margin={"l": 10, "r": 10, "t": 70, "b": 10},
        font={"size": FONT, "color": ink()},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        legend={"orientation": "h", "y": 1, "yanchor": "bottom"},
        showlegend=len(part.lines) > 1,
        xaxis={"title": say(part.across), **axis},
        yaxis={"title": say(part.up), **axis},
    )
    if part.logarithmic:
        figure.update_yaxes(type="log", tickformat="~g")
    if part.doubling:
        figure.update_xaxes(type="log", tickvals=list(part.lines[0].x))
    return figure


def _mode(x: tuple[float, ...]) -> str:
    return "lines+markers" if len(x) <= _MOST_MARKS else "lines"


def _style(number: int, colour: str) -> dict[str, object]:
    return {"line": {"color": colour, "dash": DASHES[number % len(DASHES)], "width": 2.5}}


def _wav(part: Sound) -> bytes:
    """16 bits a sample; Streamlit itself would make each sound as loud as can be."""
    content = BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(part.rate)
        file.writeframes(np.round(part.samples * 32767).astype("<i2").tobytes())
    return content.getvalue()


def _images(part: Images, key: str) -> None:
    many = "many" if len(part.images) > _SIDE_BY_SIDE else "few"
    with st.container(horizontal=True, gap="medium", key=f"{key}-{many}-images"):
        for image, caption in zip(part.images, part.captions, strict=True):
            side = max(image.shape[:2])
            times = max(1, part.side // side)
            size = (image.shape[1] * times, image.shape[0] * times)
            large = Image.fromarray(image).resize(size, Image.Resampling.NEAREST)
            words = word(caption, say)
            st.image(large, caption=as_markdown(words), alt=words, width=size[0])
