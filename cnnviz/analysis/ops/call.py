"""One call of a torch function."""

from typing import TYPE_CHECKING, Any

from torch import Tensor

Shape = tuple[int, ...]
Attributes = tuple[tuple[str, Any], ...]

if TYPE_CHECKING:

    class Traced(Tensor):
        """A tensor with what the trace knows of it.

        Attributes:
            _produced_by: position of the op that made an activation.
            _made_from: ids of the parameters behind a prepared weight.
            _written_by: position of the op that wrote last into what this is a view of.
            _is_fixed: set on what does not hang on the input.
        """

        _produced_by: int
        _made_from: set[int]
        _written_by: int
        _is_fixed: bool

else:
    Traced = Tensor


class Call:
    """One call of a torch function: look its arguments up by name or position."""

    def __init__(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], output: Tensor):
        self.name, self.args, self.kwargs, self.output = name, args, kwargs, output
        if name == "hardtanh" and self._bounds() == (0, 6):
            self.name = "relu6"  # torch.nn.ReLU6 calls it so

    def argument(self, position: int, name: str, default: Any = None) -> Any:
        if name in self.kwargs:
            return self.kwargs[name]
        return self.args[position] if position < len(self.args) else default

    def shape(self, position: int, name: str) -> Shape:
        return tuple(self.argument(position, name).shape)

    def _bounds(self) -> tuple[float, float]:
        return self.argument(1, "min_val", -1.0), self.argument(2, "max_val", 1.0)


_SAME = {
    "truediv": "div",
    "floordiv": "floor_divide",
    "mod": "remainder",
    "negative": "neg",
    "absolute": "abs",
}


def canonical_name(function: Any) -> str:
    """conv2d for `F.conv2d` and `torch.conv2d`, add for `Tensor.add_`, `__iadd__` and `+`."""
    name = getattr(function, "__name__", str(function)).partition(".")[0].strip("_")
    for prefix in ("i", "r"):
        if name.startswith(prefix) and name[1:] in ("add", "sub", "mul", "truediv", "matmul"):
            name = name[1:]
    return _SAME.get(name, name)
