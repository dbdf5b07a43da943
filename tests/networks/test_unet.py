from itertools import pairwise

import torch
from torch.testing import assert_close

from deepglass.networks import build, calculator


def test_it_has_the_23_convolutions_of_the_paper():
    found = calculator("unet", (1, 572, 572), 2, norm=False)
    assert (
        sum("Conv" in layer.kind for layer in found.layers) == 23
    )  # section 2: "In total the network has 23 convolutional layers"
    widths = [1, 64, 128, 256, 512, 1024]
    pairs = sum(9 * i * o + o + 9 * o * o + o for i, o in pairwise(widths))
    back = sum(4 * 2 * w * w + w + 9 * 2 * w * w + w + 9 * w * w + w for w in (64, 128, 256, 512))
    assert found.parameters == pairs + back + 64 * 2 + 2 == 31_030_658


def test_an_image_of_any_size_has_an_answer_for_each_of_its_pixels():
    network = build("unet", inputs=(3, 37, 50), outputs=2, width=2, depth=3).eval()
    x = torch.randn(2, 3, 37, 50)
    assert network(x).shape == (2, 2, 37, 50)
    continued = torch.nn.functional.pad(x, (0, 6, 0, 3), mode="replicate")  # to 40 x 56
    assert_close(network(x), network(continued)[:, :, :37, :50])


def test_a_pixel_learns_of_those_far_away():
    network = build("unet", inputs=(1, 32, 32), outputs=1, width=4, depth=3).eval()
    x = torch.randn(1, 1, 32, 32, requires_grad=True)
    network(x)[0, 0, 16, 16].backward()
    assert (x.grad[0, 0] != 0).sum() > 0.9 * 32 * 32
