"""Runs side by side on the Training page: compared, and started together as a race."""

from page_driver import find, plain, press, run, text_of
from training_page_driver import address, charts, finish, open_page, store, submit, turn

import cnnviz
from cnnviz.render.training_charts import (
    compare_chart,
)
from cnnviz.training.history import History
from cnnviz.training.state import JobState
from cnnviz.ui.training.race import rivals

__all__ = ["store"]  # the fixture


def test_more_runs_in_the_address_than_fit_are_told(store):
    jobs = [submit(store, key=str(key), owner=f"{key}" * 32) for key in range(8)]
    named = "-".join([*(job.id for job in jobs), "f" * 12, "<b>"])
    app = open_page(compare=named)
    assert "4 of the runs in the address are not compared: 6 fit" in app.warning[0].value
    assert address(app, "compare") == "-".join(job.id for job in jobs[:6])
    assert not press(app, "compare-close").warning


def test_compared_runs_of_mine_are_stopped_together(store):
    mine = [submit(store, key=str(key), padding=key) for key in (0, 2)]
    theirs = submit(store, key="3", owner="b" * 32)
    app = open_page(compare="-".join(job.id for job in [*mine, theirs]))
    press(app, "compare-stop")
    assert [store.job(job.id).state for job in mine] == [JobState.CANCELLED, JobState.CANCELLED]
    assert store.job(theirs.id).is_active
    assert "compare-stop" not in [button.key for button in app.button]


def test_comparing_two_runs(store):
    jobs = [submit(store, key=str(index), padding=index) for index in (0, 2)]
    for job in jobs:
        finish(store, job)
    app = open_page()
    app.multiselect[0].set_value([jobs[0].id])
    run(app)
    assert "Side by side" not in text_of(app), "one run is no comparison"
    app.multiselect[0].set_value([job.id for job in jobs])
    run(app)
    assert charts(app) == 2
    assert address(app, "compare") == f"{jobs[0].id}-{jobs[1].id}"
    row = "| #2 lenet-5 · padding of C1 p = 2 | ✓ done | 1.5 / 4 | 60.0 % | 50.0 % | 12.0 s |"
    assert row in plain(text_of(app))
    assert "stop" not in [f"{button.key}" for button in app.button]
    app.segmented_control[-1].set_value("train")
    run(app)
    assert charts(app) == 2
    again = open_page(compare=address(app, "compare"))
    assert charts(again) == 2
    press(again, "compare-close")
    assert address(again, "compare") == ""


def test_a_name_is_no_markup_where_runs_are_compared(store):
    jobs = [submit(store, key=str(index), padding=index) for index in (0, 2)]
    for job in jobs:
        finish(store, job)
    store.rename(jobs[0].id, "a | [b](javascript:1) <b>c</b>", owner=jobs[0].owner)
    app = open_page(compare=f"{jobs[0].id}-{jobs[1].id}")
    assert "](javascript" not in text_of(app)
    assert "| #1 a | [b](javascript:1) <b>c</b> · padding of C1 p = 0 | ✓ done |" in plain(
        text_of(app)
    )
    chart = compare_chart(
        {"<b>c</b>": History()}, "test", "loss", "en", epochs=1, ink="#000000", revision="r"
    )
    assert chart.data[0].name == "&lt;b&gt;c&lt;/b&gt;"


def test_a_race_submits_all_or_none(store):
    app = open_page()
    assert find(app, "race").disabled
    boxes = [box for box in app.selectbox if box.key.startswith("rival")]
    for box, name in zip(boxes, ("pooling=max", "lenet-d2l"), strict=True):
        box.set_value(name)
    run(app)
    press(app, "race")
    jobs = store.jobs()[::-1]
    assert [job.request.preset for job in jobs] == ["lenet-5", "lenet-5", "lenet-d2l"]
    assert jobs[1].request.spec == cnnviz.spec("lenet-5", pooling="max")
    assert len({(job.request.recipe, job.request.data) for job in jobs}) == 1
    assert address(app, "run") == jobs[0].id
    assert address(app, "compare") == "-".join(job.id for job in jobs)
    for seed in (1, 2, 3):  # a race counts as one of the three jobs that one may have
        turn(app, "seed", seed)
        press(app, "race")
    assert len(store.jobs(states=["queued"])) == 9, "no half of a fourth race"
    assert "3 of your jobs" in app.error[0].value


def test_a_race_has_up_to_six_networks(store):
    app = open_page()
    for number, name in enumerate(
        ("pooling=max", "pooling=average", "activation=relu", "activation=sigmoid", "lenet-d2l")
    ):
        boxes = [box for box in app.selectbox if box.key.startswith("rival")]
        assert len(boxes) == max(2, number + 1), "one more as soon as these are filled"
        boxes[number].set_value(name)
        run(app)
    press(app, "race")
    assert len(store.jobs()) == len(address(app, "compare").split("-")) == 6


def test_rivals_differ_in_one_knob_or_are_presets():
    found = rivals("densenet-121", cnnviz.spec("densenet-121"))
    assert found["compression=1.0"] == ("densenet-121", cnnviz.spec("densenet", compression=1.0))
    assert found["lenet-5"] == ("lenet-5", cnnviz.spec("lenet-5"))
    assert list(found).index("densenet-264") < list(found).index("lenet-5")
    assert found["densenet-169"] == ("densenet-169", cnnviz.spec("densenet-169"))
    assert "densenet-121" not in found
    for preset, spec in found.values():
        assert preset != "densenet-121" or len(spec.differences(cnnviz.spec(preset))) == 1
