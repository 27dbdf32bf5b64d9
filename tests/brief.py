"""`streamlit` for a server of a few tests: it makes one network ahead, the app makes them all.

A server of a few tests would be making them beside all of these.
"""

import runpy

from cnnviz.live.pool import Pool

start = Pool.start
Pool.start = lambda pool, presets, languages: start(pool, list(presets)[:1], languages)
runpy.run_module("streamlit", run_name="__main__")
