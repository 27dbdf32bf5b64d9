"""The knobs of the lab on edges."""

from dataclasses import dataclass

from cnnviz.knobs import Problem, knob
from cnnviz.labs.lab import step_knob
from cnnviz.labs.pictures import source_knob, which_knob
from cnnviz.labs.written import Matrix, matrix, written
from cnnviz.settings import Settings
from cnnviz.text import Text

STRIPES = Text("Edges by hand", "手算边缘")
PICTURE = Text("On a picture", "用在图片上")
LEARN = Text("Learn the kernel from data", "从数据中学习卷积核")


@dataclass(frozen=True, kw_only=True)
class EdgesSettings(Settings):
    """Kernels that find edges; opens with the course's stripes and 1 −1."""

    family = "edges"

    stripes: str = written(
        "_".join(["1,1,0,0,0,0,1,1"] * 6),
        Text("image", "图像"),
        Text("1 is white, 0 is black.", "1 为白，0 为黑。"),
        form=Matrix((2, 8), (2, 8), (-9, 9)),
        group=STRIPES,
        term="kernel",
    )
    kernel: str = written(
        "1,-1",
        Text("kernel", "卷积核"),
        Text(
            "1 −1 answers where a pixel differs from its right neighbour.",
            "1 −1 在像素与其右邻不同时才有响应。",
        ),
        form=Matrix((1, 3), (1, 3), (-9, 9)),
        group=STRIPES,
        term="kernel",
    )
    turned: bool = knob(
        False,
        Text("transpose the image", "转置图像"),
        Text(
            "Rows become columns: vertical edges become horizontal ones.",
            "行变成列：竖直边缘变成水平边缘。",
        ),
        group=STRIPES,
        term="kernel",
    )
    step: int = step_knob(STRIPES)

    source: str = source_knob(PICTURE)
    which: int = which_knob(PICTURE, 0)
    filter: str = knob(
        "sobel-x",
        Text("filter", "滤波器"),
        Text(
            "Sobel's kernels smooth along the edge that they look for; blur is a mean.",
            "Sobel 核在检测边缘的同时沿边缘方向平滑；模糊则是取平均。",
        ),
        group=PICTURE,
        term="kernel",
        choices=("difference", "difference-t", "sobel-x", "sobel-y", "blur", "sharpen", "own"),
        choice_labels=(
            Text("1 −1", "差分 1 −1"),
            Text("1 −1 transposed", "差分 1 −1 的转置"),
            Text("Sobel, vertical edges", "Sobel，竖直边缘"),
            Text("Sobel, horizontal edges", "Sobel，水平边缘"),
            Text("blur 3×3", "模糊 3×3"),
            Text("sharpen", "锐化"),
            Text("own kernel", "自定义"),
        ),
    )
    own: str = written(
        "0,1,0_1,-4,1_0,1,0",
        Text("own kernel", "自定义卷积核"),
        Text("Used where the filter is “own kernel”.", "滤波器选“自定义”时使用。"),
        form=Matrix((1, 5), (1, 5), (-99, 99)),
        group=PICTURE,
        term="kernel",
    )

    steps: int = knob(
        10,
        Text("steps", "步数"),
        Text("Steps of gradient descent.", "梯度下降的步数。"),
        group=LEARN,
        term="epoch",
        bounds=(1, 200),
        slider=True,
    )
    rate: float = knob(
        0.03,
        Text("learning rate", "学习率"),
        Text(
            "The kernel moves against the gradient by so much of it.", "卷积核沿负梯度移动的比例。"
        ),
        group=LEARN,
        term="learning_rate",
        symbol="η",
        bounds=(0.001, 0.2),
        step=0.01,
    )
    start: int = knob(
        0,
        Text("initial kernel", "初始卷积核"),
        Text("Which random kernel it begins with.", "从哪个随机卷积核开始。"),
        group=LEARN,
        term="seed",
        bounds=(0, 99),
    )
    learn_step: int = step_knob(LEARN)

    def conflicts(self) -> list[Problem]:
        image = matrix(self.stripes).T if self.turned else matrix(self.stripes)
        kernel = matrix(self.kernel)
        if all(k <= n for n, k in zip(image.shape, kernel.shape, strict=True)):
            return []
        message = Text(
            "{knob} has {rows} rows and {columns} columns, the image only {height} and {width}. "
            "Make it smaller.",
            "{knob}为 {rows} 行 {columns} 列，而图像只有 {height} 行 {width} 列。请缩小它。",
        )
        rows, columns = kernel.shape
        values = {
            "rows": rows,
            "columns": columns,
            "height": image.shape[0],
            "width": image.shape[1],
        }
        return [self.problem("kernel", message, **values)]
