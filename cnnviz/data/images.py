"""An image's way into a network: its size, its channels, its noise."""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor
from torch.nn import functional as F

from cnnviz.text import Text

Shape = tuple[int, int, int]

LUMINANCE = (0.299, 0.587, 0.114)  # how bright red, green and blue look (ITU-R BT.601)
SHIFT = 8  # a crop moves the image by at most 1/8 of its size
COLOUR_STD = 0.1  # standard deviation of the colour noise, in units of the images' own spread


def prepare(images: Tensor, shape: Shape, mean: Tensor, std: Tensor) -> Tensor:
    """Make images into a network's input: uint8 (N, C, H, W) -> float32 (N, C', H', W').

    Args:
        images: values 0 to 255, on any device; the result is on the same one.
        shape: (C', H', W'), the network's input.
        mean, std: of the values scaled to 0..1, one per channel of the images, as `statistics`
            gives them.
    """
    channels, *size = shape
    x = images.float() / 255
    if _pads(x.shape[-2:], size):
        x = F.pad(x, (2, 2, 2, 2))
    elif list(x.shape[-2:]) != size:
        x = F.interpolate(x, size, mode="bilinear", antialias=True)
    # after the padding, as black is not 0 from here on
    x = (x - _per_channel(mean, x)) / _per_channel(std, x)
    if x.shape[1] == channels:
        return x
    return _grey(x).repeat(1, channels, 1, 1)


def statistics(images: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation (C,) of each channel of uint8 (N, C, H, W), scaled to 0..1.

    A channel that never changes gets the deviation of one grey level, so it can be divided by.
    """
    # 256 counts say it all, and need no float copy of the whole set
    counts = torch.stack(
        [torch.bincount(channel.flatten(), minlength=256) for channel in images.unbind(1)]
    ).double()
    values = torch.arange(256, device=images.device).double() / 255
    share = counts / counts.sum(1, keepdim=True)
    mean = share @ values
    variance = (share * (values - mean[:, None]) ** 2).sum(1)
    return mean.float(), variance.sqrt().clamp(min=1 / 255).float()


def describe(source_shape: Shape, shape: Shape) -> Text:
    """One sentence on how `prepare` changes images of `source_shape` (C, H, W) for `shape`."""
    kinds = {1: Text("grey", "灰度"), 3: Text("colour", "彩色")}
    many = Text("with {channels} channels", "{channels} 通道").format(channels=source_shape[0])
    kind = kinds.get(source_shape[0], many)
    steps = _steps(source_shape, shape) or [Text("taken as it is", "原样使用")]
    en, zh = ", ".join(step.en for step in steps), "，".join(step.zh for step in steps)
    return Text("{height}×{width} {kind}, {steps}.", "{height}×{width} {kind}，{steps}。").format(
        height=source_shape[1], width=source_shape[2], kind=kind, steps=Text(en, zh)
    )


def augment(
    images: Tensor, *, flip: bool, crop: bool, colour: bool, generator: torch.Generator
) -> Tensor:
    """Change every image a little at random: (N, C, H, W) -> the same shape.

    Args:
        images: float32, as `prepare` gives them.
        flip: mirror every second image left to right, on average.
        crop: move each image by up to 1/8 of its size; pixels from outside are black, the least
            value of their channel in the batch.
        colour: shift each image's colour, or the brightness of a grey one.
        generator: source of the randomness; may be on another device than the images.
    """
    if flip:
        mirrored = _random(torch.rand, (len(images), 1, 1, 1), generator, images) < 0.5
        images = torch.where(mirrored, images.flip(3), images)
    if crop:
        images = _move(images, generator)
    if colour:
        images = images + _colour_noise(images, generator)
    return images


def _pads(source: Iterable[int], target: Iterable[int]) -> bool:
    """Whether black is put around the image, as LeNet's paper does: 28×28 -> 32×32."""
    return tuple(source) == (28, 28) and tuple(target) == (32, 32)


def _steps(source_shape: Shape, shape: Shape) -> list[Text]:
    (source_channels, *source_size), (channels, *size) = source_shape, shape
    steps = []
    if _pads(source_size, size):
        steps.append(Text("padded with zeros to {height}×{width}", "用零填充到 {height}×{width}"))
    elif source_size != size:
        steps.append(Text("resized to {height}×{width}", "缩放到 {height}×{width}"))
    if source_channels != channels and source_channels > 1:
        steps.append(Text("averaged to grey", "加权平均为灰度"))
    if source_channels != channels > 1:
        steps.append(Text("grey repeated to {channels} channels", "灰度复制为 {channels} 个通道"))
    return [step.format(channels=channels, height=size[0], width=size[1]) for step in steps]


def _per_channel(values: Tensor, images: Tensor) -> Tensor:
    """(C,) -> (1, C, 1, 1) beside the images."""
    return values.to(images).view(1, -1, 1, 1)


def _grey(images: Tensor) -> Tensor:
    """(N, C, H, W) -> (N, 1, H, W): the brightness of RGB, else the mean of the channels."""
    if images.shape[1] != 3:
        return images.mean(1, keepdim=True)
    return (images * _per_channel(torch.tensor(LUMINANCE), images)).sum(1, keepdim=True)


def _random(
    draw: Callable[..., Tensor], shape: tuple[int, ...], generator: torch.Generator, like: Tensor
) -> Tensor:
    """Random numbers that are the same on every device."""
    return draw(shape, generator=generator, device=generator.device).to(like.device)


def _move(images: Tensor, generator: torch.Generator) -> Tensor:
    count, channels, height, width = images.shape
    top, left = max(1, height // SHIFT), max(1, width // SHIFT)
    black = images.amin((0, 2, 3), keepdim=True)
    padded = black.repeat(count, 1, height + 2 * top, width + 2 * left)
    padded[:, :, top : top + height, left : left + width] = images
    starts = _random(torch.rand, (2, count, 1, 1, 1), generator, images)
    device = images.device
    rows = (starts[0] * (2 * top + 1)).long() + torch.arange(height, device=device)[:, None]
    columns = (starts[1] * (2 * left + 1)).long() + torch.arange(width, device=device)
    image = torch.arange(count, device=device).view(-1, 1, 1, 1)
    channel = torch.arange(channels, device=device).view(-1, 1, 1)
    return padded[image, channel, rows, columns]


def _colour_noise(images: Tensor, generator: torch.Generator) -> Tensor:
    """A shift (N, C, 1, 1) of each image along the directions in which the batch's colours vary.

    AlexNet (Krizhevsky et al. 2012, section 4.1) multiplies by the eigenvalues. Their square roots
    are taken here, so that the noise is the same share of the spread however images are scaled.
    """
    pixels = images.transpose(0, 1).flatten(1)  # (C, N · H · W)
    pixels = pixels - pixels.mean(1, keepdim=True)
    covariance = (pixels @ pixels.T / pixels.shape[1]).cpu()
    eigenvalues, directions = torch.linalg.eigh(covariance)
    spread = directions * eigenvalues.clamp(min=0).sqrt()  # (C, C), a column per direction
    noise = _random(torch.randn, images.shape[:2], generator, images) * COLOUR_STD
    shift: Tensor = noise @ spread.T.to(images.device)
    return shift[:, :, None, None]
