"""The app on Streamlit's own terms, to compare with.

    python -m tests.load.plain run app.py …

A full garbage collection after every run of a script and nothing taken out of it; all work in the
one process, nothing made before it is asked for.
"""

import gc
import sys

from streamlit.web.cli import main

from cnnviz.live.pool import Pool

Pool.start = lambda *_: None
gc.freeze = lambda: None
sys.exit(main([*sys.argv[1:], "--runner.postScriptGC", "true"]))
