"""cnnviz: explore CNN architectures live.

>>> import cnnviz
>>> report = cnnviz.analyze(cnnviz.spec("densenet-121", growth_rate=12))
>>> report.params, report.macs, report.layers[0].output_shape
"""

from cnnviz.analysis import analyze
from cnnviz.knobs import SpecError
from cnnviz.zoo import presets, spec

__version__ = "0.1.0"
__all__ = ["SpecError", "analyze", "presets", "spec"]
