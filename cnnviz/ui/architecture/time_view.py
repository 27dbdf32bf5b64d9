"""Time of every op on the session's device: what is measured, how far it is, and to stop it."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import streamlit as st

from cnnviz.analysis.timing.setting import precisions
from cnnviz.analysis.timing.times import MOST_BYTES, Times, TimesError, times_from_json
from cnnviz.live.tasks import LiveRun, Task
from cnnviz.live.timing import MeasurePeak, TimeBackward, TimeForward, TimeWhole
from cnnviz.render.time_charts import presets_chart
from cnnviz.ui.architecture.time_results import Measured, results
from cnnviz.ui.kit.chart_style import TOOLS, ink
from cnnviz.ui.kit.steering import steer
from cnnviz.ui.kit.task_controls import task_run
from cnnviz.ui.kit.task_run import TaskRun
from cnnviz.ui.kit.words import as_markdown, language, say, t
from cnnviz.ui.session.device import chosen_device, device_name
from cnnviz.ui.session.look import MOST_TIMED, Look
from cnnviz.ui.session.subject import Member
from cnnviz.zoo import PRESETS

_BATCHES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
_OTHERS = (  # old and new, large and small, few MACs and many
    *("alexnet-torchvision", "vgg-a", "nin-d2l", "googlenet", "resnet-18", "resnet-50"),
    *("resnext-50-32x4d", "densenet-121", "xception", "squeezenet-1-1", "mobilenet-v2"),
    *("mobilenet-v3-large", "shufflenet-v2-x1", "efficientnet-b0", "regnet-y-400mf"),
    "convnext-tiny",
)

Key = Callable[[str], str]
OnChange = Callable[[Look], None]


def time_view(subject: Member, look: Look, on_change: OnChange, *, key: Key) -> None:
    """Let the user choose a setting, measure in it, and load the times of another device."""
    st.markdown(t("time.intro"))
    tasks = _tasks(subject, look, on_change, key)
    # larger batches are refused, too
    ends_at = (TimeForward, TimeWhole)
    run = task_run(tasks, key("time"), t("time.measure"), ends_at=ends_at)
    if run:
        _refusals(run)
    other = _other(key)
    if run and (measured := _measured(run, tasks)) and not run.is_going:
        results(subject, measured, other, key=key)
    if other and not run:
        st.caption(t("time.alone"))
    with st.expander(t("time.presets")):
        _presets(key)


def _tasks(subject: Member, look: Look, on_change: OnChange, key: Key) -> list[Task]:
    """What is to be measured, in the setting that the user chooses."""
    device, timed = chosen_device(), look.timed
    offered = precisions(device)
    precision = timed.precision if timed.precision in offered else offered[0]
    names = {part: key(f"time.{part}") for part in ("batch", "channels_last")}
    names["precision"] = key(f"time.precision.{len(offered)}")

    def chosen(part: str) -> None:
        if (value := st.session_state.get(names[part])) is not None:
            on_change(replace(look, timed=timed._replace(**{part: value})))

    where, images, numbers, layout = st.columns([3, 2, 3, 3], vertical_alignment="bottom")
    where.markdown(f"**{t('live.device')}**  \n{as_markdown(device_name(device))}")
    images.number_input(
        t("time.batch"),
        min_value=1,
        max_value=MOST_TIMED,
        key=steer(names["batch"], timed.batch),
        on_change=chosen,
        args=("batch",),
    )
    numbers.segmented_control(
        t("memory.precision"),
        offered,
        required=True,
        key=steer(names["precision"], precision),
        format_func=str.upper,
        on_change=chosen,
        args=("precision",),
    )
    layout.checkbox(
        "channels_last",
        key=steer(names["channels_last"], timed.channels_last),
        help=t("time.layout_help"),
        on_change=chosen,
        args=("channels_last",),
    )
    if precision != timed.precision:
        asked, taken = timed.precision.upper(), precision.upper()
        st.caption(t("time.lacks", asked=asked, taken=taken))
    batch, channels_last = timed.batch, timed.channels_last
    rest = (precision, channels_last)
    return [
        MeasurePeak(device, precision),
        TimeForward(device, subject.spec, batch, *rest),
        TimeBackward(device, subject.spec, batch, *rest),
        *(TimeWhole(device, subject.spec, images, *rest) for images in _BATCHES),
    ]


def _measured(run: TaskRun, tasks: Sequence[Task]) -> Measured | None:
    """What is measured so far; None before the pass forward is."""
    peak, forward, backward, *wholes = tasks
    if peak not in run.answers or forward not in run.answers:
        return None
    assert isinstance(forward, TimeForward)
    name, most = run.answers[peak]
    return Measured(
        device=name,
        setting=forward.setting,
        peak=most,
        forward=run.answers[forward],
        backward=run.answers.get(backward),
        wholes=[
            (task.batch, 1e3 * task.batch / run.answers[task].median)
            for task in wholes
            if isinstance(task, TimeWhole) and task in run.answers
        ],
    )


def _refusals(run: TaskRun) -> None:
    """Why something was not measured, each sentence once; a larger batch needs none."""
    refused = (text for task, text in run.refusals.items() if not isinstance(task, TimeWhole))
    for said in dict.fromkeys(map(say, refused)):
        st.markdown(f":orange[▲ {t('live.refused')}] {as_markdown(said)}")


def _other(key: Key) -> Times | None:
    """The times of another device, from a file."""
    megabytes = MOST_BYTES // 1_000_000
    with st.expander(t("time.other")):
        file = st.file_uploader(
            t("time.file"),
            type="json",
            max_upload_size=megabytes,
            key=key("time.file"),
            help=t("time.file_help", megabytes=megabytes),
        )
        if file is None:
            return None
        try:
            return times_from_json(file.getvalue())
        except TimesError as error:
            st.error(as_markdown(say(error.message)))
            return None


def _presets(key: Key) -> None:
    """Measure a dozen presets, one after the other, and show MACs against milliseconds."""
    device = chosen_device()
    tasks = {name: LiveRun(device, PRESETS[name].spec) for name in _OTHERS}
    run = task_run(list(tasks.values()), key("time.presets"), t("time.presets_measure"))
    if not run:
        return
    there = [
        (name, task.cost, 1e3 * run.answers[task].seconds)
        for name, task in tasks.items()
        if task in run.answers
    ]
    if there and not run.is_going:
        chart = presets_chart(there, language(), ink=ink())
        st.plotly_chart(
            chart, key=key("time.presets.chart"), config=TOOLS, alt=t("time.presets_alt")
        )
        lines = [f"{name}: {milliseconds:.3g} ms" for name, _, milliseconds in there]
        st.caption(" · ".join(lines))
