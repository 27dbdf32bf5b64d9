"""Pictures of what is counted: parameters, operations, bytes."""

from cnnviz.render.kinds import KINDS
from cnnviz.render.terms.sketch import Sketch
from cnnviz.text import Text

_NINE = {(row, column) for row in range(3) for column in range(3)}


def params(s: Sketch) -> None:
    s.grid(0, 0, [["w"] * 3] * 3, marked=_NINE)
    s.grid(100, 24, [["b"]], marked={(0, 0)}, kind="merge")
    s.text(86, 36, "+")
    s.text(62, 92, f"3·3 + 1 = {3 * 3 + 1}")


def macs(s: Sketch) -> None:
    s.text(90, 0, "a ← a + w·x", bold=True)
    s.grid(0, 22, [["x₁", "x₂", "x₃"]], cell=28)
    s.grid(0, 58, [["w₁", "w₂", "w₃"]], cell=28, marked={(0, 0), (0, 1), (0, 2)})
    s.text(146, 54, "3 MACs")


def flops(s: Sketch) -> None:
    ends = s.chain(0, 0, ("w·x", "convolution"), ("a + …", "merge"))
    for number, (start, end) in enumerate(ends, start=1):
        s.text((start + end) / 2, 30, str(number))
    s.text(76, 56, "1 MAC = 2 FLOPs")


def operations(s: Sketch) -> None:
    s.bars(0, 60, [2, 2, 1], most=2, names=["w·x + a", "BN", "ReLU"], wide=64, high=48)
    s.text(32, 36, "2", ink=KINDS["convolution"].ink)
    s.text(104, 36, "2", ink=KINDS["convolution"].ink)
    s.text(176, 48, "1", ink=KINDS["convolution"].ink)


def weight_bytes(s: Sketch) -> None:
    s.grid(0, 0, [["w"]], marked={(0, 0)}, cell=34)
    s.text(52, 17, "=")
    s.grid(68, 5, [["8 bit"] * 4], cell=48)


def trace(s: Sketch) -> None:
    rows = (("conv", "64×112×112"), ("relu", "64×112×112"), ("pool", "64×56×56"))
    for number, (operation, size) in enumerate(rows):
        y = number * 30
        s.rect(0, y - 13, 220, 26, "none")
        s.text(10, y, f"{number + 1}", anchor="start")
        s.text(34, y, operation, anchor="start")
        s.text(210, y, size, anchor="end")


def training_memory(s: Sketch) -> None:
    kept = (
        ("linear", Text("weights", "权重"), 24),
        ("unknown", Text("gradients", "梯度"), 24),
        ("normalisation", Text("state", "状态"), 24),
        ("activation", Text("activations", "激活"), 140),
    )
    x = 0
    for kind, _, width in kept:
        s.rect(x, 0, width, 30, KINDS[kind].colour)
        x += width
    *small, (kind, largest, width) = kept
    s.text(x - width / 2, 15, largest(s.language), ink=KINDS[kind].ink)
    s.text(0, 48, " + ".join(name(s.language) for _, name, _ in small), anchor="start")
