"""What an op saves for the backward pass."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from torch import Tensor

from cnnviz.analysis.ops.call import Call

INT64 = 8  # bytes


class Saved(NamedTuple):
    """Numbers that an op saves and no op before it has saved, for the whole batch.

    Args:
        floats: maps and masks; they grow with the batch.
        indices: places of maxima, eight bytes each in any precision; they grow with the batch.
        statistics: means and deviations of batch norm, the same for any batch.
        others: bytes of masks, of whole numbers of other widths and of floats of another precision
            than the network's; they grow with the batch.
        fixed: bytes of masks and of whole numbers that are the same for any batch.
    """

    floats: int = 0
    indices: int = 0
    statistics: int = 0
    others: int = 0
    fixed: int = 0

    def nbytes(self, *, size: int = 4, statistic: int = 4) -> int:
        """Bytes, with `size` of them for a float and `statistic` for one of batch norm's."""
        widths = size * self.floats + INT64 * self.indices + statistic * self.statistics
        return widths + self.others + self.fixed


NOTHING = Saved()
Needs = Callable[[Tensor], bool]
# A rule yields tensors that are saved as they are, `Saved` for tensors made only to be saved, and
# None where it cannot tell.
SavingRule = Callable[[Call, Needs], Iterator[Tensor | Saved | None]]
