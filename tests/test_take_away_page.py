"""The Code tab, and the files in the Share popover."""

from pathlib import Path

import onnx
import pytest
import streamlit as st
from architecture_page_driver import network, open_page, open_tab, see, turn
from page_driver import run

import cnnviz
from cnnviz.exports.block import block_listing
from cnnviz.exports.code import listing
from cnnviz.exports.style import Style
from cnnviz.ui.app import take_away
from cnnviz.zoo import PRESETS


def codes(app):
    return [block.value for block in app.code]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_code_tab_shows_all_ways_to_the_network(language):
    name = "googlenet-torchvision"
    app = open_page(preset=name, lang=language)
    open_tab(app, "code")
    shown = codes(app)
    assert listing(cnnviz.spec(name), name).strip() in shown
    for part in (
        f'cnnviz.spec("{name}")',
        f"python -m cnnviz export {name} -o {name}.py",
        "torchvision.models.googlenet()",
    ):
        assert any(part in code for code in shown), part


def test_the_code_follows_knobs_and_selection():
    app = open_page(preset="densenet-121")
    open_tab(app, "code")
    turn(app, "growth_rate", 12)
    see(network(app), selected="block1")
    run(app)
    spec, shown = cnnviz.spec("densenet-121", growth_rate=12), codes(app)
    assert listing(spec, "densenet-121, growth_rate=12").strip() in shown
    assert block_listing(spec, "block1").strip() in shown
    assert any("growth_rate=12)" in code for code in shown)
    assert any("--set growth_rate=12 -o densenet-121_growth_rate-12.py" in code for code in shown)
    assert not any("import torchvision" in code for code in shown)


def labels(app):
    return [button.proto.label for button in app.get("download_button")]


def test_files_are_offered_and_large_ones_left_to_the_command_line():
    app = open_page(preset="lenet-5")
    graph, table = [".svg", ".pdf", ".png", ".tex"], [".csv", ".xlsx", ".md", ".tex"]
    assert labels(app) == [*graph, *table, ".py", ".json", ".html", ".onnx"]
    app = open_page(preset="vgg-d")
    assert ".onnx" not in labels(app)
    assert any("export vgg-d -o vgg-d.onnx" in code for code in codes(app))


@pytest.mark.parametrize("ending", sorted({*take_away._GRAPH, *take_away._NETWORK}))
def test_a_file_is_what_the_library_writes(tmp_path, ending):
    preset, style = PRESETS["lenet-5"], Style(language="zh", theme="dark")
    made = take_away._made(preset.spec, preset, Path(f"x{ending}"), style, is_table=False)
    file = cnnviz.export(preset.spec, tmp_path / f"x{ending}", language="zh", theme="dark")
    assert len(made) == len(file.read_bytes())
    if ending not in (".pdf",):  # it holds the time
        assert made == file.read_bytes()


@pytest.mark.sweep
def test_onnx_is_made_in_another_process():
    spec = cnnviz.spec("lenet-5", activation="relu")
    made = onnx.load_from_string(take_away.onnx_of(spec, PRESETS["lenet-5"]))
    assert {node.op_type for node in made.graph.node} >= {"Conv", "Relu"}


def test_a_table_is_named_after_the_network_as_it_is_turned(monkeypatch):
    offered = []
    monkeypatch.setattr(
        st, "download_button", lambda *_, file_name, **__: offered.append(file_name)
    )
    open_page(preset="lenet-5", pooling="max", tab="table")
    assert "lenet-5_pooling-max-shapes.csv" in offered
