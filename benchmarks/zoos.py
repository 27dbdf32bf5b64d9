"""Other people's networks: torchvision's, timm's, pytorchcv's and segmentation-models-pytorch's."""

import sys
from collections.abc import Callable, Iterator
from functools import partial
from itertools import zip_longest
from pathlib import Path
from unittest import mock

import torch
from torch import nn

Build = Callable[[], nn.Module]
Given = tuple[tuple[int, ...] | int, ...]  # shapes of tensors, and numbers
Network = tuple[str, Build, int]
_SPOKEN = tuple(
    f"pytorchcv {name}" for name in ("jasper5x3", "jasperdr10x5_en", "quartznet5x5_en_ls")
)
# What networks are called with that read anything else than one colour image, as their files say.
OTHERS: dict[str, Given] = {
    "pytorchcv bisenet_resnet18_celebamaskhq": ((1, 3, 640, 480),),
    "pytorchcv pfpcnet": ((1, 1, 320, 240),),
    "pytorchcv superpointnet": ((1, 1, 16, 16),),  # it has ops for each point that it finds
    "pytorchcv voca8flame": ((1, 1, 16, 29), (1,)),
    "pytorchcv nvpattexp116bazel76": ((1, 8, 16, 29), (1,)),
    "pytorchcv visemenet20": ((34, 8, 195), (34, 76)),
    "pytorchcv raft_things": ((1, 3, 256, 256), (1, 3, 256, 256)),
    "pytorchcv propainter_rfc": ((1, 3, 2, 64, 64), (1, 3, 1, 64, 64)),
    "pytorchcv propainter_ip": ((3, 3, 64, 64), (3, 1, 64, 64), (2, 4, 64, 64)),
    "pytorchcv propainter": (
        *((1, 5, 3, 64, 64), (1, 5, 1, 64, 64), (1, 5, 1, 64, 64), (1, 2, 4, 64, 64)),
        3,
    ),
    **dict.fromkeys(_SPOKEN, ((1, 64, 200), (1,))),
}


def networks(folder: Path) -> Iterator[Network]:
    """Name, builder and image size of each network, the packages in turn."""
    sys.path.append(str(folder))
    packages = [_torchvision(), _timm(), _pytorchcv(), _segmentation()]
    for row in zip_longest(*packages):
        yield from filter(None, row)


def _torchvision() -> Iterator[Network]:
    skipped = partial(lambda *_, **__: lambda function: function)
    # the builds of torchvision for GPUs register operators that are not there without one
    with (
        mock.patch.object(torch.library, "register_fake", skipped),
        mock.patch.object(torch.library, "register_autograd", skipped),
    ):
        import torchvision  # noqa: PLC0415
    models = torchvision.models
    for name in models.list_models(models):
        size = 299 if name == "inception_v3" else 224
        yield f"torchvision {name}", partial(models.get_model, name, weights=None), size
    for name in models.list_models(models.segmentation):
        build = partial(models.get_model, name, weights=None, weights_backbone=None)
        yield f"torchvision {name}", build, 224


def _timm() -> Iterator[Network]:
    import timm  # noqa: PLC0415

    for module in timm.list_modules():
        name = next(iter(timm.list_models(module=module)), None)
        if name:
            size = timm.models.get_pretrained_cfg(name)
            side = size.input_size[-1] if size else 224
            yield f"timm {name}", partial(timm.create_model, name), side


def _pytorchcv() -> Iterator[Network]:
    from pytorchcv.model_provider import _models, get_model  # noqa: PLC0415

    families: dict[str, str] = {}
    for name, build in _models.items():
        families.setdefault(build.__module__, name)
    for name in families.values():
        build = partial(get_model, name, pretrained=False)
        if (full := f"pytorchcv {name}") in _SPOKEN:
            build.keywords["from_audio"] = False
        yield full, build, 224


def _segmentation() -> Iterator[Network]:
    import segmentation_models_pytorch as smp  # noqa: PLC0415

    for kind in ("Unet", "UnetPlusPlus", "MAnet", "Linknet", "FPN", "PSPNet", "PAN", "DeepLabV3"):
        for encoder in ("resnet18", "mobilenet_v2"):
            build = partial(getattr(smp, kind), encoder, encoder_weights=None)
            yield f"smp {kind} {encoder}", build, 224
