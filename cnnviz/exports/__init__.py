"""What is taken away of a network: files by their ending, and back."""

from cnnviz.exports.files import export
from cnnviz.exports.saved import load

__all__ = ["export", "load"]
