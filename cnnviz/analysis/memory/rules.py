"""Rules for which tensors a torch function saves for the backward pass.

They are those of torch's derivatives.yaml, with functions that are composed of others taken apart,
on the CPU and in training mode.
"""

from collections.abc import Callable, Iterator
from math import prod

from torch import Tensor

from cnnviz.analysis.memory.saved import Needs, Saved
from cnnviz.analysis.ops.call import Call


def nothing(call: Call, needs: Needs) -> Iterator[Tensor]:
    yield from ()


def input_(call: Call, needs: Needs) -> Iterator[Tensor | Saved]:
    source = call.argument(0, "input")
    # an op in place saves a copy
    yield Saved(floats=source.numel()) if source is call.output else source


def input_unless_in_place(call: Call, needs: Needs) -> Iterator[Tensor]:
    """The output of an op in place tells as much as the input."""
    yield call.argument(0, "input")


def output(call: Call, needs: Needs) -> Iterator[Tensor]:
    yield call.output


def input_and_output(call: Call, needs: Needs) -> Iterator[Tensor]:
    yield call.argument(0, "input")
    yield call.output


def input_and_another(call: Call, needs: Needs) -> Iterator[Tensor | Saved]:
    source = call.argument(0, "input")
    yield source
    yield Saved(floats=source.numel())


def convolution(call: Call, needs: Needs) -> Iterator[Tensor | None]:
    weight = call.argument(1, "weight")
    if call.argument(4, "padding") == "same" and any(side % 2 == 0 for side in weight.shape[2:]):
        yield None  # one side is padded beforehand
    yield call.argument(0, "input")
    yield weight


def _factors(call: Call, one: object, other: object, needs: Needs) -> Iterator[Tensor | Saved]:
    """Each factor is needed for the gradient of the other one."""
    if not (isinstance(one, Tensor) and isinstance(other, Tensor)):
        return
    if needs(one):
        yield other
    if needs(other):
        yield Saved(floats=one.numel()) if one is call.output else one


def product(call: Call, needs: Needs) -> Iterator[Tensor | Saved | None]:
    one, other = call.argument(0, "input"), call.argument(1, _SECOND[call.name])
    if call.name == "linear" and one.ndim > 2 and not one.is_contiguous():
        yield None  # it may work on a copy
    yield from _factors(call, one, other, needs)


def matmul(call: Call, needs: Needs) -> Iterator[Tensor | Saved | None]:
    one, other = call.argument(0, "input"), call.argument(1, "other")
    if one.ndim > 2 and other.ndim > 2:
        plain = one.is_contiguous() and other.is_contiguous()
        if not plain or one.shape[:-2] != other.shape[:-2]:
            yield None  # likewise
    yield from _factors(call, one, other, needs)


def added_product(call: Call, needs: Needs) -> Iterator[Tensor | Saved]:
    one, other = ("tensor1", "tensor2") if call.name == "addcmul" else ("mat1", "mat2")
    if call.name == "baddbmm":
        one, other = "batch1", "batch2"
    yield from _factors(call, call.argument(1, one), call.argument(2, other), needs)


def quotient(call: Call, needs: Needs) -> Iterator[Tensor | Saved]:
    above, below = call.argument(0, "input"), call.argument(1, "other")
    if isinstance(below, Tensor):
        yield below
        if needs(below):
            yield Saved(floats=above.numel()) if above is call.output else above


def power(call: Call, needs: Needs) -> Iterator[Tensor | Saved | None]:
    if isinstance(call.argument(1, "exponent"), Tensor):
        yield None
    yield from input_(call, needs)


def batch_norm(call: Call, needs: Needs) -> Iterator[Tensor | Saved]:
    source = call.argument(0, "input")
    yield source
    yield Saved(statistics=2 * source.shape[1])  # mean and inverse deviation of the batch


def group_norm(call: Call, needs: Needs) -> Iterator[Tensor | Saved]:
    source = call.argument(0, "input")
    yield source if source.is_contiguous() else Saved(floats=source.numel())
    yield Saved(floats=2 * source.shape[0] * call.argument(1, "num_groups"))


def layer_norm(call: Call, needs: Needs) -> Iterator[Tensor | Saved]:
    source = call.argument(0, "input")
    yield source
    normalised = prod(call.argument(1, "normalized_shape"))
    yield Saved(floats=2 * source.numel() // normalised)


def local_response_norm(call: Call, needs: Needs) -> Iterator[Tensor | Saved]:
    # x / (k + α·mean(pad(x²)))^β: x, the padded squares, and both ends of the power
    source = call.argument(0, "input")
    yield source
    a_map = source.numel() // source.shape[1]
    padded = source.shape[1] + call.argument(1, "size") - 1
    yield Saved(floats=a_map * padded + 2 * source.numel())


def largest(call: Call, needs: Needs) -> Iterator[Tensor | Saved]:
    yield call.argument(0, "input")
    yield Saved(indices=call.output.numel())


def average_to_size(call: Call, needs: Needs) -> Iterator[Tensor]:
    if set(call.output.shape[2:]) != {1}:  # to a single number, it is a mean
        yield call.argument(0, "input")


def mask_rate(call: Call) -> float:
    """The share that a dropout leaves out."""
    return float(call.argument(1, "p", 0.5))


def mask(call: Call, needs: Needs) -> Iterator[Saved]:
    if mask_rate(call) == 1:
        yield Saved(statistics=1)  # a zero that everything is multiplied with
    elif mask_rate(call) > 0:
        yield Saved(floats=MASK_SIZES[call.name](call.argument(0, "input")))


def pad(call: Call, needs: Needs) -> Iterator[Tensor]:
    if call.argument(2, "mode", "constant") in ("reflect", "replicate"):
        yield call.argument(0, "input")


def index(call: Call, needs: Needs) -> Iterator[Tensor | None]:
    place = call.argument(2, "index") if call.name == "index_select" else call.args[1]
    for part in place if isinstance(place, tuple | list) else (place,):
        if isinstance(part, Tensor):
            yield None if hasattr(part, "_produced_by") else part


def cast(call: Call, needs: Needs) -> Iterator[None]:
    if call.output.dtype is not call.argument(0, "input").dtype:
        yield None  # later ops have numbers of another size


# The numbers drawn at random for an input.
MASK_SIZES: dict[str, Callable[[Tensor], int]] = {
    "dropout": lambda source: source.numel(),
    **dict.fromkeys(("dropout1d", "dropout2d", "dropout3d"), lambda source: prod(source.shape[:2])),
}
_SECOND = {"linear": "weight", "mm": "mat2", "bmm": "mat2", "mul": "other"}
