"""The time of a network of a sweep on a device, for who asks for it."""

from cnnviz.analysis import analyze
from cnnviz.analysis.real_run import LiveError
from cnnviz.analysis.timing.measure import time_whole
from cnnviz.analysis.timing.setting import Setting, admit_timing
from cnnviz.families import Spec
from cnnviz.text import Text

SECONDS = 0.5  # for which the pass is repeated


def forward_ms(spec: Spec, setting: Setting) -> float | Text:
    """Milliseconds of the pass forward, the median of its repeats; or why it cannot be had."""
    try:
        admit_timing(analyze(spec), setting)
    except LiveError as error:
        return error.message
    return time_whole(spec, setting, seconds=SECONDS).median
