"""Images on their way into a network: sized, in its channels, normalised, augmented."""

import pytest
import torch
from torch.nn import functional as F

from cnnviz.data.images import augment, describe, prepare, statistics

PLAIN = (torch.zeros(1), torch.ones(1))


def random_images(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(0, 256, shape, dtype=torch.uint8, generator=generator)


def test_28_becomes_32_with_black_around_it():
    images = random_images(5, 1, 28, 28)
    mean, std = torch.tensor([0.3]), torch.tensor([0.5])
    expected = (F.pad(images / 255, (2, 2, 2, 2)) - 0.3) / 0.5
    assert torch.equal(prepare(images, (1, 32, 32), mean, std), expected)


def test_other_sizes_are_resized():
    images = random_images(2, 3, 40, 40)
    for size in (32, 96):
        expected = F.interpolate(images / 255, (size, size), mode="bilinear", antialias=True)
        assert torch.equal(prepare(images, (3, size, size), *PLAIN), expected)
    assert torch.equal(prepare(images, (3, 40, 40), *PLAIN), images / 255)


def test_channels_are_repeated_or_averaged():
    grey, colour = random_images(2, 1, 8, 8), random_images(2, 3, 8, 8)
    wide = prepare(grey, (5, 8, 8), *PLAIN)
    assert wide.shape == (2, 5, 8, 8)
    assert all(torch.equal(channel, grey[:, 0] / 255) for channel in wide.unbind(1))
    luminance = (colour / 255 * torch.tensor([0.299, 0.587, 0.114])[:, None, None]).sum(1)
    assert torch.allclose(prepare(colour, (1, 8, 8), *PLAIN)[:, 0], luminance)
    assert prepare(colour, (4, 8, 8), *PLAIN).shape == (2, 4, 8, 8)


def test_statistics_are_those_of_the_float_images():
    images = random_images(50, 3, 9, 7)
    images[:, 1] //= 3
    mean, std = statistics(images)
    assert torch.allclose(mean, (images / 255).mean((0, 2, 3)))
    assert torch.allclose(std, (images / 255).std((0, 2, 3), correction=0))
    normal = prepare(images, (3, 9, 7), mean, std)
    assert normal.mean((0, 2, 3)).abs().max() < 1e-5
    assert (normal.std((0, 2, 3), correction=0) - 1).abs().max() < 1e-5
    flat = torch.full((2, 1, 4, 4), 9, dtype=torch.uint8)
    assert prepare(flat, (1, 4, 4), *statistics(flat)).abs().max() < 1e-5


@pytest.mark.parametrize(
    ("source", "target", "en", "zh"),
    [
        ((1, 28, 28), (1, 28, 28), "28×28 grey, taken as it is.", "28×28 灰度，原样使用。"),
        (
            (1, 28, 28),
            (3, 32, 32),
            "28×28 grey, padded with zeros to 32×32, grey repeated to 3 channels.",
            "28×28 灰度，用零填充到 32×32，灰度复制为 3 个通道。",
        ),
        (
            (3, 32, 32),
            (1, 224, 224),
            "32×32 colour, resized to 224×224, averaged to grey.",
            "32×32 彩色，缩放到 224×224，加权平均为灰度。",
        ),
    ],
)
def test_what_happens_is_said(source, target, en, zh):
    assert describe(source, target) == (en, zh)


# Augmentation


def change(images, seed=0, **chosen):
    chosen = {"flip": False, "crop": False, "colour": False} | chosen
    return augment(images, **chosen, generator=torch.Generator().manual_seed(seed))


def test_half_of_the_images_are_flipped():
    images = torch.randn(1000, 1, 4, 6)
    changed = change(images, flip=True)
    flipped = (changed == images.flip(3)).flatten(1).all(1)
    assert ((changed == images).flatten(1).all(1) ^ flipped).all()
    assert 400 < flipped.sum() < 600


def test_a_crop_moves_each_image_and_brings_in_black():
    images = torch.randn(200, 2, 16, 16) + torch.tensor([1.0, 5.0])[:, None, None]
    changed = change(images, crop=True)
    black = images.amin((0, 2, 3))
    seen = set()
    for image, moved in zip(images, changed, strict=True):
        padded = black[:, None, None].repeat(1, 20, 20)
        padded[:, 2:18, 2:18] = image
        windows = [(y, x) for y in range(5) for x in range(5)]
        fits = [w for w in windows if torch.equal(padded[:, w[0] :, w[1] :][:, :16, :16], moved)]
        assert len(fits) == 1
        seen.update(fits)
    assert len(seen) == 25


@pytest.mark.parametrize("channels", [1, 3])
def test_colour_noise_shifts_an_image_as_a_whole(channels):
    # red and green vary together, blue hardly at all
    images = torch.randn(400, 1, 8, 8) * torch.tensor([2.0, 1.0, 0.0])[:channels, None, None] + 3
    shift = change(images, colour=True) - images
    assert (shift - shift[:, :, :1, :1]).abs().max() < 1e-5
    spread = shift[:, :, 0, 0].std(0)
    assert torch.allclose(spread, torch.tensor([0.2, 0.1, 0.0])[:channels], atol=0.03)


def test_augmentation_depends_on_the_generator_alone():
    images = torch.randn(30, 3, 16, 16)
    before = images.clone()
    chosen = {"flip": True, "crop": True, "colour": True}
    first = change(images, **chosen)
    assert first.shape == images.shape
    assert first.dtype == images.dtype
    assert torch.equal(first, change(images, **chosen))
    assert not torch.equal(first, change(images, seed=1, **chosen))
    assert torch.equal(images, before)
    assert torch.equal(change(images), images)
