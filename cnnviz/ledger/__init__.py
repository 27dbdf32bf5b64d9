"""The paper beside the implementation: what a source prints and what the built network has."""

from cnnviz.ledger.compare import Cell, Comparison, Row, compare
from cnnviz.ledger.printed import Verdict

__all__ = ["Cell", "Comparison", "Row", "Verdict", "compare"]
