"""The server of faulty_app.py: errors and logs as in server.py."""

from contextlib import asynccontextmanager

import streamlit as st

from cnnviz import logs
from cnnviz.ui.app.errors import unexpected


@asynccontextmanager
async def lifespan(_):
    logs.set_up()
    yield {}


app = st.App("faulty_app.py", lifespan=lifespan, on_script_error=unexpected)
