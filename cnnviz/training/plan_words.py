"""A plan in words: its changes, its time, and the time of the network as it is."""

from cnnviz.families import Demo, Spec
from cnnviz.knobs import Knob
from cnnviz.numbers import clock
from cnnviz.text import LANGUAGES, Text, joined
from cnnviz.training.plan import Change, Plan
from cnnviz.training.recipe import Recipe
from cnnviz.zoo import FAMILIES


def sentences(plan: Plan, device: str) -> Text:
    """Two sentences, or one where nothing is turned.

    "Demo: image size 224 → 32, a recipe for few steps, 4 epochs of 3,000 images: about 50 s on
    CPU. As it is: 5 h 20 min."

    Args:
        device: its name.
    """
    if not plan.changes:
        as_it_is = Text(
            "As it is: about {time} on {device}.", "按原样训练：在 {device} 上约需 {time}。"
        )
        return as_it_is.format(time=clock(plan.unchanged), device=device)
    turned = [words(plan, change) for change in plan.changes if change.what in plan.spec.values]
    if any(change.what in _demo(plan.spec).recipe for change in plan.changes):
        turned.append(Text("a recipe for few steps", "适合短训练的配置"))
    epochs = Text(
        "{epochs} epoch{epochs:|s} of {images:,} images", "{epochs} 轮，每轮 {images:,} 张图像"
    ).format(epochs=plan.recipe.epochs, images=plan.images)
    message = Text(
        "Demo: {what}: about {time} on {device}. As it is: {unchanged}.",
        "演示：{what}：在 {device} 上约需 {time}。按原样训练：{unchanged}。",
    )
    return message.format(
        what=joined([*turned, epochs]),
        time=clock(plan.seconds),
        device=device,
        unchanged=clock(plan.unchanged),
    )


def words(plan: Plan, change: Change) -> Text:
    """A change as "growth rate 40 → 8"."""
    knob = knob_of(plan.spec, change.what)
    before, after = knob.show(change.before), knob.show(change.after)
    return Text(*(f"{knob.label(it)} {before(it)} → {after(it)}" for it in LANGUAGES))


def why(plan: Plan) -> Text:
    """Why the family's demo takes the recipe that it takes."""
    return _demo(plan.spec).why


def knob_of(spec: Spec, name: str) -> Knob:
    """A knob of the recipe or, with any other name, of the network."""
    return (Recipe if name in Recipe().values else type(spec)).knob(name)


def _demo(spec: Spec) -> Demo:
    return FAMILIES[spec.family].demo(spec)
