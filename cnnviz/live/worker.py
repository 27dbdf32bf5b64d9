"""The live worker: a process that builds and runs networks, one task at a time.

    python -m cnnviz.live.worker FILE_DESCRIPTOR BYTES

`cnnviz.live.process` starts it; the process ends with the pipe whose descriptor it is given.
"""

import contextlib
import gc
import logging
import os
import pickle
import sys
import threading
from multiprocessing.connection import Connection
from queue import SimpleQueue

from cachetools import LRUCache
from torch import nn

import cnnviz
from cnnviz import logs
from cnnviz.analysis import analyze
from cnnviz.gpus import give_back, is_full, missing
from cnnviz.live.tasks import Gpus, Network, Reply, Task
from cnnviz.machine import device_text, step_back
from cnnviz.text import ExplainedError, Text

log = logging.getLogger("cnnviz.live")


class KeptModels:
    """Networks on their devices, the least recently used dropped first.

    Args:
        most_bytes: of all their weights and buffers; a larger network is not kept.
    """

    def __init__(self, most_bytes: int):
        self.modules: LRUCache[tuple[Network, str], nn.Module] = LRUCache(
            most_bytes, getsizeof=_nbytes
        )

    def __call__(self, network: Network, device: str) -> nn.Module:
        key = network, device
        if key not in self.modules:
            module: nn.Module = network.build().to(device)
            with contextlib.suppress(ValueError):  # it is too large to be kept
                self.modules[key] = module
            return module
        return self.modules[key]


def _nbytes(module: nn.Module) -> int:
    return sum(tensor.nbytes for tensor in (*module.parameters(), *module.buffers()))


def answer(task: Task, models: KeptModels) -> Reply:
    """Run a task; any error becomes a sentence."""
    try:
        return Reply(task.run(models))
    except ExplainedError as error:
        return Reply(None, error.message)
    except Exception as error:  # a GPU's state is unknown after an error: the process ends
        if lacking := missing(error):
            return Reply(None, lacking.message)
        log.exception("%s failed on %s", type(task).__name__, task.device)
        return Reply(None, _sentence(error, task.device), is_last=True)


def _sentence(error: Exception, device: str) -> Text:
    if is_full(error):
        message = Text(
            "The memory of {device} is full; make the network or the image smaller, or try again "
            "later.",
            "{device} 的显存不足；请缩小网络或图像，或稍后再试。",
        )
    else:
        message = Text(
            "It failed on {device} ({kind}); the live worker begins anew. The server's log says "
            "more.",
            "在 {device} 上出错（{kind}），实时运行进程已重新启动。详情见服务器日志。",
        )
    return message.format(device=device_text(device), kind=type(error).__name__)


def _read(pipe: Connection, tasks: SimpleQueue[bytes]) -> None:
    """Take in tasks; end the process, even in the middle of one, when the sender is gone."""
    try:
        while True:
            tasks.put(pipe.recv_bytes())
    except (EOFError, OSError):
        os._exit(0)


def main() -> None:
    logs.set_up()
    descriptor, most_bytes = map(int, sys.argv[1:])
    pipe: Connection[Reply, bytes] = Connection(descriptor)
    tasks: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_read, args=(pipe, tasks), daemon=True).start()
    with contextlib.suppress(BrokenPipeError):  # the web process is gone
        _serve(pipe, tasks, KeptModels(most_bytes))


def _serve(pipe: Connection, tasks: SimpleQueue[bytes], models: KeptModels) -> None:
    analyze(cnnviz.spec("lenet"))  # the first pass on the meta device imports much of torch
    with contextlib.suppress(RuntimeError):  # the first look at a GPU takes its time, too
        Gpus().run(models)
    gc.collect()
    gc.freeze()  # imported objects are left out of garbage collections
    pipe.send(Reply(None))
    step_back()
    while True:
        reply = answer(pickle.loads(tasks.get()), models)
        if not reply.is_last:
            give_back()  # others use this GPU, too
        kept = models.modules
        pipe.send(reply._replace(kept=len(kept), kept_bytes=int(kept.currsize)))
        if reply.is_last:
            os._exit(1)  # no clean-up: a GPU that is gone may hang it


if __name__ == "__main__":
    main()
