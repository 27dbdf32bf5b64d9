"""Families of architectures: a frozen dataclass of knobs each, and the presets it is known by."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from cnnviz.knobs import Problem, SpecError, Value, knob
from cnnviz.settings import Settings
from cnnviz.text import Text

if TYPE_CHECKING:
    from torch import nn

INPUT = Text("Input and output", "输入与输出")


@dataclass(frozen=True)
class ImageTooSmall(Problem):
    """An image that is used up before the last layer.

    Args:
        smallest: the smallest that is not, in px a side; None where no image size is large enough.
    """

    smallest: int | None


@dataclass(frozen=True, kw_only=True)
class Spec(Settings):
    """One full setting of an architecture; `family` is the name of its family."""

    image_size: int = knob(
        224,
        Text("image size", "图像边长"),
        Text(
            "Height and width of the input in pixels. Larger images cost more operations; the "
            "convolutions keep their parameters.",
            "输入图像的高和宽（像素）。图像越大，运算量越大；卷积层的参数量不变。",
        ),
        group=INPUT,
        term="shape",
        symbol="H = W",
        bounds=(1, 1024),
    )
    in_channels: int = knob(
        3,
        Text("input channels", "输入通道数"),
        Text(
            "Channels of the image: 1 for grey, 3 for colour.",
            "图像的通道数：灰度图为 1，彩色图为 3。",
        ),
        group=INPUT,
        term="channels",
        symbol="C",
        bounds=(1, 64),
    )
    num_classes: int = knob(
        1000,
        Text("classes", "类别数"),
        Text(
            "How many classes the head tells apart, one output per class.",
            "分类头要区分的类别数，每类一个输出。",
        ),
        group=INPUT,
        term="head",
        bounds=(1, 100_000),
    )

    @property
    def input_shape(self) -> tuple[int, int, int, int]:
        """The shape (N, C, H, W) of one image."""
        return (1, self.in_channels, self.image_size, self.image_size)

    def build(self) -> "nn.Module":
        """A new `torch.nn.Module` of this architecture: (N, C, H, W) -> (N, classes)."""
        raise NotImplementedError

    def too_small(self, **knobs: object) -> tuple[Self, int | None] | None:
        """Return the network that `turn` refuses only for its image.

        The page draws where the image is used up. VGG-16 at 28 px, for example, has no pixel left
        for its last pooling.

        Returns:
            The spec, with a module that can be built but not run, and the smallest image that its
            other knobs allow, if any; None where `turn` refuses nothing, or something else.
        """
        try:
            self.turn(**knobs)
        except SpecError as error:
            small = [one for one in error.problems if isinstance(one, ImageTooSmall)]
            if len(small) == len(error.problems):
                return self._unchecked({**self.values, **knobs}), small[0].smallest
        return None

    @classmethod
    def _unchecked(cls, values: dict[str, object]) -> Self:
        """A spec of values that its knobs accept one by one, whether or not they go together."""
        spec = object.__new__(cls)
        for name, value in values.items():
            object.__setattr__(spec, name, cls.knob(name).accept(value))
        return spec

    def image_conflict(self, fits: Callable[[int], bool], remedy: Text) -> list[Problem]:
        """The problem of an image that is used up before the last layer.

        Args:
            fits: whether an image of the given size (px) leaves at least one pixel everywhere.
            remedy: what else than a larger image helps, with knobs as in `problem`.
        """
        if fits(self.image_size):
            return []
        largest = int(self.knob("image_size").bounds[1])
        smallest = next((size for size in range(1, largest + 1) if fits(size)), None)
        need = Text("at least {smallest} px", "至少 {smallest} 像素").format(smallest=smallest)
        if smallest is None:
            need = Text("more than {largest} px", "超过 {largest} 像素").format(largest=largest)
        message = Text(
            f"{{knob}} is {{size}} px; the network halves it until nothing is left and needs "
            f"{{need}}. {remedy.en}",
            f"{{knob}}为 {{size}} 像素；网络逐级减半后没有像素剩下，需要{{need}}。{remedy.zh}",
        )
        problem = self.problem("image_size", message, size=self.image_size, need=need)
        return [ImageTooSmall(problem.knob, problem.message, problem.shown, smallest)]

    def total_conflict(self, name: str, most: int) -> list[Problem]:
        """The problem of a tuple whose numbers add up to more than `most`."""
        total = sum(getattr(self, name))
        if total <= most:
            return []
        message = Text(
            "{knob} adds up to {total}; it must be at most {most} in all. Take {over} away.",
            "{knob}合计 {total}；总数最多 {most}，请减少 {over}。",
        )
        return [self.problem(name, message, total=total, most=most, over=total - most)]


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A published setting and the numbers that its network must have.

    Args:
        params: trainable elements.
        macs: multiply-accumulates of one image; None where the source has none.
        source: where the architecture is described.
        known_as: what others call it, where its name does not say so: "VGG-16" of vgg-d.
    """

    name: str
    spec: Spec
    params: int
    macs: int | None
    source: str
    known_as: str = ""


@dataclass(frozen=True, kw_only=True)
class Demo:
    """The recipe with which a family learns something in a minute.

    Args:
        recipe: knobs of `cnnviz.training.recipe.Recipe` by name; the others keep their defaults.
        why: it is this one, in a sentence or two.
        when: whether it is for a given network of the family; the first that is counts.
    """

    recipe: Mapping[str, Value]
    why: Text
    when: Callable[[Any], bool] = lambda spec: True


# Batch norm keeps signal and gradient in scale, whatever the depth and the initialisation.
NORMALISED = Demo(
    recipe={
        "batch_size": 32,
        "optimiser": "adam",
        "learning_rate": 0.003,
        "warm_up": 0.1,
        "weight_decay": 0.0,
    },
    why=Text(
        "Batch norm keeps signals in scale from PyTorch's own initialisation on. Small batches "
        "make many steps of few images, and Adam needs few steps.",
        "批量规范化使信号从 PyTorch 默认初始化起就保持合适的尺度。小批量用较少的图像完成较多步，"
        "而 Adam 所需的步数少。",
    ),
)
# Without batch norm the initialisation has to do this, and the first steps are small.
UNNORMALISED = Demo(
    recipe={
        "batch_size": 32,
        "initialisation": "kaiming",
        "optimiser": "adam",
        "learning_rate": 0.0003,
        "warm_up": 0.1,
        "weight_decay": 0.0,
    },
    why=Text(
        "Without batch norm the initialisation has to keep signals in scale, Kaiming's for ReLU, "
        "and a small rate with warm-up keeps the first steps from undoing it.",
        "没有批量规范化，需要由初始化保持信号的尺度（ReLU 用 Kaiming 初始化），"
        "较小的学习率加预热可避免最初几步破坏它。",
    ),
)


@dataclass(frozen=True, kw_only=True)
class Family:
    """A family of architectures: one spec class and its presets, the default one first.

    Args:
        known_as: other names under which its networks are looked for.
    """

    title: str
    known_as: str = ""
    spec: type[Spec]
    presets: tuple[Preset, ...]
    demos: tuple[Demo, ...] = (NORMALISED,)

    def demo(self, spec: Spec) -> Demo:
        """The recipe for one network of the family."""
        return next(demo for demo in self.demos if demo.when(spec))

    @property
    def name(self) -> str:
        return self.spec.family
