"""Both ends of every knob: what is taken away, drawn and compared is that network."""

import pytest
import torch
from test_zoo import turned

import cnnviz
from cnnviz.analysis.graph import fold
from cnnviz.exports.code import listing
from cnnviz.exports.saved import as_json, load
from cnnviz.render.colouring import COLOURINGS
from cnnviz.render.diagram import draw
from cnnviz.zoo import FAMILIES

ENDS = [
    pytest.param(name, knob, id=f"{name}-{knob.name}")
    for name, family in FAMILIES.items()
    for knob in family.spec.knobs()
]


def shapes(module):
    return [(name, weight.shape) for name, weight in module.state_dict().items()]


def ops(report):
    return [(row.operation, row.attributes, row.inputs) for row in report.layers]


@pytest.mark.sweep
@pytest.mark.parametrize(("name", "knob"), ENDS)
def test_an_end_is_the_same_network_everywhere(name, knob, tmp_path):
    start = cnnviz.spec(name)
    ends = filter(None, (turned(start, knob, value) for value in knob.extremes))
    for spec in dict.fromkeys(ends):
        report = cnnviz.analyze(spec)
        found = {"__name__": "listing"}
        exec(compile(listing(spec, name), "listing", "exec", dont_inherit=True), found)
        with torch.device("meta"):
            built, module = found["build"](), spec.build()
        assert shapes(built) == shapes(module)
        assert ops(cnnviz.analyze(built, spec.input_shape)) == ops(report)

        file = tmp_path / "network.json"
        file.write_text(as_json(spec, name), encoding="utf-8")
        assert load(file) == spec

        nodes = len(fold(report).nodes)
        for colour_by in COLOURINGS:
            picture = draw(report, colour_by=colour_by)
            assert picture.count('class="node') == nodes + 1  # and the input

        comparison = cnnviz.compare(start, spec)
        difference = report.params - cnnviz.analyze(start).params
        assert sum(part.params for part in comparison.knobs) == difference
