"""cnnviz: an interactive explorer of CNN architectures. Run with: streamlit run app.py

Streamlit imports this file once, as a server, and runs it anew, as a session's script, for every
change.
"""

import streamlit as st

from cnnviz.ui.app import server

if __name__ == "__main__":
    from cnnviz.ui.app import pages  # it needs torch, and the server is to say if that is broken

    pages.show()
else:
    app = st.App(
        __file__,
        lifespan=server.lifespan,
        routes=server.ROUTES,
        middleware=server.MIDDLEWARE,
        on_script_error=server.unexpected,
    )
