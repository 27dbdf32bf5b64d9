"""After a run: confusions, uncertain images, and the network's filters and maps."""

import streamlit as st

from cnnviz.analysis.maps import layers_with_maps
from cnnviz.analysis.real_run import LiveError
from cnnviz.render.result_charts import confusion_chart
from cnnviz.render.tiles import FRAME, cividis, framed, stretched, tiled
from cnnviz.training.job import Job
from cnnviz.ui.architecture.feature_maps import maps_view, side
from cnnviz.ui.kit.chart_style import TOOLS_WITH_ZOOM, ink
from cnnviz.ui.kit.words import language, say, t
from cnnviz.ui.training import trained
from cnnviz.ui.training.try_it import as_images_of, try_it

_SHOWN = 10  # images
_SIDE = 88  # px, so that ten fit beside each other at 1366 px


@st.fragment
def results(job: Job) -> None:
    """Show the tabs of a tested run; only the open one is computed."""
    views = {
        "confusion": _confusion,
        "examples": _examples,
        "filters": _filters,
        "maps": _maps,
        "try": try_it,
    }
    names = [t(f"results.{name}") for name in views]
    tabs = st.tabs(names, key=f"results.{job.id}", on_change="rerun")
    for tab, show in zip(tabs, views.values(), strict=True):
        if tab.open:
            with tab:
                try:
                    show(job)
                except LiveError as error:
                    st.warning(say(error.message))
                except OSError as error:  # the files of a run may have been deleted by hand
                    st.warning(t("results.gone", why=error))


def _classes(job: Job) -> list[str]:
    return [say(name) for name in trained.data(job.asked.data).classes]


def _confusion(job: Job) -> None:
    found = trained.read_results(job)
    chart, text = st.columns([3, 1], gap="large")
    chart.plotly_chart(
        confusion_chart(found.confusion, _classes(job), language(), ink=ink()),
        key=f"confusion.{job.id}",
        config=TOOLS_WITH_ZOOM,
        alt=t("results.confusion_alt"),
    )
    text.markdown(t("results.confusion_text"))
    text.markdown(_mistakes(job, found))


def _mistakes(job: Job, found: trained.Results) -> str:
    """The pairs that are mixed up most."""
    classes, matrix = _classes(job), found.confusion.copy()
    lines = [f"**{t('results.mistakes')}**", ""]
    for row in range(len(matrix)):
        matrix[row, row] = 0
    for cell in matrix.argsort(axis=None)[::-1][:5]:
        row, column = divmod(int(cell), len(matrix))
        if matrix[row, column]:
            lines.append(f"- {classes[row]} → {classes[column]}: {matrix[row, column]}")
    return "\n".join(lines)


def _examples(job: Job) -> None:
    found, classes = trained.read_results(job), _classes(job)
    images = trained.data(job.asked.data).test_images
    for right in (True, False):
        rows = found.most_confident(_SHOWN, right=right)
        st.markdown(f"#### {t('results.right' if right else 'results.wrong')}")
        captions = []
        for row, confidence in zip(rows, found.confidence(rows), strict=True):
            labels = dict.fromkeys([found.labels[row], found.predictions[row]])
            names = " → ".join(classes[label] for label in labels)
            captions.append(f"{names} {100 * confidence:.0f}\u00a0%")
        sheets = [
            framed(tiled(trained.picture(images[row])[None], columns=1, side=_SIDE)) for row in rows
        ]
        if sheets:
            st.image(sheets, caption=captions, width=_SIDE + 2 * FRAME, alt=captions)
    st.caption(t("results.examples_text"))


def _filters(job: Job) -> None:
    found = trained.first_filters(job)
    if found is None:
        st.markdown(t("results.no_filters"))
        return
    filters, shape = found
    values = stretched(filters)
    colour = filters.shape[-1] == 3
    pictures = (values * 255).astype("uint8") if colour else cividis(values[..., 0])
    text = t("results.filters_text", shape="×".join(map(str, shape)), count=shape[0])
    st.image(tiled(pictures, columns=16, side=side(len(pictures), 16)), alt=text)
    st.caption(f"{text} {t('results.filters_colour' if colour else 'results.filters_scale')}")


def _maps(job: Job) -> None:
    name = job.asked.data
    maps_view(
        name,
        layers_with_maps(job.asked.spec),
        lambda picture, layer: trained.maps(job, picture, layer),
        own=lambda picture: as_images_of(picture, trained.data(name).test_images),
        key=job.id,
    )
