"""Server start and stop, before the first page and after the last."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

import streamlit as st
from anyio import to_thread
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from cnnviz import logs
from cnnviz.config import ConfigError
from cnnviz.health import PATH
from cnnviz.ui.app.errors import unexpected
from cnnviz.ui.app.framing import Framing
from cnnviz.ui.app.rerun_budget import Pace

__all__ = ["MIDDLEWARE", "ROUTES", "lifespan", "unexpected"]

log = logging.getLogger("cnnviz.server")
_state = {"broken": ""}


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[dict[str, Any]]:
    """Start everything; pages and the health check report a failure."""
    start: ModuleType | None = None
    try:
        logs.set_up()
        start = await to_thread.run_sync(import_module, "cnnviz.ui.app.warm_up")
        await to_thread.run_sync(start.start)
    except ConfigError as error:
        _state["broken"] = str(error)
    except Exception as error:
        log.exception("the app cannot start")
        _state["broken"] = f"the app cannot start: {type(error).__name__}: {error}"
    yield {}
    if start:
        await to_thread.run_sync(start.stop)


def _health(_: Request) -> PlainTextResponse:
    """200 when pages can be shown, else 503 with the reason."""
    broken = _state["broken"]
    return PlainTextResponse(broken or "ok", status_code=503 if broken else 200)


ROUTES = [Route(PATH, _health)]
MIDDLEWARE = [Middleware(Framing), Middleware(Pace)]
