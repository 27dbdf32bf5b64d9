"""A proxy that names the user in a header, as one with a login in front of a server does."""

import asyncio
import threading
from concurrent.futures import Future
from contextlib import closing, contextmanager, suppress
from urllib.parse import urlsplit


@contextmanager
def naming_proxy(server, user, *, header="X-Forwarded-User", address="127.0.0.9"):
    """The address at which a server is reached as `user`; it connects from `address`.

    The header goes into the first request of each connection, which a websocket has for itself.
    """
    target = urlsplit(server)
    ready: Future = Future()

    async def carry(reader, writer, first=b""):
        with suppress(OSError), closing(writer):
            writer.write(first)
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()

    async def connect(reader, writer):
        request = await reader.readline()
        there = (target.hostname, target.port)
        answers, to_server = await asyncio.open_connection(*there, local_addr=(address, 0))
        named = request + f"{header}: {user}\r\n".encode()
        await asyncio.gather(carry(reader, to_server, named), carry(answers, writer))

    async def serve():
        listener = await asyncio.start_server(connect, "127.0.0.1", 0)
        stopping = asyncio.Event()
        ready.set_result((listener, asyncio.get_running_loop(), stopping))
        async with listener:
            await stopping.wait()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    listener, loop, stopping = ready.result()
    try:
        yield f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    finally:
        loop.call_soon_threadsafe(stopping.set)
        thread.join()
