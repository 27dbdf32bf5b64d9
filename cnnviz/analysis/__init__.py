"""Measure any `torch.nn.Module`: what it computes, where, and at what cost."""

from cnnviz.analysis.broken import BrokenNetwork
from cnnviz.analysis.report import Layer, Report
from cnnviz.analysis.trace import analyze

__all__ = ["BrokenNetwork", "Layer", "Report", "analyze"]
