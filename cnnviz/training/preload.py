"""Imports of the server process that jobs are forked from, so that jobs need not import again.

The first pass on the meta device imports much of torch. Nothing is computed here: threads that
compute would not survive the fork.
"""

import cnnviz
from cnnviz.training import worker
from cnnviz.training.admission import estimate_memory

__all__ = ["worker"]

estimate_memory(cnnviz.spec("lenet"), "sgd")
