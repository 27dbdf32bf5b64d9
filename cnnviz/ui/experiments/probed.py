"""What a probe has found in the networks of an experiment, each probe in its own chart."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import fmean

import numpy as np
import streamlit as st

from cnnviz.render.experiment_charts import depth_chart
from cnnviz.render.probe_charts import Matrix, bars_chart, matrix_chart, surface_chart
from cnnviz.text import Text
from cnnviz.training.history import History
from cnnviz.training.probes import reuse
from cnnviz.training.probes.branches import SHARE, WITHOUT
from cnnviz.training.probes.probe import WHOLE
from cnnviz.ui.kit.chart_style import ink
from cnnviz.ui.kit.steady_chart import steady_chart
from cnnviz.ui.kit.words import language, say, t

Found = Mapping[str, Mapping[str, float]]  # figures by the arm's title and their name

_LINES = {  # the title, and the name of the x axis
    "signal": (
        Text("Signal before training: deviation of each output", "训练前的信号：各层输出的标准差"),
        Text("layer, from the first to the last", "层，从第一层到最后一层"),
    ),
    "fit-the-identity": (
        Text("Error of the identity, as a share of the variance", "恒等映射的误差（占方差的比例）"),
        Text("step", "步"),
    ),
    "without-a-block": (
        Text("Test accuracy in % without one block", "移除一个块后的测试准确率（%）"),
        Text(
            "block taken out, from the first to the last; 0 is the whole network",
            "被移除的块，从第一个到最后一个；0 为完整网络",
        ),
    ),
}
_AT: dict[str, Callable[[Iterable[str]], list[float]]] = {  # other points than 1, 2, 3 …
    "fit-the-identity": lambda names: list(map(float, names)),
    "without-a-block": lambda names: [float(at) for at, _ in enumerate(names)],
}
_ON_LOG = ("signal", "fit-the-identity")
_DEEPENED = (Text("as it was trained", "训练所得"), Text("with 56 layers", "补到 56 层"))
_POINTS = Text("percentage points", "百分点")
_BRANCHES = {
    "branch1": Text("1×1", "1×1 卷积"),
    "branch2": Text("3×3", "3×3 卷积"),
    "branch3": Text("5×5", "5×5 卷积"),
    "branch4": Text("pooling", "池化"),
}


def probed(probe: str, histories: Mapping[str, list[History]], key: str) -> None:
    """Draw what the probe has found, the mean over the seeds.

    Args:
        histories: of each seed, by the arm's title.
        key: of the charts.
    """
    figures = {title: _figures(own, probe in _ON_LOG) for title, own in histories.items()}
    found = {title: own for title, own in figures.items() if own}
    if not found:
        return
    if probe in _LINES:
        _lines(probe, found, key)
    else:
        _DRAWN[probe](found, key)


def averaged(rows: Sequence[tuple[float, ...]], *, is_log: bool) -> list[float]:
    """The mean of each column, the geometric one on a log scale."""
    if not rows:
        return []
    values = np.array(rows)
    if not is_log:
        return [float(value) for value in values.mean(axis=0)]
    return [float(value) for value in np.exp(np.log(np.maximum(values, 1e-45)).mean(axis=0))]


def _figures(histories: list[History], is_log: bool) -> dict[str, float]:
    measured = [history.measured for history in histories if history.measured]
    figures = averaged([one.figures for one in measured], is_log=is_log)
    return dict(zip(measured[0].names, figures, strict=True)) if measured else {}


def _lines(probe: str, found: Found, key: str) -> None:
    title, along = _LINES[probe]
    factor = 1 if probe in _ON_LOG else 100
    names = next(iter(found.values()))
    figure = depth_chart(
        title,
        {arm: [factor * value for value in own.values()] for arm, own in found.items()},
        language(),
        along=along,
        at=_AT[probe](names) if probe in _AT else (),
        is_log=probe in _ON_LOG,
        ink=ink(),
        revision=key,
    )
    steady_chart(figure, key=f"{probe}-{key}", label=t("experiments.depth_alt"))


def _deepened(found: Found, key: str) -> None:
    """Loss of each trained network, and of what is put together from it."""
    bars = {
        title: dict(zip(map(say, _DEEPENED), own.values(), strict=True))
        for title, own in found.items()
    }
    label = t("experiments.loss_train")
    figure = bars_chart(label, bars, ("", ""), language(), ink=ink(), revision=key)
    steady_chart(figure, key=f"deepened-{key}", label=f"{label}: {_told(bars)}")


def _surfaces(found: Found, key: str) -> None:
    surfaces = {title: Matrix.of(own) for title, own in found.items()}
    for place, (title, surface) in zip(st.columns(len(surfaces)), surfaces.items(), strict=True):
        losses = surface.found
        values = {"middle": losses[len(losses) // 2], "least": min(losses), "most": max(losses)}
        words = {name: f"{value:.3g}" for name, value in values.items()}
        figure = surface_chart(title, surface, language(), ink=ink(), revision=key)
        label = t("experiments.surface_alt", name=title, **words)
        with place:
            steady_chart(figure, key=f"surface-{title}-{key}", label=label)
    st.caption(t("experiments.cross"))


def _reuse(found: Found, key: str) -> None:
    """Accuracy lost by each layer without the older maps, and its weights on each."""
    lost = {
        title: {
            layer: 100 * (own[WHOLE] - value) for layer, value in _short(own, reuse.WITHOUT).items()
        }
        for title, own in found.items()
    }
    label, up = t("experiments.lost_older"), say(_POINTS)
    figure = bars_chart(
        label, lost, (t("experiments.reading"), up), language(), ink=ink(), revision=key
    )
    steady_chart(figure, key=f"lost-{key}", label=f"{label}: {_told(lost)}")
    along = (t("experiments.reading"), t("experiments.read"), t("experiments.weight"))
    weights = {title: _short(own, reuse.WEIGHT) for title, own in found.items()}
    most = max(weight for short in weights.values() for weight in short.values())
    for title, short in weights.items():
        matrix = Matrix.of(short)
        figure = matrix_chart(title, matrix, along, language(), most=most, ink=ink(), revision=key)
        newest = max(short, key=lambda name: short[name])
        values = {"least": f"{min(matrix.found):.3g}", "most": f"{max(matrix.found):.3g}"}
        label = t("experiments.reuse_alt", name=title, where=newest, **values)
        steady_chart(figure, key=f"reuse-{title}-{key}", label=label)


def _short(own: Mapping[str, float], what: str) -> dict[str, float]:
    """The figures of a kind: "3.2/1" for "weight/block3.layer2/layer1"."""
    return {
        name.removeprefix(f"{what}/").replace("block", "").replace("layer", ""): figure
        for name, figure in own.items()
        if name.startswith(f"{what}/")
    }


def _branches(found: Found, key: str) -> None:
    """Accuracy lost by each branch, on average over the blocks, and its share of each block."""
    lost = {
        title: {
            say(_BRANCHES[branch]): 100 * (own[WHOLE] - fmean(_of_branch(own, WITHOUT, branch)))
            for branch in _BRANCHES
        }
        for title, own in found.items()
    }
    label, up = t("experiments.lost"), say(_POINTS)
    figure = bars_chart(
        label, lost, (t("experiments.branch"), up), language(), ink=ink(), revision=key
    )
    steady_chart(figure, key=f"lost-{key}", label=f"{label}: {_told(lost)}")
    along = (t("experiments.block"), t("experiments.branch"), "%")
    for place, (title, own) in zip(st.columns(len(found)), found.items(), strict=True):
        shares = {
            f"{block.removeprefix('inception_')}/{say(_BRANCHES[branch])}": 100 * figure
            for name, figure in own.items()
            if name.startswith(f"{SHARE}/")
            for _, block, branch in [name.split("/")]
        }
        named = t("experiments.shares", name=title)
        matrix = Matrix.of(shares)
        figure = matrix_chart(named, matrix, along, language(), most=100, ink=ink(), revision=key)
        means = {
            say(words): 100 * fmean(_of_branch(own, SHARE, name))
            for name, words in _BRANCHES.items()
        }
        with place:
            steady_chart(
                figure, key=f"shares-{title}-{key}", label=f"{named}: {_told({'': means})}"
            )


def _of_branch(own: Mapping[str, float], what: str, branch: str) -> list[float]:
    """The figures of a branch in all blocks."""
    return [
        figure
        for name, figure in own.items()
        if name.startswith(f"{what}/") and name.endswith(f"/{branch}")
    ]


def _told(bars: Found) -> str:
    """Bars for those who cannot see them."""
    return "; ".join(
        f"{title} {', '.join(f'{name} {figure:.3g}' for name, figure in figures.items())}".strip()
        for title, figures in bars.items()
    )


_DRAWN: dict[str, Callable[[Found, str], None]] = {
    "with-identity-layers": _deepened,
    "loss-surface": _surfaces,
    "reuse": _reuse,
    "branches": _branches,
}
