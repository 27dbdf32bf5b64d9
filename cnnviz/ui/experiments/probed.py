"""What a probe has found in the networks of an experiment, each probe in its own chart."""

from collections.abc import Callable, Mapping, Sequence
from statistics import fmean

import numpy as np

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

_ALONG = Text(
    "layer or block, from the first to the last; the whole network stands first where blocks are "
    "taken out or put in",
    "层或块，从第一个到最后一个；移除或加入块时，首个点为原网络",
)
_LINES = {
    "signal": Text(
        "Signal before training: deviation of each layer's output", "训练前的信号：各层输出的标准差"
    ),
    "fit-the-identity": Text("Error of the identity, every ten steps", "恒等映射的误差，每十步"),
    "without-a-block": Text(
        "Test accuracy without one block after the other", "逐一移除各块后的测试准确率"
    ),
    "with-identity-layers": Text(
        "Training loss: as it was trained, and with 56 layers",
        "训练损失：训练所得网络，以及 56 层时",
    ),
}
_ON_LOG = ("signal", "fit-the-identity")
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
    found = {title: _figures(own, probe in _ON_LOG) for title, own in histories.items()}
    if probe in _LINES:
        _lines(probe, found, key)
    else:
        _DRAWN[probe]({title: own for title, own in found.items() if own}, key)


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
    figure = depth_chart(
        _LINES[probe],
        {title: list(own.values()) for title, own in found.items()},
        language(),
        along=_ALONG,
        is_log=probe in _ON_LOG,
        ink=ink(),
        revision=key,
    )
    steady_chart(figure, key=f"{probe}-{key}", label=t("experiments.depth_alt"))


def _surfaces(found: Found, key: str) -> None:
    surfaces = {title: Matrix.of(own) for title, own in found.items()}
    for title, surface in surfaces.items():
        losses = surface.found
        values = {"middle": losses[len(losses) // 2], "least": min(losses), "most": max(losses)}
        words = {name: f"{value:.3g}" for name, value in values.items()}
        figure = surface_chart(title, surface, language(), ink=ink(), revision=key)
        label = t("experiments.surface_alt", name=title, **words)
        steady_chart(figure, key=f"surface-{title}-{key}", label=label)


def _reuse(found: Found, key: str) -> None:
    """Accuracy lost by each layer without the older maps, and its weights on each."""
    lost = {
        title: {layer: own[WHOLE] - value for layer, value in _short(own, reuse.WITHOUT).items()}
        for title, own in found.items()
    }
    label = t("experiments.lost_older")
    figure = bars_chart(label, lost, language(), ink=ink(), revision=key)
    steady_chart(figure, key=f"lost-{key}", label=f"{label}: {_told(lost)}")
    along = (t("experiments.reading"), t("experiments.read"))
    for title, own in found.items():
        short = _short(own, reuse.WEIGHT)
        matrix = Matrix.of(short)
        figure = matrix_chart(title, matrix, along, language(), ink=ink(), revision=key)
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
            say(_BRANCHES[branch]): own[WHOLE] - fmean(_of_branch(own, WITHOUT, branch))
            for branch in _BRANCHES
        }
        for title, own in found.items()
    }
    label = t("experiments.lost")
    figure = bars_chart(label, lost, language(), ink=ink(), revision=key)
    steady_chart(figure, key=f"lost-{key}", label=f"{label}: {_told(lost)}")
    along = (t("experiments.block"), t("experiments.branch"))
    for title, own in found.items():
        shares = {
            f"{block.removeprefix('inception_')}/{say(_BRANCHES[branch])}": figure
            for name, figure in own.items()
            if name.startswith(f"{SHARE}/")
            for _, block, branch in [name.split("/")]
        }
        named = t("experiments.shares", name=title)
        figure = matrix_chart(named, Matrix.of(shares), along, language(), ink=ink(), revision=key)
        means = {
            say(words): fmean(_of_branch(own, SHARE, name)) for name, words in _BRANCHES.items()
        }
        steady_chart(figure, key=f"shares-{title}-{key}", label=f"{named}: {_told({'': means})}")


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
        f"{title} {', '.join(f'{name} {share:.1%}' for name, share in shares.items())}".strip()
        for title, shares in bars.items()
    )


_DRAWN: dict[str, Callable[[Found, str], None]] = {
    "loss-surface": _surfaces,
    "reuse": _reuse,
    "branches": _branches,
}
