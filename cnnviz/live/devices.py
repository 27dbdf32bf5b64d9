"""The devices that a web process may offer, as the live worker sees them."""

import threading
import time
from concurrent.futures import Future, wait
from typing import Any

from cnnviz.live.client import Client
from cnnviz.live.tasks import Gpu, Gpus
from cnnviz.machine import NoDeviceError, free_bytes

FRESH = 10.0  # seconds before GPU information is refreshed
PATIENCE = 2.0  # seconds that a page waits for a fresh look


class Devices:
    """The devices as the worker last saw them, refreshed on demand when that is old."""

    def __init__(self, client: Client):
        self._client, self._lock = client, threading.Lock()
        self._look: Future[Any] = client.ask(Gpus())
        self._looked = time.monotonic()
        self._gpus: dict[str, Gpu] | None = None

    def names(self) -> dict[str, str] | None:
        """The name of each device, GPUs first; None before the worker has looked at all."""
        gpus = self.gpus()
        return None if gpus is None else {**{key: gpus[key].name for key in gpus}, "cpu": "CPU"}

    def free_bytes(self, device: str) -> int:
        """Bytes still free on the device; may wait a moment for a fresh look.

        Raises:
            NoDeviceError: there is no such device.
        """
        if device == "cpu":
            return free_bytes(device)
        self.gpus()
        wait([self._look], PATIENCE)
        gpu = (self.gpus() or {}).get(device)
        if gpu is None:
            raise NoDeviceError(device)
        return gpu.free_bytes

    def gpus(self) -> dict[str, Gpu] | None:
        """The GPUs as they were seen last; None before the worker has looked at all."""
        with self._lock:
            if self._look.done():
                # a worker that cannot look cannot run anything on a GPU either
                self._gpus = {} if self._look.exception() else self._look.result()
                if time.monotonic() - self._looked > FRESH:
                    self._look, self._looked = self._client.ask(Gpus()), time.monotonic()
            return self._gpus
