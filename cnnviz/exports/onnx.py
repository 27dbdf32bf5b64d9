"""A network as ONNX, with the weights it has."""

import copy
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn
from torch.onnx.errors import OnnxExporterError

from cnnviz.exports.errors import ExportError
from cnnviz.text import Text
from cnnviz.zoo.lenet import TrainableSubsampling

INPUT, OUTPUT = "image", "scores"
MOST_BYTES = 2_000_000_000  # of weights in one file: protobuf ends there
_TOO_LARGE = Text(
    "The weights take {size} bytes; one .onnx file holds at most {most}.",
    "权重共 {size} 字节；一个 .onnx 文件最多 {most} 字节。",
)
_NO_WORDS = Text(
    "torch cannot write the network as ONNX: {why}", "torch 无法将该网络写成 ONNX：{why}"
)


class _MeanSubsampling(TrainableSubsampling):
    """The same with four times the mean in place of the sum, which torch's exporter gets wrong."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        per_map = (-1, 1, 1)
        weight = 4 * self.weight.view(per_map)
        return torch.addcmul(self.bias.view(per_map), F.avg_pool2d(x, kernel_size=2), weight)


def write_onnx(network: nn.Module, input_shape: tuple[int, ...], file: Path) -> None:
    """Write a network in evaluation mode; it comes back as it was, and any batch fits.

    Args:
        input_shape: (N, C, H, W); all but N are fixed in the file.

    Raises:
        ExportError: the weights are more than one file can hold, or ONNX has no words for an op.
    """
    exported = copy.deepcopy(network).eval().cpu()
    for module in exported.modules():
        if type(module) is TrainableSubsampling:
            module.__class__ = _MeanSubsampling
    size = sum(weight.nbytes for weight in exported.state_dict().values())
    if size > MOST_BYTES:
        raise ExportError(_TOO_LARGE.format(size=f"{size:,}", most=f"{MOST_BYTES:,}"))
    image = torch.zeros(input_shape)
    with torch.no_grad(), _quietly():
        outputs = exported(image)
        names = [OUTPUT, *(f"{OUTPUT}_auxiliary{i}" for i in range(1, _count(outputs)))]
        try:
            torch.onnx.export(
                exported,
                (image,),
                file,
                input_names=[INPUT],
                output_names=names,
                dynamic_shapes=({0: torch.export.Dim.DYNAMIC},),
                external_data=False,
                verbose=False,
            )
        except OnnxExporterError as error:
            why = str(error.__cause__ or error).partition("\n")[0]
            raise ExportError(_NO_WORDS.format(why=why)) from error


def _count(outputs: torch.Tensor | tuple[torch.Tensor, ...]) -> int:
    return len(outputs) if isinstance(outputs, tuple) else 1


@contextmanager
def _quietly() -> Iterator[None]:
    """torch's exporter speaks of its own future, and of torchvision, which nothing here needs."""
    talker = logging.getLogger("torch.onnx._internal.exporter._registration")
    level = talker.level
    talker.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        talker.setLevel(level)
