"""Diagnosis of a run that has learnt nothing: the likely cause, and what to try."""

from collections.abc import Sequence

from cnnviz.families import Spec
from cnnviz.text import Text
from cnnviz.training.recipe import Recipe

CHANCE = 1.5  # times the accuracy of guessing, up to which a result is at chance level
VANISHED = 1e-3  # ratio of the first layers' gradient norm to the last layers'
EXPLODED = 1e3
FEW_STEPS = 200


def is_at_chance(accuracy: float, classes: int) -> bool:
    """Whether the accuracy is about as good as guessing."""
    return accuracy <= CHANCE / classes


def diagnosis(norms: Sequence[Sequence[float]], steps: int, spec: Spec, recipe: Recipe) -> Text:
    """The likely cause that nothing was learnt, read from the gradients, and what to try.

    For example, the gradient of a LeNet with sigmoids fades from layer to layer. In a plain network
    of 56 layers the same is the lesson.

    Args:
        norms: of each report of the run, the gradient's norm of each weight, first layer first.
        steps: that the run has done.
    """
    firsts, lasts = (_middle([ends[part] for ends in norms if ends]) for part in (0, -1))
    if lasts == 0 or firsts < VANISHED * lasts:
        return Text(
            "The gradient vanishes: in the first layer it is {ratio:.0e} of that in the last, so "
            "the first layers hardly move. Try {remedy}.",
            "梯度消失：第一层的梯度只有最后一层的 {ratio:.0e}，前面的层几乎不更新。"
            "可以试试{remedy}。",
        ).format(ratio=firsts / lasts if lasts else 0, remedy=_remedy(spec, recipe))
    if firsts > EXPLODED * lasts:
        return Text(
            "The gradient explodes: in the first layer it is {ratio:.0e} times that in the last. "
            "Try a smaller learning rate than {rate:g}, warm-up, gradient clipping, or {remedy}.",
            "梯度爆炸：第一层的梯度是最后一层的 {ratio:.0e} 倍。可以试试小于 {rate:g} 的学习率、"
            "学习率预热、梯度裁剪，或{remedy}。",
        ).format(ratio=firsts / lasts, rate=recipe.learning_rate, remedy=_remedy(spec, recipe))
    if steps < FEW_STEPS:
        return Text(
            "There {steps:was|were} only {steps} step{steps:|s}. Try more images, more epochs, or "
            "a smaller batch than {batch}.",
            "只训练了 {steps} 步。可以试试更多图像、更多轮数，或小于 {batch} 的批量。",
        ).format(steps=steps, batch=recipe.batch_size)
    return Text(
        "The gradients are neither vanishing nor exploding. Try another learning rate than "
        "{rate:g}, ten times smaller or larger, or {remedy}.",
        "梯度既未消失也未爆炸。可以试试与 {rate:g} 不同的学习率（缩小或放大十倍），或{remedy}。",
    ).format(rate=recipe.learning_rate, remedy=_remedy(spec, recipe))


def _middle(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2] if values else 0.0


def _remedy(spec: Spec, recipe: Recipe) -> Text:
    """A remedy that keeps signals and gradients in scale, and that the network does not have."""
    values = spec.values
    if values.get("batch_norm") is False or values.get("normalisation") == "none":
        return Text("batch norm", "批量规范化")
    if values.get("residual") is False:
        return Text("shortcuts: switch residual on", "捷径：打开残差连接")
    if values.get("activation") in ("sigmoid", "tanh"):
        return Text("ReLU", "ReLU 激活函数")
    if recipe.initialisation == "default":
        return Text("another initialisation", "其他初始化方式")
    return Text("another optimiser", "其他优化器")
