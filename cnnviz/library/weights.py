"""`cnnviz.load_weights`: a trained network from the file that a run has written."""

from os import PathLike
from pathlib import Path

from torch import nn

from cnnviz.training import results


def load_weights(file: str | PathLike[str]) -> nn.Module:
    """Build the network that a training run has written as .safetensors, with its weights.

    >>> model = cnnviz.load_weights("run/model.safetensors")

    The file holds the network's setting, too; nothing in it is run.

    Args:
        file: of `python -m cnnviz train … -o FOLDER`, or as downloaded from the Training page.

    Returns:
        The module, in evaluation mode, on the CPU.

    Raises:
        OSError: the file cannot be read.
        TrainingError: it is none of cnnviz's, of a later version, or damaged.
        SpecError: a knob of the network is out of range now.
    """
    path = Path(file)
    path.open("rb").close()  # the reader of the format hides why a file cannot be opened
    return results.load_weights(results.request_of(path).spec.build(), path)
