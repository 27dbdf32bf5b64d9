"""The app in a process of its own, started as `make run` starts it."""

import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[1]
STREAMLIT = ("-m", "streamlit")


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class AppServer:
    """A server on a free port; it is stopped when the `with` block ends.

    Args:
        options: of `streamlit run`.
        program: what Python runs, "-m streamlit" as a rule.
        environment: variables beside those of this process.
    """

    def __init__(self, *options: str, program=STREAMLIT, environment=None):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log: list[str] = []
        self._command = [sys.executable, *program, "run", "app.py", *options]
        self._command += ["--server.port", str(self.port)]
        self._environment = {**os.environ, **(environment or {})}

    def __enter__(self) -> "AppServer":
        self.start()
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    def start(self) -> None:
        self.process = subprocess.Popen(
            self._command,
            cwd=ROOT,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for line in self.process.stdout:
            self.log.append(line)
            if "URL:" in line:
                break
        else:
            raise RuntimeError("the app did not start:\n" + "".join(self.log))
        self._reader = threading.Thread(target=self.log.extend, args=(self.process.stdout,))
        self._reader.start()

    def stop(self, number: int = signal.SIGTERM) -> None:
        self.process.send_signal(number)
        self.process.wait(timeout=20)
        self._reader.join()
        self.process.stdout.close()

    def memory(self) -> int:
        """Bytes of main memory that the web process holds."""
        return psutil.Process(self.process.pid).memory_info().rss
