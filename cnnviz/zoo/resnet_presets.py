"""The presets of ResNet: those of 2015, plain nets, wide ones, ResNeXt, SE-ResNet, pre-activation.

Stride is on the 1×1 in the presets of 2015 and on the 3×3 in the others, as it is in the listings
that their numbers come from.
"""

from dataclasses import replace
from typing import Any

from cnnviz.families import NORMALISED, UNNORMALISED, Family, Preset
from cnnviz.zoo.resnet import ResNetSpec

PAPER = "arXiv 1512.03385"
BASIC: dict[str, Any] = {"block": "basic"}
RESNEXT_50 = {"groups": 32, "group_width": 4}


def _later(name: str, params: int, macs: int, source: str, **knobs: Any) -> Preset:
    """A successor of ResNet-50, stride on the 3×3."""
    spec = ResNetSpec(stride_on="3x3", **knobs)
    return Preset(name=name, spec=spec, params=params, macs=macs, source=source)


def _imagenet(name: str, depths: tuple[int, ...], params: int, macs: int, **knobs: Any) -> Preset:
    spec = ResNetSpec(depths=depths, **knobs)
    return Preset(name=name, spec=spec, params=params, macs=macs, source=f"{PAPER}, table 1")


def _cifar(layers: int, params: int, macs: int) -> list[Preset]:
    """The residual and the plain net of 6n + 2 layers."""
    return [
        Preset(
            name=f"{name}-{layers}",
            spec=ResNetSpec(
                **BASIC,
                depths=((layers - 2) // 6,) * 3,
                stem="cifar",
                stem_channels=16,
                shortcut="zero-pad",
                residual=name == "resnet",
                image_size=32,
                num_classes=10,
            ),
            params=params,
            macs=macs,
            source=f"{PAPER}, section 4.2",
        )
        for name in ("resnet", "plain")
    ]


def _wide(layers: int, times: int, params: int, macs: int) -> Preset:
    """The WRN-n-k of 6N + 4 convolutions: pre-activated basic blocks, k times as wide."""
    return Preset(
        name=f"wide-resnet-{layers}-{times}",
        spec=ResNetSpec(
            **BASIC,
            depths=((layers - 4) // 6,) * 3,
            widening=times,
            order="pre-activation",
            stem="cifar",
            stem_channels=16,
            image_size=32,
            num_classes=10,
        ),
        params=params,
        macs=macs,
        source="arXiv 1605.07146, table 1",
        known_as=f"WRN-{layers}-{times}",
    )


_CIFAR = [
    *_cifar(20, 269_722, 40_551_040),
    *_cifar(32, 464_154, 68_862_592),
    *_cifar(44, 658_586, 97_174_144),
    *_cifar(56, 853_018, 125_485_696),
    *_cifar(110, 1_727_962, 252_887_680),
]

FAMILY = Family(
    title="ResNet",
    known_as="ResNeXt, SENet, Wide ResNet, plain",
    spec=ResNetSpec,
    demos=(replace(NORMALISED, when=lambda spec: spec.normalisation != "none"), UNNORMALISED),
    presets=(
        _imagenet("resnet-50", (3, 4, 6, 3), 25_557_032, 3_857_973_248),
        _imagenet("resnet-18", (2, 2, 2, 2), 11_689_512, 1_814_073_344, **BASIC),
        _imagenet("resnet-34", (3, 4, 6, 3), 21_797_672, 3_663_761_408, **BASIC),
        _imagenet("resnet-101", (3, 4, 23, 3), 44_549_160, 7_570_194_432),
        _imagenet("resnet-152", (3, 8, 36, 3), 60_192_808, 11_282_415_616),
        _later(
            "resnext-50-32x4d",
            25_028_904,
            4_230_479_872,
            "arXiv 1611.05431, table 1",
            **RESNEXT_50,
        ),
        _later(
            "resnext-101-32x8d",
            88_791_336,
            16_414_015_488,
            "torchvision resnext101_32x8d",
            depths=(3, 4, 23, 3),
            groups=32,
            group_width=8,
        ),
        _later(
            "resnext-101-64x4d",
            83_455_272,
            15_460_270_080,
            "torchvision resnext101_64x4d",
            depths=(3, 4, 23, 3),
            groups=64,
            group_width=4,
        ),
        _later(
            "se-resnet-50", 28_088_024, 4_091_699_200, "arXiv 1709.01507, table 1", reduction=16
        ),
        _later(
            "se-resnext-50-32x4d",
            27_559_896,
            4_232_994_816,
            "arXiv 1709.01507, table 1",
            reduction=16,
            **RESNEXT_50,
        ),
        _later(
            "preact-resnet-50",
            25_549_352,
            4_089_184_256,
            "arXiv 1603.05027, figure 4; timm resnetv2_50",
            order="pre-activation",
        ),
        _later(
            "wide-resnet-50-2",
            68_883_240,
            11_398_021_120,
            "arXiv 1605.07146; torchvision wide_resnet50_2",
            group_width=128,
        ),
        _later(
            "wide-resnet-101-2",
            126_886_696,
            22_753_050_624,
            "torchvision wide_resnet101_2",
            depths=(3, 4, 23, 3),
            group_width=128,
        ),
        _wide(28, 10, 36_479_194, 5_243_328_768),
        _wide(16, 8, 10_961_370, 1_548_145_664),
        Preset(
            name="resnet-18-d2l",
            spec=ResNetSpec(
                **BASIC, depths=(2, 2, 2, 2), conv_bias=True, in_channels=1, num_classes=10
            ),
            params=11_178_378,
            macs=1_734_890_496,
            source="Dive into Deep Learning, 8.6",
        ),
        *sorted(_CIFAR, key=lambda preset: preset.name.startswith("plain")),
    ),
)
