"""Networks side by side: figures, layers in rows, and the part of each knob."""

from cnnviz.comparison.comparing import compare
from cnnviz.comparison.result import Change, Comparison, Network, Row

__all__ = ["Change", "Comparison", "Network", "Row", "compare"]
