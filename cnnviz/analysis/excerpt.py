"""A part of a report as a report of its own, and what to set beside it."""

from collections.abc import Collection
from dataclasses import replace

import torch
from torch import nn

from cnnviz.analysis.graph import Graph, Node, blocks
from cnnviz.analysis.recorder import INPUT
from cnnviz.analysis.report import Layer, Report
from cnnviz.analysis.trace import trace


def excerpt(report: Report, scope: str, *, leave_out: Collection[str] = ()) -> Report:
    """The ops of one block as a report; every map from outside is its input.

    Args:
        leave_out: kinds of ops to skip; their readers read their inputs instead.
    """
    positions = blocks(report)[scope]
    new_position: dict[int, int] = {}
    layers: list[Layer] = []
    for position in positions:
        layer = report.layers[position]
        inputs = tuple(dict.fromkeys(new_position.get(source, INPUT) for source in layer.inputs))
        if layer.kind in leave_out:
            new_position[position] = inputs[0]
        else:
            new_position[position] = len(layers)
            layers.append(replace(layer, inputs=inputs))
    return replace(
        report,
        input_shape=report.layers[positions[0]].input_shape,
        output_shape=report.layers[positions[-1]].output_shape,
        layers=tuple(layers),
        params=sum(layer.params for layer in layers),
        macs=sum(layer.macs or 0 for layer in layers),
    )


def single_convolution(block: Node, kernel: int, *, bias: bool) -> Report:
    """One convolution in place of a block that keeps the size: (N, C, H, W) -> (N, C', H, W)."""
    shape, channels = block.input_shapes[0], block.output_shape[1]
    padding = kernel // 2
    layer = nn.Conv2d(shape[1], channels, kernel, padding=padding, bias=bias, device="meta")
    return trace(layer, shape, torch.device("meta"))


def followers(graph: Graph, node_id: str) -> list[str]:
    """The blocks that read the output of a node, directly or through single ops such as pooling."""
    is_block = {node.id: node.is_block for node in graph.nodes}
    found: list[str] = []
    ahead = [node_id]
    while ahead:
        here = ahead.pop(0)
        for source, target in graph.edges:
            if source == here:
                (found if is_block[target] else ahead).append(target)
    return list(dict.fromkeys(found))
