"""How many sessions there are, for Prometheus."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from streamlit.runtime import Runtime


class Sessions(Collector):
    """The sessions of this web server, as Streamlit counts them."""

    def collect(self) -> Iterator[Metric]:
        stats = Runtime.instance().stats_mgr.get_stats(["active_sessions"])
        yield GaugeMetricFamily(
            "cnnviz_sessions", "Open sessions.", value=stats["active_sessions"][0].value
        )
