"""A server of the tests: started as `make run` starts it, on a port of its own."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[1]
STREAMLIT = ("-m", "streamlit")
BRIEF = ("-m", "tests.brief")


def in_a_loop_of_its_own(coroutine):
    """What a coroutine gives; the thread of a test may have a loop that a browser runs in."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Server:
    """`streamlit run` of a file; `log` is what it wrote, `address` where it is. Use it in a `with`.

    Args:
        options: of `streamlit run`.
        program: what Python runs.
        environment: variables that are set, or with None taken away.
    """

    def __init__(self, *options, script="app.py", program=STREAMLIT, **environment):
        self.port = free_port()
        self.address, self.log = f"http://127.0.0.1:{self.port}", ""
        self._command = [sys.executable, *program, "run", script, *options]
        merged = {**os.environ, **environment, "STREAMLIT_SERVER_PORT": str(self.port)}
        self.environment = {name: value for name, value in merged.items() if value is not None}
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def start(self):
        """Return as soon as it has an address and has imported what it shows."""
        self.process = subprocess.Popen(
            self._command,
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for line in self.process.stdout:
            self.log += line
            if "URL:" in line:
                break
        else:
            raise AssertionError(f"the server did not start:\n{self.log}")
        self._reader = threading.Thread(target=self._read, args=(self.process.stdout,))
        self._reader.start()
        with contextlib.suppress(urllib.error.HTTPError):  # it waits for the first answer
            urllib.request.urlopen(f"{self.address}/_stcore/health", timeout=120).close()

    def _read(self, output):
        for line in output:
            self.log += line
        output.close()

    def memory(self):
        """Bytes of main memory that the web process holds."""
        return psutil.Process(self.process.pid).memory_info().rss

    def settle(self):
        """Wait until its processes have analysed, ahead, what somebody may ask for."""
        while any(map(_works, psutil.Process(self.process.pid).children(recursive=True))):
            pass

    def end(self, number=signal.SIGTERM):
        """Send a signal, and give the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        status = self.process.wait(timeout=60)
        self._reader.join(timeout=60)
        return status


def _works(process):
    with contextlib.suppress(psutil.NoSuchProcess):  # it drew, and is done
        return process.cpu_percent(interval=2) > 5
    return True
