"""Modules without storage."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from cnnviz.families import Spec


def build_on_meta(spec: Spec) -> nn.Module:
    """The spec's module without storage; initialisation, which would do nothing, is skipped."""
    with _MetaBuild():
        return spec.build()


class _MetaBuild(TorchFunctionMode):
    """Makes new tensors on the meta device and leaves weights uninitialised."""

    _FACTORIES = frozenset(
        (torch.empty, torch.zeros, torch.ones, torch.full, torch.tensor, torch.arange)
    )

    def __torch_function__(
        self, function: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        if function in self._FACTORIES:
            return function(*args, **{**kwargs, "device": "meta"})
        if getattr(function, "__module__", "") == "torch.nn.init":
            return args[0] if args else kwargs["tensor"]
        return function(*args, **kwargs)
