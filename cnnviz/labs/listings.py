"""The calculations of labs in PyTorch, with the numbers that are set, to be run anywhere."""

import numpy as np

_HEAD = "import torch\nfrom torch.nn import functional as F\n\n"
_BY_HAND = '''
def corr2d(x, k, stride=1, dilation=1):
    """Each window of x times k, summed."""
    h, w = (dilation * (side - 1) + 1 for side in k.shape)
    rows = range(0, x.shape[0] - h + 1, stride)
    columns = range(0, x.shape[1] - w + 1, stride)
    windows = [[x[r:r + h:dilation, c:c + w:dilation] for c in columns] for r in rows]
    return torch.stack([torch.stack([(one * k).sum() for one in row]) for row in windows])

'''


def tensor(name: str, array: np.ndarray) -> str:
    """A line that makes an array."""
    return f"{name} = torch.tensor({array.tolist()}, dtype=torch.double)\n"


def convolution(
    image: np.ndarray, kernel: np.ndarray, *, padding: int, stride: int, dilation: int
) -> str:
    """A cross-correlation by torch, and by hand."""
    how = f"stride={stride}, dilation={dilation}"
    sides = ", ".join([str(padding)] * 4)
    return (
        f"{_HEAD}{tensor('image', image)}{tensor('kernel', kernel)}"
        "output = F.conv2d(image[None, None], kernel[None, None], "
        f"padding={padding}, {how})[0, 0]\n"
        f"print(output)\n\n{_BY_HAND}\n"
        f"by_hand = corr2d(F.pad(image, ({sides})), kernel, {how})\n"
    )


def over_channels(images: np.ndarray, kernels: np.ndarray) -> str:
    """Channels (Cin, H, W) and kernels (Cout, Cin, kh, kw) by torch, and by hand."""
    return (
        f"{_HEAD}{tensor('images', images)}{tensor('kernels', kernels)}"
        f"output = F.conv2d(images[None], kernels)[0]\nprint(output)\n\n{_BY_HAND}\n"
        "def corr2d_multi_in(xs, ks):\n"
        "    return sum(corr2d(x, k) for x, k in zip(xs, ks))\n\n\n"
        "by_hand = torch.stack([corr2d_multi_in(images, kernel) for kernel in kernels])\n"
    )


def pointwise(pixels: np.ndarray, weights: np.ndarray) -> str:
    """A 1×1 convolution of 2×2 pixels by torch, and as a matrix product."""
    return (
        f"{_HEAD}{tensor('pixels', pixels)}{tensor('weights', weights)}"
        "image = pixels.view(1, -1, 2, 2)\n"
        "output = F.conv2d(image, weights[:, :, None, None]).view(-1, 4)\nprint(output)\n\n"
        "by_hand = weights @ pixels\n"
    )


def pooling(image: np.ndarray, kind: str, *, window: int, stride: int, padding: int) -> str:
    """Maps (H, W) or (C, H, W) pooled by torch."""
    name = {"max": "max_pool2d", "average": "avg_pool2d"}[kind]
    channels = "[None]" if image.ndim == 3 else "[None, None]"
    first = "[0]" if image.ndim == 3 else "[0, 0]"
    return (
        f"{_HEAD}{tensor('image', image)}"
        f"output = F.{name}(image{channels}, {window}, stride={stride}, padding={padding}){first}\n"
        "print(output)\n"
    )


def batch_norm(x: np.ndarray, epsilon: float) -> str:
    """Batch norm of maps (N, C, H, W) by torch, and by hand."""
    return (
        f"{_HEAD}{tensor('x', x)}"
        f"output = F.batch_norm(x, None, None, training=True, eps={epsilon!r})\nprint(output)\n\n"
        "mean = x.mean((0, 2, 3), keepdim=True)  # a number for each channel\n"
        "variance = ((x - mean) ** 2).mean((0, 2, 3), keepdim=True)\n"
        f"by_hand = (x - mean) / (variance + {epsilon!r}) ** 0.5\n"
    )


def running(batches: np.ndarray, momentum: float, new: float, epsilon: float) -> str:
    """Running averages over batches, a row each, and a new value normalised by them."""
    kept, rest = f"{momentum!r}", f"{round(1 - momentum, 6)!r}"
    return (
        f"import torch\n\n{tensor('batches', batches)}"
        "mean, variance = 0.0, 1.0\n"
        "for batch in batches:  # training\n"
        f"    mean = {kept} * mean + {rest} * batch.mean()\n"
        f"    variance = {kept} * variance + {rest} * batch.var(correction=0)\n"
        f"output = ({new!r} - mean) / (variance + {epsilon!r}) ** 0.5  # inference\n"
        "print(output)\n"
    )
