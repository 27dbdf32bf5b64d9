"""Initial weights other than PyTorch's own."""

from collections.abc import Callable

from torch import Tensor, nn

STD = 0.01  # of "normal": AlexNet's, Krizhevsky et al. 2012, section 5

# Glorot, Bengio, AISTATS 2010; He et al., arXiv 1502.01852
_WEIGHTS: dict[str, Callable[[Tensor], Tensor]] = {
    "xavier": nn.init.xavier_uniform_,
    "kaiming": lambda weight: nn.init.kaiming_normal_(weight, mode="fan_in", nonlinearity="relu"),
    "normal": lambda weight: nn.init.normal_(weight, std=STD),
}


def initialise(module: nn.Module, name: str) -> None:
    """Set the weights of all convolutions and linear layers in place, and their biases to zero.

    Args:
        name: "default" leaves everything as PyTorch made it; "xavier", "kaiming" or "normal".
    """
    if name == "default":
        return
    for part in module.modules():
        if isinstance(part, nn.Conv1d | nn.Conv2d | nn.Conv3d | nn.Linear):
            _WEIGHTS[name](part.weight.data)
            if part.bias is not None:
                nn.init.zeros_(part.bias)
