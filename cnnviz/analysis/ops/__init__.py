"""What is known of torch's functions: one record each, in the file of its kind.

A function without a record is reported as unknown, never counted as zero. Its row then says what
the operators below it cost, where the trace has seen them.
"""

from cnnviz.analysis.ops.call import Attributes, Call, Shape, Traced, canonical_name

__all__ = ["Attributes", "Call", "Shape", "Traced", "canonical_name"]
