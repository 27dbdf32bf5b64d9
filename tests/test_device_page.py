"""The devices that the pages offer, with GPUs that are not there, and a web process without any."""

from concurrent.futures import Future
from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch
import training_page_driver as training
from architecture_page_driver import open_page, open_tab, views
from page_driver import ME, press, run, text_of
from training_page_driver import store

import cnnviz
from cnnviz.analysis.real_run import Live, LiveError
from cnnviz.live import devices as module
from cnnviz.live.devices import Devices
from cnnviz.live.tasks import Gpu, Gpus, LiveRun
from cnnviz.machine import NoDeviceError
from cnnviz.text import Text
from cnnviz.training.cluster import Cluster, Machine
from cnnviz.training.worker import WEIGHTS, save_weights
from cnnviz.ui.kit import live_client

__all__ = ["store"]  # the fixture

TWO = {
    "cuda:0": Gpu("GPU A", 70_000_000_000, 80_000_000_000),
    "cuda:1": Gpu("GPU *B*", 2_000_000_000, 8_000_000_000),
}


class FakeClient:
    """Says of the GPUs what it is told to: a dictionary, an exception, or nothing yet."""

    def __init__(self, gpus):
        self.gpus, self.asked, self.queue = gpus, [], 0

    def status(self):
        return SimpleNamespace(queue=self.queue)

    def ask(self, task, session=""):
        self.asked.append(task)
        future = Future()
        said = self.gpus if isinstance(task, Gpus) else LiveError(Text("Not here.", "不在这里。"))
        if isinstance(task, LiveRun):
            said = Live(task.device, (10,), 0.001, 1000, 1000, ())
        if isinstance(said, Exception):
            future.set_exception(said)
        elif said is not None:
            future.set_result(said)
        return future


@pytest.fixture(autouse=True)
def no_gpu_is_touched(monkeypatch):
    """Whatever the pages do here, CUDA is never initialised in their process."""

    def touched(*args, **kwargs):
        pytest.fail("the web process touches CUDA")

    for name in (
        *("_lazy_init", "init", "device_count", "is_available", "mem_get_info", "empty_cache"),
        *("get_device_name", "get_device_properties", "current_device"),
    ):
        monkeypatch.setattr(torch.cuda, name, touched)


@pytest.fixture
def fake(monkeypatch):
    """Pages whose live worker says this of the GPUs, and is asked again each time."""

    def see(gpus):
        client = FakeClient(gpus)
        devices = Devices(client)
        monkeypatch.setattr(live_client, "client", lambda: client)
        monkeypatch.setattr(live_client, "devices", lambda: devices)
        return client

    monkeypatch.setattr(module, "FRESH", -1.0)
    return see


def selector(app):
    keys = ("device.", "cluster_device.")
    (box,) = [box for box in app.selectbox if f"{box.key}".startswith(keys)]
    return box


def runs(client):
    return [task.device for task in client.asked if isinstance(task, LiveRun)]


def warnings(app):
    return [warning.value for warning in app.warning]


def test_a_gpu_comes_first_and_the_choice_is_the_sessions(fake, store):
    client = fake(TWO)
    app = open_page(preset="lenet-5")
    assert selector(app).options == ["GPU A (cuda:0)", "GPU *B* (cuda:1)", "CPU"]
    selector(app).set_value("cuda:1")
    run(app)
    run(app)
    assert selector(app).value == "cuda:1"
    assert runs(client) == ["cuda:0", "cuda:1", "cuda:1"]
    open_tab(app, "memory")
    assert r"GPU \*B\*, 2.00 GB free now" in text_of(app)
    app.session_state["owner"] = ME
    app.switch_page("pages/training.py")
    run(app)
    assert selector(app).value == "cuda:1"
    assert not warnings(app)


def test_a_gpu_that_vanishes_leaves_the_session_on_what_is_there(fake):
    client = fake(TWO)
    app = open_page(preset="lenet-5")
    selector(app).set_value("cuda:1")
    run(app)
    open_tab(app, "memory")
    client.gpus = {}
    run(app)  # the worker is asked, and the news is there in the middle of the page
    assert "free now" not in text_of(app)
    run(app)
    assert "CPU, 64.0 GB free now" in text_of(app)
    assert selector(app).options == ["CPU"]
    assert warnings(app) == ["The device cuda:1 is gone; CPU is used in its place."]
    assert runs(client)[-1] == "cpu"
    open_tab(app, "maps")
    assert warnings(app)[1:] == ["Not here."]
    client.gpus = TWO
    run(app)
    run(app)
    assert not [text for text in warnings(app) if "gone" in text]
    assert selector(app).value == "cpu", "nobody is led back to what failed"


def test_before_the_worker_has_looked_there_is_no_choice(fake):
    client = fake(None)
    app = open_page(preset="lenet-5")
    assert selector(app).disabled
    assert "Starting the live worker" in text_of(app)
    assert not runs(client)
    assert app.metric
    open_tab(app, "memory")
    assert "CPU, 64.0 GB free now" in text_of(app)
    live_client.devices()._look.set_result(TWO)
    run(app)
    assert selector(app).value == "cuda:0"
    assert not warnings(app)


def test_where_the_worker_cannot_look_there_is_the_cpu(fake):
    fake(LiveError(Text("It failed.", "失败。")))
    app = open_page(preset="lenet-5")
    assert selector(app).options == ["CPU"]
    assert not selector(app).disabled


def test_a_job_is_held_up_to_the_memory_of_its_gpu(fake, store):
    fake({"cuda:0": Gpu("GPU A", 1_000_000, 8_000_000_000)})
    app = press(training.open_page(), "start")
    assert "on cuda:0" in app.error[0].value
    assert not store.jobs()
    with pytest.raises(NoDeviceError, match="no device 'cuda:7'"):
        live_client.devices().free_bytes("cuda:7")


def test_on_a_cluster_jobs_have_devices_of_their_own(fake, store, tmp_path, monkeypatch):
    """The live worker is here, and goes on with what is here."""
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path))
    gpu = Machine(8, 1, "H100", "GPU H", 64_000_000_000, 70_000_000_000)
    Cluster((Machine(8, 0, "", free_bytes=9_000_000), gpu)).write()
    client = fake({})
    app = training.open_page()
    assert selector(app).options == ["GPU H (cuda:H100)", "CPU"]
    captions = [caption.value for caption in app.caption]
    assert any("nothing is predicted" in text for text in captions)
    assert not any("measuring" in text for text in captions)
    press(app, "start")
    (job,) = store.jobs()
    assert job.request.device == "cuda:H100"
    Cluster((replace(gpu, gpu_free_bytes=1_000_000),)).write()
    store.cancel(job.id, owner=ME)
    press(run(app), "start")
    assert "on cuda:H100" in app.error[0].value, "the memory is that of the cluster's GPU"
    app.switch_page("pages/architecture.py")
    run(app)
    assert selector(app).options == ["CPU"]
    assert set(runs(client)) == {"cpu"}
    app.switch_page("pages/training.py")
    Cluster((replace(gpu, gpus=0),)).write()
    run(app)
    assert selector(app).options == ["CPU"]
    assert warnings(app) == ["The device cuda:H100 is gone; CPU is used in its place."]


@pytest.mark.sweep
def test_all_pages_stand_without_touching_a_gpu(store, tmp_path):
    app = open_page(preset="lenet-5")
    names = views(app)
    for name in names:
        open_tab(app, name)
    assert "maps" in names
    app.session_state["owner"] = ME
    app.switch_page("pages/glossary.py")
    run(app)
    app.switch_page("pages/training.py")
    press(run(app), "start")
    (job,) = store.jobs()
    training.finish(store, job)
    (tmp_path / job.id).mkdir()
    save_weights(job.request.spec.build(), job.request, tmp_path / job.id / WEIGHTS)
    run(app)
    for name, words in (("First-layer filters", "6 filters"), ("Feature maps", "6 maps of C1")):
        app.session_state[f"results.{job.id}"] = name
        run(app)
        assert any(words in caption.value for caption in app.caption), name


def test_a_network_trained_elsewhere_is_a_sentence(store, tmp_path):
    job = training.submit(store)
    training.finish(store, job)
    (tmp_path / job.id).mkdir()
    other = cnnviz.spec("lenet-d2l")
    save_weights(other.build(), job.request, tmp_path / job.id / WEIGHTS)
    app = training.open_page(run=job.id)
    app.session_state[f"results.{job.id}"] = "Feature maps"
    run(app)
    assert any("not those of this network" in text for text in warnings(app))


def test_the_longer_the_queue_the_rarer_a_look(fake):
    client = fake({})
    assert live_client.pause() == live_client.POLL
    client.queue = 29
    assert live_client.pause() == 30 * live_client.POLL
