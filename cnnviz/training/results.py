"""Results of a trained network on the test images, and its weights."""

from pathlib import Path

import numpy as np
from safetensors import safe_open
from torch import Tensor, nn

from cnnviz.text import Text
from cnnviz.training.errors import TrainingError
from cnnviz.training.request import Request

RESULTS = "results.npz"


def save_results(probabilities: Tensor, labels: Tensor, folder: Path) -> None:
    """Write results.npz: confusion (K, K), labels and predictions (N,), probabilities (N, K).

    Row i, column j of the confusion matrix counts test images of class i that were called j.
    """
    answers, truth = probabilities.numpy(), labels.cpu().numpy()
    predictions = answers.argmax(axis=1)
    classes = answers.shape[1]
    np.savez_compressed(
        folder / RESULTS,
        confusion=np.bincount(truth * classes + predictions, minlength=classes**2).reshape(
            classes, classes
        ),
        labels=truth,
        predictions=predictions,
        probabilities=answers,
    )


def among_likeliest(probabilities: Tensor, labels: Tensor, most: int = 5) -> float:
    """Share of the images whose class is among the `most` likeliest: (N, K), (N,) -> 0 to 1."""
    likeliest = probabilities.topk(min(most, probabilities.shape[1])).indices
    return (likeliest == labels.cpu()[:, None]).any(dim=1).double().mean().item()


def load_weights(module: nn.Module, path: Path) -> nn.Module:
    """Put the weights of a safetensors file into a module and make it ready to answer.

    Names, shapes and types are compared before any weight is read.

    Raises:
        TrainingError: the file is no safetensors file, or of another network.
    """
    wanted = {name: (tuple(x.shape), x.dtype) for name, x in module.state_dict().items()}
    try:
        with safe_open(path, framework="pt") as file:
            names = file.keys()
            shapes = {name: tuple(file.get_slice(name).get_shape()) for name in names}
            wrong = [name for name in wanted if shapes.get(name) != wanted[name][0]]
            wrong += [name for name in shapes if name not in wanted]
            if wrong:
                raise _other_network(", ".join(wrong[:3]))
            state = {name: file.get_tensor(name) for name in wanted}
    except TrainingError:
        raise
    except Exception as error:  # the library raises several kinds for a broken file
        raise _other_network(type(error).__name__) from None
    wrong = [name for name, tensor in state.items() if tensor.dtype != wanted[name][1]]
    if wrong:
        raise _other_network(", ".join(wrong[:3]))
    module.load_state_dict(state)
    return module.eval()


def request_of(path: Path) -> Request:
    """The request behind the weights in a file, of this version of cnnviz or an earlier one.

        request = request_of("model.safetensors")
        module = load_weights(request.spec.build(), "model.safetensors")

    Raises:
        TrainingError: the file is none of cnnviz's, or it is of a later version.
        SpecError: a knob of the network or the recipe is out of range now.
    """
    try:
        with safe_open(path, framework="pt") as file:
            text = (file.metadata() or {})["request"]
    except Exception as error:  # the library raises several kinds for a broken file
        raise _other_network(type(error).__name__) from None
    return Request.from_json(text)


def _other_network(what: str) -> TrainingError:
    message = Text(
        "The weights are not those of this network ({what}). Take the file that was saved with it.",
        "权重与该网络不符（{what}）。请使用随该网络保存的文件。",
    )
    return TrainingError(message.format(what=what), code="weights")
