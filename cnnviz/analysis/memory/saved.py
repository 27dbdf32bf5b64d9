"""Which tensors each torch function saves for the backward pass.

Supporting a new op is one line in the table. A function that is not there is reported as unknown,
never counted as zero. The rules are those of torch's derivatives.yaml, with functions that are
composed of others taken apart, on the CPU and in training mode.
"""

from collections.abc import Callable, Iterator
from math import prod
from typing import NamedTuple

from torch import Tensor

from cnnviz.analysis.ops import Call

INT64 = 8  # bytes


class Saved(NamedTuple):
    """Numbers that an op saves and no op before it has saved, for the whole batch.

    Args:
        floats: maps and masks; they grow with the batch.
        indices: places of maxima, eight bytes each in any precision; they grow with the batch.
        statistics: means and deviations of batch norm, the same for any batch.
    """

    floats: int = 0
    indices: int = 0
    statistics: int = 0

    def nbytes(self, *, size: int = 4, statistic: int = 4) -> int:
        """Bytes, with `size` of them for a float and `statistic` for one of batch norm's."""
        return size * self.floats + INT64 * self.indices + statistic * self.statistics


NOTHING = Saved()
Needs = Callable[[Tensor], bool]
# A rule yields tensors that are saved as they are, `Saved` for tensors made only to be saved, and
# None where it cannot tell.
Rule = Callable[[Call, Needs], Iterator[Tensor | Saved | None]]


def _nothing(call: Call, needs: Needs) -> Iterator[Tensor]:
    yield from ()


def _input(call: Call, needs: Needs) -> Iterator[Tensor | Saved]:
    source = call.argument(0, "input")
    # an op in place saves a copy, except where the output tells as much as the input
    if source is call.output and call.name not in _OUTPUT_DOES:
        yield Saved(floats=source.numel())
    else:
        yield source


def _output(call: Call, needs: Needs) -> Iterator[Tensor]:
    yield call.output


def _input_and_output(call: Call, needs: Needs) -> Iterator[Tensor]:
    yield call.argument(0, "input")
    yield call.output


def _input_and_another(call: Call, needs: Needs) -> Iterator[Tensor | Saved]:
    source = call.argument(0, "input")
    yield source
    yield Saved(floats=source.numel())


def _conv(call: Call, needs: Needs) -> Iterator[Tensor | None]:
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


def _product(call: Call, needs: Needs) -> Iterator[Tensor | Saved | None]:
    one, other = call.argument(0, "input"), call.argument(1, _SECOND[call.name])
    if call.name == "linear" and one.ndim > 2 and not one.is_contiguous():
        yield None  # it may work on a copy
    yield from _factors(call, one, other, needs)


def _matmul(call: Call, needs: Needs) -> Iterator[Tensor | Saved | None]:
    one, other = call.argument(0, "input"), call.argument(1, "other")
    if one.ndim > 2 and other.ndim > 2:
        plain = one.is_contiguous() and other.is_contiguous()
        if not plain or one.shape[:-2] != other.shape[:-2]:
            yield None  # likewise
    yield from _factors(call, one, other, needs)


def _added_product(call: Call, needs: Needs) -> Iterator[Tensor | Saved]:
    one, other = ("tensor1", "tensor2") if call.name == "addcmul" else ("mat1", "mat2")
    if call.name == "baddbmm":
        one, other = "batch1", "batch2"
    yield from _factors(call, call.argument(1, one), call.argument(2, other), needs)


def _quotient(call: Call, needs: Needs) -> Iterator[Tensor | Saved]:
    above, below = call.argument(0, "input"), call.argument(1, "other")
    if isinstance(below, Tensor):
        yield below
        if needs(below):
            yield Saved(floats=above.numel()) if above is call.output else above


def _power(call: Call, needs: Needs) -> Iterator[Tensor | Saved | None]:
    if isinstance(call.argument(1, "exponent"), Tensor):
        yield None
    yield from _input(call, needs)


def _batch_norm(call: Call, needs: Needs) -> Iterator[Tensor | Saved]:
    source = call.argument(0, "input")
    yield source
    yield Saved(statistics=2 * source.shape[1])  # mean and inverse deviation of the batch


def _group_norm(call: Call, needs: Needs) -> Iterator[Tensor | Saved]:
    source = call.argument(0, "input")
    yield source if source.is_contiguous() else Saved(floats=source.numel())
    yield Saved(floats=2 * source.shape[0] * call.argument(1, "num_groups"))


def _layer_norm(call: Call, needs: Needs) -> Iterator[Tensor | Saved]:
    source = call.argument(0, "input")
    yield source
    normalised = prod(call.argument(1, "normalized_shape"))
    yield Saved(floats=2 * source.numel() // normalised)


def _local_response_norm(call: Call, needs: Needs) -> Iterator[Tensor | Saved]:
    # x / (k + α·mean(pad(x²)))^β: x, the padded squares, and both ends of the power
    source = call.argument(0, "input")
    yield source
    a_map = source.numel() // source.shape[1]
    padded = source.shape[1] + call.argument(1, "size") - 1
    yield Saved(floats=a_map * padded + 2 * source.numel())


def _largest(call: Call, needs: Needs) -> Iterator[Tensor | Saved]:
    yield call.argument(0, "input")
    yield Saved(indices=call.output.numel())


def _average_to_size(call: Call, needs: Needs) -> Iterator[Tensor]:
    axes = int(call.name[-2])
    if set(call.output.shape[-axes:]) != {1}:  # to a single number, it is a mean
        yield call.argument(0, "input")


def mask_rate(call: Call) -> float:
    """The share that a dropout leaves out."""
    return float(call.argument(1, "p", 0.5))


def _mask(call: Call, needs: Needs) -> Iterator[Saved]:
    if mask_rate(call) == 1:
        yield Saved(statistics=1)  # a zero that everything is multiplied with
    elif mask_rate(call) > 0:
        yield Saved(floats=MASK_SIZES[call.name](call.argument(0, "input")))


def _pad(call: Call, needs: Needs) -> Iterator[Tensor]:
    if call.argument(2, "mode", "constant") in ("reflect", "replicate"):
        yield call.argument(0, "input")


def _index(call: Call, needs: Needs) -> Iterator[Tensor | None]:
    place = call.argument(2, "index") if call.name == "index_select" else call.args[1]
    for part in place if isinstance(place, tuple | list) else (place,):
        if isinstance(part, Tensor):
            yield None if hasattr(part, "_produced_by") else part


def _cast(call: Call, needs: Needs) -> Iterator[None]:
    if call.output.dtype is not call.argument(0, "input").dtype:
        yield None  # later ops have numbers of another size


# The numbers drawn at random for an input.
MASK_SIZES: dict[str, Callable[[Tensor], int]] = {
    "dropout": lambda source: source.numel(),
    **dict.fromkeys(("dropout1d", "dropout2d", "dropout3d"), lambda source: prod(source.shape[:2])),
}
_SECOND = {"linear": "weight", "mm": "mat2", "bmm": "mat2", "mul": "other"}
_OUTPUT_DOES = frozenset(("leaky_relu", "elu", "selu", "celu"))
_BY_RULE: dict[Rule, str] = {
    _nothing: "cat concat concatenate stack add sub neg sum mean flatten unflatten view view_as "
    "reshape reshape_as permute transpose t swapaxes movedim squeeze unsqueeze expand expand_as "
    "repeat contiguous chunk split tensor_split unbind select narrow clone detach channel_shuffle "
    "pixel_shuffle pixel_unshuffle upsample interpolate roll flip",
    _conv: "conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d",
    _product: "linear mm bmm mul",
    _matmul: "matmul",
    _added_product: "addmm baddbmm addcmul",
    _quotient: "div",
    _power: "pow",
    _input: "relu6 leaky_relu prelu elu selu celu gelu silu mish hardtanh hardsigmoid hardswish "
    "softplus threshold clamp avg_pool1d avg_pool2d avg_pool3d square log abs",
    _output: "relu sigmoid tanh softmax log_softmax sqrt rsqrt exp",
    _input_and_output: "amax",
    _input_and_another: "logsigmoid softsign",
    _batch_norm: "batch_norm",
    _group_norm: "group_norm",
    _layer_norm: "layer_norm",
    _local_response_norm: "local_response_norm",
    _largest: "max_pool1d max_pool2d max_pool3d "
    "adaptive_max_pool1d adaptive_max_pool2d adaptive_max_pool3d",
    _average_to_size: "adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d",
    _mask: " ".join(MASK_SIZES),
    _pad: "pad",
    _index: "index_select getitem setitem",
    _cast: "to float half type type_as",
}
RULES = {name: rule for rule, names in _BY_RULE.items() for name in names.split()}
