"""The numbers of the line's sentences, counted on the networks that are built."""

from cnnviz.analysis import Layer, Report
from cnnviz.analysis.ops import Shape
from cnnviz.ledger.stories import stories
from cnnviz.numbers import percent, short, three_digits
from cnnviz.text import joined
from cnnviz.ui.line.step import Values
from cnnviz.zoo import PRESETS

_CONVOLUTIONS = ("convolution", "grouped convolution")


def alexnet(lenet: Report, alexnet: Report) -> Values:
    return {
        **_params(lenet, alexnet),
        "convolutions_before": str(_stacked(lenet)),
        "convolutions_after": str(_stacked(alexnet)),
        "classes": f"{alexnet.output_shape[1]:,}",
    }


def vgg(alexnet: Report, vgg: Report, one_large: Report, two_small: Report) -> Values:
    """Of one 5×5 beside two 3×3, on as many channels."""
    (large,), (*_, last) = _convolutions(one_large), _convolutions(two_small)
    weights = [sum(layer.params for layer in _convolutions(x)) for x in (one_large, two_small)]
    return {
        "largest": _window(max(_convolutions(alexnet), key=_side)),
        "small": joined(sorted({_window(layer) for layer in _convolutions(vgg)})),
        "large": _window(large),
        "count": str(len(_convolutions(two_small))),
        "field": str(last.receptive_field),
        "fewer": f"{percent(weights[0] - weights[1], weights[0]):.0f} %",
        "depth_before": str(alexnet.depth),
        "depth_after": str(vgg.depth),
    }


def nin(vgg: Report, nin: Report) -> Values:
    linear = sum(layer.params for layer in vgg.layers if layer.kind == "linear")
    return {**_params(vgg, nin), "share": _share(linear, vgg.params), "point": _smallest(nin)}


def googlenet(nin: Report, googlenet: Report, naive: Report) -> Values:
    """Against the naive modules, which have no 1×1 in front of the larger windows."""
    block = (x for x in _convolutions(googlenet) if x.scope.startswith("inception_3a."))
    return {
        "windows": joined(dict.fromkeys(_window(layer) for layer in sorted(block, key=_side))),
        "point": _smallest(googlenet),
        "times": three_digits(naive.macs / googlenet.macs),
        "depth_before": str(nin.depth),
        "depth_after": str(googlenet.depth),
    }


def batch_norm(googlenet: Report, inception_bn: Report) -> Values:
    norms = [layer for layer in inception_bn.layers if layer.kind == "normalisation"]
    params = sum(layer.params for layer in norms)
    return {"norms": str(len(norms)), "share": _share(params, inception_bn.params)}


def resnet(before: Report, resnet: Report, largest: Report) -> Values:
    sums = [layer for layer in resnet.layers if layer.kind == "merge"]
    projections = [x for x in _convolutions(resnet) if ".shortcut" in x.scope]
    return {
        "blocks": str(len(sums)),
        "free": str(len(sums) - len(projections)),
        "depth_before": str(before.depth),
        "depth_after": str(resnet.depth),
        "deepest": str(largest.depth),
    }


def resnext(resnet: Report, resnext: Report) -> Values:
    whole, grouped = (
        next(layer for layer in _convolutions(report) if layer.scope.endswith(".conv2"))
        for report in (resnet, resnext)
    )
    width, groups = grouped.output_shape[1], dict(grouped.attributes)["groups"]
    return {
        **_params(resnet, resnext),
        **_macs(resnet, resnext),
        "window": _window(grouped),
        "width_before": str(whole.output_shape[1]),
        "groups": str(groups),
        "group_width": str(width // groups),
        "width_after": str(width),
    }


def densenet(resnet: Report, densenet: Report) -> Values:
    of_first = [x for x in _convolutions(densenet) if x.scope.startswith("block1.layer1.")]
    return {
        **_params(resnet, densenet),
        "growth": str(of_first[-1].output_shape[1]),
        "fewer": _share(resnet.params - densenet.params, resnet.params),
        "error_before": _top1_error("resnet-101"),
        "error_after": _top1_error("densenet-161"),
    }


def senet(resnet: Report, senet: Report) -> Values:
    return {
        "params": _share(senet.params - resnet.params, resnet.params),
        "macs": _share(senet.macs - resnet.macs, resnet.macs),
    }


def mobilenet(full: Report, separable: Report) -> Values:
    return {
        **_macs(full, separable),
        "window": _window(max(_convolutions(separable), key=_side)),
        "point": _smallest(separable),
        "fewer": _share(full.macs - separable.macs, full.macs),
    }


def shufflenet(mobilenet: Report, shufflenet: Report) -> Values:
    points = [x for x in _convolutions(mobilenet) if _side(x) == 1]
    grouped = next(
        x for x in _convolutions(shufflenet) if _side(x) == 1 and dict(x.attributes)["groups"] > 1
    )
    return {
        **_macs(mobilenet, shufflenet),
        "point": _smallest(mobilenet),
        "share": _share(sum(layer.macs or 0 for layer in points), mobilenet.macs),
        "groups": str(dict(grouped.attributes)["groups"]),
    }


def mobilenet_v3(before: Report, after: Report) -> Values:
    gates = [layer for layer in after.layers if layer.operation == "mul"]
    large = {_window(layer) for layer in _convolutions(after)} - {
        _window(layer) for layer in _convolutions(before)
    }
    return {
        **_macs(before, after),
        "windows": joined(sorted(large)),
        "gates": str(len(gates)),
        "blocks": str(_blocks(after)),
        "error_before": _top1_error("mobilenet-v2"),
        "error_after": _top1_error("mobilenet-v3-large"),
    }


def efficientnet(mobilenet: Report, smallest: Report, largest: Report) -> Values:
    """Of B0, and of B7, which is B0 with all three larger."""
    gates = [x for x in smallest.layers if x.operation == "mul"]
    sides = {_window(x) for x in _convolutions(smallest) if _side(x) > 1}
    return {
        "gates": str(len(gates)),
        "windows": joined(sorted(sides)),
        "before": short(smallest.params),
        "after": short(largest.params),
        "image_before": str(smallest.input_shape[-1]),
        "image_after": str(largest.input_shape[-1]),
        "blocks_before": str(_blocks(smallest)),
        "blocks_after": str(_blocks(largest)),
        "width": f"{_widest(largest) / _widest(smallest):g}",
        "error_before": _top1_error("efficientnet-b0"),
        "error_after": _top1_error("efficientnet-b7"),
    }


def _params(before: Report, after: Report) -> Values:
    return {"before": short(before.params), "after": short(after.params)}


def _macs(before: Report, after: Report) -> Values:
    return {"macs_before": short(before.macs), "macs_after": short(after.macs)}


def _convolutions(report: Report) -> list[Layer]:
    return [layer for layer in report.layers if layer.kind in _CONVOLUTIONS]


def _blocks(report: Report) -> int:
    """Inverted residuals, each of which ends in one projection."""
    return sum(layer.scope.endswith(".project.conv") for layer in _convolutions(report))


def _widest(report: Report) -> int:
    """Channels of the last stage's map."""
    last = [x for x in _convolutions(report) if x.scope.endswith(".project.conv")][-1]
    return last.output_shape[1]


def _stacked(report: Report) -> int:
    """Convolutions one after the other; LeNet's C3, made of three side by side, is one."""
    return len({layer.scope.partition(".")[0] for layer in _convolutions(report)})


def _side(layer: Layer) -> int:
    kernel: Shape = dict(layer.attributes)["kernel"]
    return max(kernel)


def _window(layer: Layer) -> str:
    return "×".join(map(str, dict(layer.attributes)["kernel"]))


def _smallest(report: Report) -> str:
    return _window(min(_convolutions(report), key=_side))


def _share(part: float, whole: float) -> str:
    return f"{three_digits(percent(part, whole))} %"


def _top1_error(preset: str) -> str:
    """Of torchvision's weights."""
    weights = stories()[PRESETS[preset].spec.family].weights[preset]
    return f"{100 - weights.top1:.1f} %"
