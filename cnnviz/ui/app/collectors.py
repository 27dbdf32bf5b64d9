"""Prometheus metrics of the web server: its sessions and its live worker."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from streamlit.runtime import Runtime
from streamlit.runtime.stats import ACTIVE_SESSIONS_FAMILY, GaugeStat

from cnnviz.ui.kit import live_client


def open_sessions() -> int:
    """Browser tabs that are connected to this process."""
    stats = Runtime.instance().stats_mgr.get_stats([ACTIVE_SESSIONS_FAMILY])
    gauges = stats[ACTIVE_SESSIONS_FAMILY]
    return sum(gauge.value for gauge in gauges if isinstance(gauge, GaugeStat))


class Sessions(Collector):
    """The sessions of this web server, as Streamlit counts them."""

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily("cnnviz_sessions", "Open sessions.", value=open_sessions())


class LiveWorker(Collector):
    """The process that builds and runs networks."""

    def collect(self) -> Iterator[Metric]:
        status = live_client.client().status()
        gauges = {
            "alive": ("Whether the live worker runs.", status.alive),
            "models": ("Networks that the live worker keeps.", status.models),
            "model_bytes": ("Held by the weights of those networks.", status.model_bytes),
            "queue": ("Tasks that wait for the live worker.", status.queue),
        }
        for name, (text, value) in gauges.items():
            yield GaugeMetricFamily(f"cnnviz_live_{name}", text, value=value)
        text = "Starts of the live worker after the first."
        yield CounterMetricFamily("cnnviz_live_restarts", text, value=status.restarts)
