"""What a node of the graph is called: its block's word, and what is in it, in order."""

import re

import pytest
import torch
from torch import nn

import cnnviz
from cnnviz.analysis.graph import blocks, find, fold
from cnnviz.render.explain import explain
from cnnviz.render.labels import node_text
from cnnviz.render.shape_table import shape_rows


@pytest.mark.parametrize(
    ("name", "scope", "en", "zh"),
    [
        ("resnet-50", "stage1", "Bottleneck ×3", "瓶颈块 ×3"),
        ("resnet-50", "stage1.block1", "Bottleneck 1×1 3×3 1×1", "瓶颈块 1×1 3×3 1×1"),
        ("resnet-50", "stage1.block2.body", "conv 1×1, 3×3, 1×1", "卷积 1×1、3×3、1×1"),
        ("resnet-18", "stage1.block1", "Basic block 3×3 3×3", "基本块 3×3 3×3"),
        ("plain-20", "stage1.block1", "Plain block 3×3 3×3", "普通块 3×3 3×3"),
        ("se-resnet-50", "stage1.block2", "Bottleneck 1×1 3×3 1×1 SE", "瓶颈块 1×1 3×3 1×1 SE"),
        ("preact-resnet-50", "stage1.block2.preactivation", "batch norm, ReLU", "批量规范化、ReLU"),
        ("densenet-121", "block1", "Dense layer ×6", "稠密层 ×6"),
        ("densenet-121", "block1.layer1", "Dense layer 1×1 3×3", "稠密层 1×1 3×3"),
        ("mobilenet-v2", "stage2", "Inverted residual ×2", "倒残差块 ×2"),
        ("squeezenet-1-0", "fire2", "Fire", "Fire 模块"),
        (
            *("mobilenet-v3-small", "stage3.block2"),
            *("Inverted residual 1×1 5×5 SE 1×1", "倒残差块 1×1 5×5 SE 1×1"),
        ),
        ("efficientnet-v2-s", "stage2.block1", "Fused MBConv 3×3 1×1", "融合 MBConv 块 3×3 1×1"),
        ("efficientnet-b0", "stage2.block1", "MBConv 1×1 3×3 SE 1×1", "MBConv 块 1×1 3×3 SE 1×1"),
        ("shufflenet-v1-g3", "stage2.unit1", "Shuffle unit 1×1 3×3 1×1", "混洗单元 1×1 3×3 1×1"),
        ("googlenet", "inception_3a", "Inception", "Inception 块"),
        ("googlenet", "inception_3a.branch2", "conv 1×1, 3×3", "卷积 1×1、3×3"),
        ("googlenet", "stem", "3 conv, 2 max pool", "3 个卷积、2 个最大池化"),
        ("inception-v4", "stem.join1", "Branches", "并行分支"),
    ],
)
def test_a_block_has_its_word(name, scope, en, zh):
    report = cnnviz.analyze(cnnviz.spec(name))
    node = find(report, scope)
    assert node_text(node, report, "en") == en
    assert node_text(node, report, "zh") == zh
    row = shape_rows(report, fold(report, blocks(report).keys() - {scope}), "macs", "zh")
    assert zh in set(row["what"]), "the table says the same"


def test_a_row_is_told_in_order(preset):
    """Whoever reads a label of convolutions writes down the kernels that the pass runs."""
    report = cnnviz.analyze(preset.spec)
    for scope, positions in blocks(report).items():
        node = find(report, scope)
        text = node_text(node, report, "en")
        if not re.fullmatch(r"conv [\d×]+( /\d)?( ×\d+)?(, [\d×]+( /\d)?( ×\d+)?)*", text):
            continue
        told = []
        for part in text.removeprefix("conv ").split(", "):
            kernel, *rest = part.split()
            times = int(rest[-1][1:]) if rest and rest[-1].startswith("×") else 1
            told += [kernel] * times
        kernels = [dict(report.layers[x].attributes).get("kernel") for x in positions]
        assert told == ["×".join(map(str, kernel)) for kernel in kernels if kernel], scope


class Bottleneck(nn.Module):
    """As in torchvision: no body of its own, the shortcut called downsample."""

    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(8, 4, 1), nn.BatchNorm2d(4)
        self.conv2, self.bn2 = nn.Conv2d(4, 4, 3, padding=1), nn.BatchNorm2d(4)
        self.conv3, self.bn3 = nn.Conv2d(4, 16, 1), nn.BatchNorm2d(16)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = nn.Sequential(nn.Conv2d(8, 16, 1), nn.BatchNorm2d(16))

    def forward(self, x):
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        y += self.downsample(x)
        return self.relu(y)


class Fire(nn.Module):
    def __init__(self):
        super().__init__()
        self.squeeze = nn.Conv2d(8, 4, 1)
        self.expand1x1, self.expand3x3 = nn.Conv2d(4, 8, 1), nn.Conv2d(4, 8, 3, padding=1)

    def forward(self, x):
        x = self.squeeze(x).relu()
        return torch.cat([self.expand1x1(x).relu(), self.expand3x3(x).relu()], 1)


class Own(nn.Module):
    """A block that nobody knows, with two branches."""

    def __init__(self):
        super().__init__()
        self.one, self.other = nn.Conv2d(8, 8, 1), nn.Conv2d(8, 8, 3, padding=1)

    def forward(self, x):
        return torch.cat([self.one(x), self.other(self.other(x))], 1)


@pytest.mark.parametrize(
    ("block", "said"),
    [(Bottleneck, "Bottleneck 1×1 3×3 1×1"), (Fire, "Fire"), (Own, "Own")],
)
def test_other_libraries_blocks_have_the_same_words(block, said):
    report = cnnviz.analyze(nn.Sequential(block()), (1, 8, 8, 8))
    node = find(report, "0")
    assert node_text(node, report, "en") == said
    if block is not Own:
        assert "8" in explain(node)("zh")
        assert "ops" not in explain(node)("en"), "a sentence of its own"


def test_a_row_with_one_block_and_more_is_not_called_after_the_block():
    more = nn.Sequential(nn.Conv2d(8, 8, 3), Bottleneck())
    report = cnnviz.analyze(nn.Sequential(more), (1, 8, 8, 8))
    assert node_text(find(report, "0"), report, "en") == "conv 3×3, Bottleneck"
