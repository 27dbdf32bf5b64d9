"""Start the background services once, and import slow modules early.

The server imports this module lazily, since torch takes seconds and may be broken.
"""

import gc
import logging
from contextlib import suppress

from cnnviz import health, kept, metrics
from cnnviz.analysis import analyze
from cnnviz.config import config
from cnnviz.text import LANGUAGES
from cnnviz.training.dispatcher_process import ensure_dispatcher
from cnnviz.ui.app import pages  # noqa: F401 (the first page is to be quick)
from cnnviz.ui.app.collectors import LiveWorker, Sessions
from cnnviz.ui.architecture import explorer  # noqa: F401 (the first page is to be quick)
from cnnviz.ui.kit import live_client
from cnnviz.ui.kit.preparation import pool
from cnnviz.ui.line.steps import specs as line_specs
from cnnviz.ui.sweeps.server import background
from cnnviz.ui.training import page  # noqa: F401
from cnnviz.zoo import PRESETS

log = logging.getLogger("cnnviz.access")


def start() -> None:
    """Start the figures, the dispatcher, the live worker and the processes that analyse.

    Freeze the imports' quarter of a million objects, so that no garbage collection visits them.

    Raises:
        ConfigError: the settings cannot be used.
        OSError: the port of the figures is somebody else's.
    """
    kept.limit(int(config().page_memory * 1e9))
    warn()
    metrics.serve(Sessions(), LiveWorker())
    with suppress(OSError):  # a data directory that cannot be written: the Training page says so
        ensure_dispatcher()
    live_client.devices()
    presets = [preset.spec for preset in PRESETS.values()]
    pool().start(dict.fromkeys([*presets, *line_specs()]), LANGUAGES)
    analyze(next(iter(PRESETS.values())).spec)  # the first pass imports much of torch
    gc.collect()
    gc.freeze()


def warn() -> None:
    """Warn in the log where others than the proxy could claim a login."""
    for _, well, says in health.check(["access"]):
        if not well:
            log.warning("%s", says)


def stop() -> None:
    """End the processes that `start` started, except the dispatcher, which may have jobs."""
    background().stop()
    pool().stop()
    live_client.client().close()
