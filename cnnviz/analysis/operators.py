"""Below torch's functions: the operators that reach the dispatcher, whoever calls them.

A pass under one of the two worlds shows every operator to a watcher. `Shapes` computes no values:
its tensors are torch's fake tensors, which have a device and a dtype but no memory. `Values`
computes on a real device.
"""

from collections.abc import Callable
from functools import cache
from math import prod
from typing import Any, Protocol, cast

import torch
from torch import Tensor, nn
from torch._ops import HigherOrderOperator
from torch._subclasses.fake_tensor import (
    FakeTensor,
    FakeTensorMode,
    UnsupportedOperatorException,
    in_kernel_invocation_manager,
)
from torch.utils._mode_utils import no_dispatch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry, sdpa_flop

from cnnviz.analysis.constants import WITHOUT_VALUES, Constants
from cnnviz.analysis.known_shapes import RULES, VIEWS, fits_in_place

aten = torch.ops.aten
_DEVICE = torch.ops.prim.device.default
_EMPTY = aten.empty.memory_format

# Of these windows torch makes one number more, which stays in memory.
_WINDOWS = [getattr(aten, f"{name}_window")
            for name in ("bartlett", "blackman", "hamming", "hann", "kaiser")]  # fmt: skip
_PERIODIC = frozenset(window.default for window in _WINDOWS)
# On the CPU, attention is one operator that FlopCounterMode does not know.
_FORMULAS: dict[Any, Callable[..., int]] = {
    **flop_registry,
    aten._scaled_dot_product_flash_attention_for_cpu: sdpa_flop,
}
# Operators that move, compare, sum or look up numbers; with those that work on each number by
# itself and with views, all that are known to hold no matrix product.
_FREE_NAMES = """
empty empty_like empty_strided new_empty new_empty_strided zeros zeros_like new_zeros ones
ones_like new_ones full full_like new_full arange linspace eye scalar_tensor lift_fresh
lift_fresh_copy clone copy_ copy _to_copy to fill_ zero_ cat stack repeat repeat_interleave
index index_put index_put_ _unsafe_index _unsafe_index_put index_select index_add index_add_
index_copy index_fill gather scatter scatter_ scatter_add scatter_add_ scatter_reduce
masked_fill masked_fill_ masked_scatter masked_select nonzero where sort topk argsort argmax argmin
max min amax amin aminmax any all sum mean prod var std var_mean std_mean cumsum cumprod logsumexp
linalg_vector_norm norm softmax _softmax log_softmax _log_softmax embedding one_hot tril triu
tril_indices triu_indices roll flip rot90 constant_pad_nd reflection_pad1d reflection_pad2d
reflection_pad3d replication_pad1d replication_pad2d replication_pad3d im2col col2im
max_pool2d_with_indices max_pool3d_with_indices avg_pool2d avg_pool3d _adaptive_avg_pool2d
_adaptive_avg_pool3d adaptive_max_pool2d adaptive_max_pool3d max_unpool2d max_unpool3d
_pack_padded_sequence _pad_packed_sequence _weight_norm _weight_norm_interface _embedding_bag
_embedding_bag_forward_only exponential_ geometric_ log_normal_ cauchy_ multinomial
native_batch_norm _native_batch_norm_legit _native_batch_norm_legit_no_training
native_layer_norm native_group_norm _fused_rms_norm native_dropout bernoulli bernoulli_
uniform_ normal_ rand randn rand_like randn_like randint randperm random_ upsample_nearest1d
upsample_nearest2d upsample_nearest3d _upsample_nearest_exact1d _upsample_nearest_exact2d
_upsample_nearest_exact3d upsample_linear1d upsample_bilinear2d upsample_trilinear3d
upsample_bicubic2d _upsample_bilinear2d_aa _upsample_bicubic2d_aa grid_sampler_2d
grid_sampler_3d pixel_shuffle pixel_unshuffle channel_shuffle native_channel_shuffle bucketize
floor_divide searchsorted unfold glu split_with_sizes _local_scalar_dense resize_ set_ detach alias
"""
_FREE = frozenset(_FREE_NAMES.split())


class Watcher(Protocol):
    """Is shown each operator after it has run."""

    def operator(self, operator: Any, arguments: Any, result: Any) -> None: ...


def _convolution(args: Any, result: Tensor) -> int:
    """Each output is a sum over a filter; or each input, transposed, is spread by one."""
    steps: Tensor = args[0] if args[6] else result
    return int(steps.numel() * prod(args[1].shape[1:]))


# The most frequent ones; torch's formulas, which come to the same, take their time.
_QUICK: dict[Any, Callable[[Any, Tensor], int]] = {
    aten.convolution.default: _convolution,
    aten.mm.default: lambda args, result: result.numel() * args[0].shape[-1],
    aten.bmm.default: lambda args, result: result.numel() * args[0].shape[-1],
    aten.addmm.default: lambda args, result: result.numel() * args[1].shape[-1],
    aten.baddbmm.default: lambda args, result: result.numel() * args[1].shape[-1],
}


def products(operator: Any, arguments: Any, result: Any) -> int:
    """The multiply-accumulates of one call of an operator, by torch's own formulas."""
    args, kwargs = arguments
    if quick := _QUICK.get(operator):
        return quick(args, result)
    formula = _FORMULAS.get(getattr(operator, "_overloadpacket", operator))
    return formula(*args, **kwargs, out_val=result) // 2 if formula else 0


@cache
def is_free(operator: Any) -> bool:
    """Whether an operator is known to hold no matrix product."""
    if not isinstance(operator, torch._ops.OpOverload):
        return False
    name = operator._schema.name.partition("::")[2]
    return name in _FREE or torch.Tag.pointwise in operator.tags or operator.is_view


class Shapes(FakeTensorMode):
    """A world without values or memory."""

    supports_higher_order_operators = True

    def __init__(self, device: torch.device) -> None:
        super().__init__(allow_non_fake_inputs=True)
        self.device = device
        self.watcher: Watcher | None = None
        self._inside = False  # an operator, which calls others
        # of each device, as fake tensors there have it: where their kernels are chosen, attributes
        self._states: dict[
            torch.device, tuple[torch.device, dict[str, Any]]
        ] = {}  # attributes of fake tensors there
        self._constants = Constants()
        self._storages: dict[int, tuple[torch.UntypedStorage, Tensor]] = {}

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is _DEVICE and type(args[0]) is FakeTensor and not self.in_kernel_invocation:
            return args[0].fake_device
        if self._inside or self.watcher is None:
            return self.dispatch(func, types, args, kwargs or {})
        self._inside = True
        try:
            with torch._C.DisableTorchFunction():
                if isinstance(func, HigherOrderOperator):
                    result = self._of_functions(func, args, kwargs or {})
                else:
                    result = self._known(func, args, kwargs or {})
                    if result is None:
                        result = self._by_torch(func, types, args, kwargs or {})
                    self._constants.follow(func, args, kwargs or {}, result)
        finally:
            self._inside = False
        if result is not NotImplemented:
            self.watcher.operator(func, (args, kwargs or {}), result)
        return result

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """No: a pass keeps torch's compiler away, and asking it takes time at every operator."""
        return False

    def _by_torch(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        """As torch finds it; of constants, whose values are known, what they give."""
        try:
            if func in _PERIODIC and args[0] > 1:
                made: Any = self.dispatch(func, types, (args[0] + 1, *args[1:]), kwargs)
                return made.narrow(0, 0, args[0])
            return self.dispatch(func, types, args, kwargs)
        except WITHOUT_VALUES:
            found = self._constants.result(func, args, kwargs)
            if found is None:
                raise
            return self._standing_for(found) if isinstance(found, Tensor) else found

    def _of_functions(self, operator: HigherOrderOperator, args: Any, kwargs: Any) -> Any:
        """An operator that takes functions, such as flex_attention, where torch has its shapes."""
        shapes = operator.python_key_table.get(FakeTensorMode)
        if shapes is None:
            raise UnsupportedOperatorException(cast(Any, operator))
        return shapes(self, *args, **kwargs)

    def _standing_for(self, value: Tensor) -> Tensor:
        with no_dispatch():
            return self._fake(torch.empty_like(value, device="meta"), self.device)

    def _known(self, operator: Any, args: Any, kwargs: Any) -> Any:
        """The result where it is known beforehand; else None."""
        if operator is _EMPTY:
            return self._empty(*args, **kwargs)
        rule, in_place = RULES.get(operator), fits_in_place(operator, args)
        if rule is None and not in_place and operator not in VIEWS:
            return None
        given = args[0] if isinstance(args[0], list) else args
        tensors = [value for value in given if isinstance(value, Tensor)]
        devices = {_fake_device(tensor) for tensor in tensors}
        if len(devices) != 1 or None in devices:
            return None
        if in_place:
            return args[0]
        device = tensors[0].fake_device  # type: ignore[attr-defined]
        with no_dispatch():
            if rule is not None:
                made: Any = rule(*args, **kwargs)
            else:
                with in_kernel_invocation_manager(self):
                    made = operator(*args, **kwargs)
            if isinstance(made, tuple):
                return tuple(self._fake(tensor, device) for tensor in made)
            return made if made is None else self._fake(made, device)

    def _empty(
        self,
        size: Any,
        *,
        dtype: torch.dtype | None = None,
        layout: torch.layout | None = torch.strided,
        device: torch.device | None = None,
        **others: Any,
    ) -> Tensor | None:
        """A plain tensor that was just made; else None."""
        plain = layout is torch.strided and not any(others.values())
        if device is None or device.type == "meta" or not plain:
            return None
        with no_dispatch():
            return self._fake(torch.empty(size, dtype=dtype, device="meta"), device)

    def _fake(self, tensor: Tensor, device: torch.device) -> Tensor:
        """`FakeTensor(self, tensor, device)` in a quarter of the time."""
        state = self._states.get(device)
        if state is None:
            made = FakeTensor(self, tensor, device)
            self._states[device] = made.fake_device, vars(made).copy()
            return made
        place, attributes = state
        made = Tensor._make_subclass(
            FakeTensor,
            tensor,
            tensor.requires_grad,
            dispatch_device=True,
            device_for_backend_keys=place,
        )
        torch._C._set_throw_on_mutable_data_ptr(made)
        vars(made).update(attributes)
        return made

    def stand_in(self, tensor: Tensor) -> Tensor:
        """A tensor of the same shape, dtype and place without memory."""
        if tensor.layout is not torch.strided or tensor.is_quantized:
            return self.from_tensor(tensor, static_shapes=True)
        device = self.device if tensor.device.type == "meta" else tensor.device
        with no_dispatch():
            made = self._fake(self._meta(tensor), device)
            self._constants.keep(made, tensor)
        return _same_role(made, tensor)

    def _meta(self, tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        shape = tensor.size(), tensor.stride()
        known = self._storages.get(storage._cdata)
        if known is None:
            made = torch.empty_strided(*shape, dtype=tensor.dtype, device="meta")
            if made.untyped_storage().nbytes() == storage.nbytes():
                self._storages[storage._cdata] = storage, made
                return made
            base = torch.empty(storage.nbytes(), dtype=torch.uint8, device="meta")
            known = self._storages[storage._cdata] = storage, base
        meta = torch.empty(0, dtype=tensor.dtype, device="meta")
        return meta.set_(known[1].untyped_storage(), tensor.storage_offset(), *shape)

    def zeros(self, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
        """An input."""
        return self.stand_in(torch.empty(shape, dtype=dtype, device="meta"))


class Values(TorchDispatchMode):
    """A real device; the copies have memory of their own there."""

    supports_higher_order_operators = True

    def __init__(self, device: torch.device) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # torch's class has no annotations
        self.device = device
        self.watcher: Watcher | None = None
        self._storages: dict[int, tuple[torch.UntypedStorage, torch.UntypedStorage]] = {}

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        with torch._C.DisableTorchFunction():
            result = func(*args, **(kwargs or {}))
        if self.watcher is not None:
            self.watcher.operator(func, (args, kwargs or {}), result)
        return result

    def stand_in(self, tensor: Tensor) -> Tensor:
        """A copy on the device."""
        if tensor.layout is not torch.strided or tensor.is_quantized:
            return tensor.detach().clone().to(self.device)
        storage = tensor.untyped_storage()
        if storage._cdata not in self._storages:
            made = torch.UntypedStorage(storage.nbytes(), device=self.device)
            if storage.device.type != "meta":
                made.copy_(storage)
            self._storages[storage._cdata] = storage, made
        copy = torch.empty(0, dtype=tensor.dtype, device=self.device)
        own = self._storages[storage._cdata][1]
        shape = tensor.size(), tensor.stride()
        return _same_role(copy.set_(own, tensor.storage_offset(), *shape), tensor)

    def zeros(self, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
        """An input."""
        return torch.zeros(shape, dtype=dtype, device=self.device)


World = Shapes | Values


def deep_copy(tensor: Tensor, memo: dict[int, Tensor]) -> Tensor:
    """`Tensor.__deepcopy__` for a fake tensor, whose memory it would look for."""
    if not tensor.is_leaf:
        return cast(Tensor, tensor.__deepcopy__(memo))  # which refuses it
    if id(tensor) not in memo:
        memo[id(tensor)] = _same_role(tensor.detach().clone(), tensor)
    return memo[id(tensor)]


def _fake_device(tensor: Tensor) -> torch.device | None:
    return tensor.fake_device if type(tensor) is FakeTensor else None


def _same_role(made: Tensor, tensor: Tensor) -> Tensor:
    """Make a stand-in a parameter or a buffer where the tensor is one."""
    if isinstance(tensor, nn.Parameter):
        cast(Any, made)._is_param = True
    if isinstance(tensor, nn.Buffer):
        cast(Any, made)._is_buffer = True
    for name, value in vars(tensor).items():
        if not hasattr(made, name):
            setattr(made, name, value)
    return made.requires_grad_(tensor.requires_grad and not _is_whole(made))


def _is_whole(tensor: Tensor) -> bool:
    return not (tensor.is_floating_point() or tensor.is_complex())
