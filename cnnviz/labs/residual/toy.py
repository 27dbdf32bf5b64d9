"""A toy that trains in a second: blocks that are to learn the identity, with shortcuts and without.

Both networks begin with the same weights. Weights of zero are the identity where there is a
shortcut; without one they are the function 0, and the weights have to take very particular values.
There are such values, since a block has two units a feature: x = ReLU(x) − ReLU(−x).
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from cnnviz.kept import kept
from cnnviz.labs.one_thread import LOST, one_thread
from cnnviz.labs.parts import Chart, Line, Part, Said, Table
from cnnviz.labs.residual.settings import ResidualSettings
from cnnviz.numbers import few_digits
from cnnviz.text import Text

FEATURES, UNITS, SAMPLES, STEPS = 8, 16, 64, 150
_LARGEST = 1e6  # a loss beyond is called lost
GOALS = {
    "identity": lambda x: x,
    "near": lambda x: x + 0.1 * torch.sin(3 * x),
    "negative": lambda x: -x,
}


@dataclass(frozen=True)
class Courses:
    """The losses of each step, and with all weights zero."""

    plain: tuple[float, ...]
    residual: tuple[float, ...]
    plain_at_zero: float
    residual_at_zero: float


def weights(depth: int, scale: float, seed: int = 0) -> list[Tensor]:
    """W₁ (UNITS, FEATURES) and W₂ (FEATURES, UNITS) of each block.

    Args:
        scale: times what keeps the variance from block to block: He's initialisation.
    """
    generator = torch.Generator().manual_seed(seed)
    block = (((UNITS, FEATURES), 2 / FEATURES), ((FEATURES, UNITS), 1 / UNITS))
    return [
        torch.randn(size, generator=generator) * scale * math.sqrt(variance)
        for _ in range(depth)
        for size, variance in block
    ]


def run(x: Tensor, blocks: list[Tensor], *, residual: bool) -> Tensor:
    """(N, FEATURES) -> (N, FEATURES), through W₂ · ReLU(W₁ · x) of every block."""
    for first, second in zip(blocks[::2], blocks[1::2], strict=True):
        change = torch.relu(x @ first.T) @ second.T
        x = x + change if residual else change
    return x


def train(goal: str, blocks: list[Tensor], rate: float, *, residual: bool) -> list[float]:
    """The mean squared error before each step of gradient descent; it ends where it is lost."""
    x = samples()
    wanted = GOALS[goal](x)
    blocks = [weight.clone().requires_grad_() for weight in blocks]
    losses: list[float] = []
    for _ in range(STEPS + 1):
        loss = ((run(x, blocks, residual=residual) - wanted) ** 2).mean()
        if not loss < _LARGEST:
            break
        losses.append(float(loss.detach()))
        for weight, gradient in zip(blocks, torch.autograd.grad(loss, blocks), strict=True):
            weight.data -= rate * gradient
    return losses


def samples() -> Tensor:
    """The inputs (SAMPLES, FEATURES), standard normal."""
    return torch.randn(SAMPLES, FEATURES, generator=torch.Generator().manual_seed(1))


@kept
@one_thread()
def courses(depth: int, goal: str, scale: float, rate: float) -> Courses:
    """Train both networks from the same weights."""
    start, zero = weights(depth, scale), weights(depth, 0)
    wanted = GOALS[goal](samples())
    at_zero = [
        float(((run(samples(), zero, residual=residual) - wanted) ** 2).mean())
        for residual in (False, True)
    ]
    lines = [tuple(train(goal, start, rate, residual=residual)) for residual in (False, True)]
    return Courses(lines[0], lines[1], *at_zero)


def identity(settings: ResidualSettings) -> list[Part]:
    """Both courses, and what zero weights are worth."""
    found = courses(settings.depth, settings.goal, settings.scale, settings.rate)
    names = (
        Text("without shortcuts", "没有捷径"),
        Text("with shortcuts: x + F(x)", "有捷径：x + F(x)"),
    )
    pair = ((found.plain, found.plain_at_zero), (found.residual, found.residual_at_zero))
    rows = []
    for name, (losses, zero) in zip(names, pair, strict=True):
        middle, last = (_at(losses, step) for step in (20, STEPS))
        rows.append((name, few_digits(zero), _at(losses, 0), middle, last))
    head = (
        Text("loss (mean squared error)", "损失（均方误差）"),
        Text("all weights 0", "权重全为 0"),
        Text("at the start", "开始时"),
        Text("after 20 steps", "20 步之后"),
        Text("after {steps} steps", "{steps} 步之后").format(steps=STEPS),
    )
    chart = Chart(
        Text("Loss of both, from the same initial weights", "两者的损失（初始权重相同）"),
        Text("step", "训练步"),
        Text("loss (log scale)", "损失（对数坐标）"),
        tuple(
            Line(name, tuple(range(len(losses))), tuple(max(loss, 1e-12) for loss in losses))
            for name, (losses, _) in zip(names, pair, strict=True)
        ),
        logarithmic=True,
    )
    told = Text(
        "A block is to give H(x). With a shortcut it learns only F(x) = H(x) − x. If x is right "
        "already, F is 0: the weights shrink to zero. Without one, W₂ · ReLU(W₁ · x) has to be x "
        "through every block. It could be, since x = ReLU(x) − ReLU(−x), and so the deeper network "
        "could copy the shallow one; gradient descent does not find it.",
        "块要输出 H(x)。有捷径时它只需学 F(x) = H(x) − x。若 x 已经正确，F 就是 0："
        "把权重缩到零即可。"
        "没有捷径时，每个块都要让 W₂ · ReLU(W₁ · x) 等于 x。这是做得到的：x = ReLU(x) − ReLU(−x)，"
        "所以更深的网络本可以照抄浅的网络，但梯度下降找不到这个解。",
    )
    return [chart, Table(head, tuple(rows)), Said(told)]


def _at(losses: tuple[float, ...], step: int) -> Text | str:
    if step < len(losses):
        return few_digits(losses[step])
    return LOST
