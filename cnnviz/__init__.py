"""cnnviz: explore CNN architectures live.

>>> import cnnviz
>>> report = cnnviz.analyze(cnnviz.spec("densenet-121", growth_rate=12))
>>> report.params, report.macs, report.layers[0].output_shape
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cnnviz.analysis import analyze
    from cnnviz.comparison import compare
    from cnnviz.exports import export, load
    from cnnviz.knobs import SpecError
    from cnnviz.zoo import presets, spec

__version__ = "0.1.0"
__all__ = ["SpecError", "analyze", "compare", "export", "load", "presets", "spec"]

_HOMES = {
    "SpecError": "cnnviz.knobs",
    "analyze": "cnnviz.analysis",
    "compare": "cnnviz.comparison",
    "export": "cnnviz.exports",
    "load": "cnnviz.exports",
    "presets": "cnnviz.zoo",
    "spec": "cnnviz.zoo",
}


def __getattr__(name: str) -> Any:
    """Import names lazily, so that `import cnnviz` does not import torch."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
