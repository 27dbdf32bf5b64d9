"""cnnviz: explore CNN architectures live.

>>> import cnnviz
>>> report = cnnviz.analyze("resnet-50")  # or a spec, or any torch.nn.Module with input_shape
>>> print(report)  # a table of its blocks; a notebook shows the graph, too
>>> report.params, report.macs, report.receptive_field
>>> report.to_pandas(), report.by_block(), report.by_kind(), report.top(5, "params")
>>> cnnviz.analyze(cnnviz.spec("densenet-121", growth_rate=12))
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cnnviz.analysis import BrokenNetwork, Report
    from cnnviz.comparison import compare
    from cnnviz.exports import export, load
    from cnnviz.families import Spec
    from cnnviz.knobs import SpecError
    from cnnviz.library.analyzing import analyze
    from cnnviz.library.drawing import draw
    from cnnviz.library.loading import load_report
    from cnnviz.library.memory import training_memory
    from cnnviz.library.showing import show
    from cnnviz.library.weights import load_weights
    from cnnviz.zoo import presets, spec

__version__ = "0.1.0"
__all__ = [
    "BrokenNetwork",
    "Report",
    "Spec",
    "SpecError",
    "analyze",
    "compare",
    "draw",
    "export",
    "load",
    "load_report",
    "load_weights",
    "presets",
    "show",
    "spec",
    "training_memory",
]

_HOMES = {
    "BrokenNetwork": "cnnviz.analysis",
    "Report": "cnnviz.analysis",
    "Spec": "cnnviz.families",
    "SpecError": "cnnviz.knobs",
    "analyze": "cnnviz.library.analyzing",
    "compare": "cnnviz.comparison",
    "draw": "cnnviz.library.drawing",
    "export": "cnnviz.exports",
    "load": "cnnviz.exports",
    "load_report": "cnnviz.library.loading",
    "load_weights": "cnnviz.library.weights",
    "presets": "cnnviz.zoo",
    "show": "cnnviz.library.showing",
    "spec": "cnnviz.zoo",
    "training_memory": "cnnviz.library.memory",
}


def __getattr__(name: str) -> Any:
    """Import names lazily, so that `import cnnviz` does not import torch."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """What there is to use, before it is imported."""
    return [*__all__, "__doc__", "__version__"]
