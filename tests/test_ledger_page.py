"""The tab that holds the paper beside the network on screen."""

import re
from html import unescape

import pytest
from architecture_page_driver import open_page, open_tab, turn
from page_driver import press

from cnnviz.ledger import compare
from cnnviz.ledger.compare import course_checks
from cnnviz.render.ledger_table import ledger_table
from cnnviz.zoo import FAMILIES, PRESETS


def open_ledger(**query):
    return open_tab(open_page(**query), "ledger")


def lines(app):
    """Every row of the tab's tables as the texts of its cells."""
    tables = [element.proto.body for element in app.get("html") if "ledger" in element.proto.body]
    return [row for table in tables for row in texts(table)]


def texts(table):
    """The cells' texts of each row of a table in HTML."""
    rows = re.findall(r"<tr>(.*?)</tr>", table, flags=re.DOTALL)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, flags=re.DOTALL) for row in rows]
    return [
        [" ".join(unescape(re.sub(r"<.*?>", " ", cell)).split()) for cell in row] for row in cells
    ]


def line(app, name):
    (found,) = [cells for cells in lines(app) if cells[0] == name]
    return found


def summary(app):
    return next(element.value for element in app.markdown if "rows agree" in element.value)


def test_the_paper_beside_googlenet():
    app = open_ledger(preset="googlenet")
    first = line(app, "convolution 7×7")
    assert first[1:8] == [
        *("112×112×64", "112×112×64", "2.7K", "≠ 9.25K 9,472", "34M", "≠ 118.0M 118,013,952"),
        "≠ differs",
    ]
    assert "separable" in first[8]
    assert line(app, "inception (3a)")[3:8] == [
        *("159K", "159.9K 163,696", "128M", "128.0M 128,049,152", "✓ cut")
    ]
    assert line(app, "softmax")[7] == "– not there"
    assert line(app, "whole network")[3] == "6,998,552"
    assert line(app, "One 5×5 in its place: operations")[1:3] == ["963M", "963.4M 963,379,200"]
    assert "**11 of 20**" in summary(app)


def test_turning_a_knob_changes_the_verdicts():
    app = open_ledger(preset="resnet-50")
    assert line(app, "FLOPs")[5:] == ["3.8×10⁹", "3.86×10⁹ 3,857,973,248", "✓ cut"]
    assert "**9 of 9**" in summary(app)
    turn(app, "stride_on", "3x3")
    assert line(app, "FLOPs")[6:8] == ["≠ 4.09×10⁹ 4,089,184,256", "≠ differs"]
    assert "stride of a bottleneck on = the 3×3" in line(app, "FLOPs")[8]
    assert "**7 of 9**" in summary(app)
    press(app, "reset")
    assert line(app, "FLOPs")[7] == "✓ cut"


def test_what_is_said_is_told_apart_from_what_is_printed():
    app = open_ledger(preset="inception-bn")
    said = line(app, "Batch norm of 4 in a batch of 4 and −4")
    assert said[1] == "(x − μ) / √(σ + ε), where σ is the mean of (x − μ)² ⇒ 1"
    assert said[2:4] == ["1", "✓ exact"]
    assert ["Course slides: Inception, batch norm and ResNet"] in lines(app)


def test_vggs_table_stands_layer_by_layer():
    app = open_ledger(preset="vgg-c")
    assert line(app, "convolutions 3")[1:3] == ["conv3-256 conv3-256 conv1-256"] * 2
    assert line(app, "soft-max")[1:3] == ["soft-max", "–"]


def test_connections_stand_beside_lenet_5_alone():
    app = open_ledger(preset="lenet-5")
    assert "Connections" in lines(app)[0]
    assert line(app, "sum")[5:8] == ["340,918", "340,918", "✓ exact"]
    assert "Connections" not in lines(open_ledger(preset="lenet-d2l"))[0]


def test_the_ledger_in_chinese():
    preset = PRESETS["resnet-50"]
    rows = texts(ledger_table(compare(preset, preset.spec.turn(stride_on="3x3")), "zh"))
    assert rows[0] == ["内容", "输出 H×W×C", "参数量", "乘加次数（MACs）", "结论", "原因"]
    (found,) = [row for row in rows if row[0] == "FLOPs"]
    assert found[7] == "≠ 不同"
    assert "调节了超参数：瓶颈块的步幅位于 = 3×3 卷积" in found[8]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_row_of_every_table_is_as_wide(language):
    pages = [ledger_table(compare(preset, preset.spec), language) for preset in PRESETS.values()]
    checks = [course_checks(family) for family in FAMILIES]
    pages += [ledger_table(one, language) for one in checks if one]
    for page in pages:
        widths = []
        for row in re.findall(r"<tr>(.*?)</tr>", page, flags=re.DOTALL):
            spans = re.findall(r'<t[hd](?: colspan="(\d+)")?', row)
            widths.append(sum(int(span or 1) for span in spans))
        head, second, *body = widths
        assert set(body) == {head}
        assert second < head
