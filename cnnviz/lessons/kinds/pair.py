"""Questions about two networks: what a knob changes, and how much larger one is."""

from collections.abc import Mapping
from random import Random
from urllib.parse import urlencode

from cnnviz.analysis import Report
from cnnviz.knobs import Knob, format_value
from cnnviz.lessons.kinds.kind import MEASURES, Asked, alike, amount
from cnnviz.lessons.network import Network
from cnnviz.lessons.question import Question
from cnnviz.numbers import three_digits
from cnnviz.text import Text
from cnnviz.zoo import PRESETS

_CLOSE = 0.02  # three digits are enough
_MOST_PARTS = 8  # of a network that the arithmetic lists

_REMOVES = Text(
    "In {network}, {knob} goes from {before} to {after}. How many {measure} does that remove?",
    "在 {network} 中，{knob}从 {before} 变为 {after}。{measure}减少多少？",
)
_ADDS = Text(
    "In {network}, {knob} goes from {before} to {after}. How many {measure} does that add?",
    "在 {network} 中，{knob}从 {before} 变为 {after}。{measure}增加多少？",
)
_DIFFERENCE_HINTS = (
    Text("Turn the knob and read both numbers.", "调节该超参数，读出前后两个数值。"),
    Text("It has {before} with the knob as it is.", "调节之前为 {before}。"),
)
_RATIO = Text(
    "How many times as many {measure} does {larger} have as {smaller}?",
    "{larger} 的{measure}是 {smaller} 的多少倍？",
)
_RATIO_HINTS = (
    Text("Both stand beside each other on the Compare page.", "两者可在“对比”页面并排查看。"),
    Text("{smaller} has {count}.", "{smaller} 为 {count}。"),
)


def difference(asked: Asked, draw: Random) -> Question:
    """What turning a knob removes or adds."""
    network = draw.choice(asked.networks)
    now = network.spec.values[asked.knob]
    value = draw.choice([value for value in asked.values if value != now])
    turned = network.turn(**{asked.knob: value})
    before, after = (amount(one.report, asked.measure) for one in (network, turned))
    knob = network.spec.knob(asked.knob)
    total = f"{before:,} − {after:,}" if before > after else f"{after:,} − {before:,}"
    return Question(
        prompt=(_REMOVES if before > after else _ADDS).format(
            network=network.title,
            knob=_named(knob),
            before=knob.show(now),
            after=knob.show(value),
            measure=MEASURES[asked.measure],
        ),
        answer=abs(before - after),
        tolerance=_CLOSE,
        hints=(_DIFFERENCE_HINTS[0], _DIFFERENCE_HINTS[1].format(before=f"{before:,}")),
        arithmetic=(
            *_changed(network.report, turned.report, asked.measure),
            alike(f"{total} = {abs(before - after):,}"),
        ),
        address=_beside(network, turned),
    )


def _named(knob: Knob) -> Text:
    """The knob with its symbol, which Chinese sets off by a space on both sides."""
    if not knob.symbol:
        return knob.label
    return Text(f"{knob.label.en} {knob.symbol}", f"{knob.label.zh} {knob.symbol} ")


def ratio(asked: Asked, draw: Random) -> Question:
    """How many times as much one network has as another."""
    pair = draw.sample(asked.networks, 2)
    counts = {one: amount(one.report, asked.measure) for one in pair}
    smaller, larger = sorted(pair, key=counts.__getitem__)
    answer = counts[larger] / counts[smaller]
    names = {"smaller": smaller.title, "larger": larger.title}
    return Question(
        prompt=_RATIO.format(measure=MEASURES[asked.measure], **names),
        answer=answer,
        tolerance=_CLOSE,
        hints=(
            _RATIO_HINTS[0],
            _RATIO_HINTS[1].format(smaller=smaller.title, count=f"{counts[smaller]:,}"),
        ),
        arithmetic=(alike(f"{counts[larger]:,} / {counts[smaller]:,} = {three_digits(answer)}"),),
        address=_beside(smaller, larger),
    )


def _changed(before: Report, after: Report, measure: str) -> tuple[Text, ...]:
    """The parts that have another count, if they are few."""
    old, new = (_by_part(report, measure) for report in (before, after))
    names = [name for name in {**old, **new} if old.get(name, 0) != new.get(name, 0)]
    if len(names) > _MOST_PARTS:
        return ()
    return tuple(alike(f"{name}: {old.get(name, 0):,} → {new.get(name, 0):,}") for name in names)


def _by_part(report: Report, measure: str) -> Mapping[str, int]:
    counts: dict[str, int] = {}
    for layer in report.layers:
        part = (layer.scope or layer.name).partition(".")[0]
        counts[part] = counts.get(part, 0) + amount(layer, measure)
    return counts


def _beside(first: Network, second: Network) -> str:
    """The Compare page with both, relative to another page."""
    query = {}
    for slot, one in (("n1", first), ("n2", second)):
        turned = one.spec.differences(PRESETS[one.preset].spec)
        query[slot] = one.preset
        query |= {f"{slot}.{name}": format_value(value) for name, value in turned.items()}
    return f"compare?{urlencode(query)}"
