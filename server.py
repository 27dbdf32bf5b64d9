"""The server: streamlit run server.py. It starts once; app.py runs anew for every change."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any

import anyio
import streamlit as st
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from cnnviz import logs, metrics
from cnnviz.config import ConfigError
from cnnviz.health import PATH
from cnnviz.ui.errors import unexpected
from cnnviz.ui.sessions import Sessions

_PARTS = ("cnnviz.ui.explorer", "cnnviz.ui.training.page")  # they import all that takes time

log = logging.getLogger("cnnviz.server")


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[dict[str, Any]]:
    """Import before the first page is asked for; what is broken is said there and by health."""
    broken = ""
    try:
        logs.set_up()
        metrics.serve(Sessions())
        for part in _PARTS:
            await anyio.to_thread.run_sync(import_module, part)
    except ConfigError as error:
        broken = str(error)
    except Exception as error:
        log.exception("the app cannot start")
        broken = f"the app cannot start: {type(error).__name__}: {error}"
    yield {"broken": broken}


def health(_: Request) -> PlainTextResponse:
    """200 when pages can be shown, else 503 with the reason."""
    broken = app.state["broken"]
    return PlainTextResponse(broken or "ok", status_code=503 if broken else 200)


app = st.App(
    "app.py",
    lifespan=lifespan,
    routes=[Route(PATH, health)],
    on_script_error=unexpected,
)
