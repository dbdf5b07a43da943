"""What a user gets from `deepglass convolve`."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


def texts(svg: str) -> str:
    return " | ".join(re.findall(r"<text[^>]*>([^<]*)</text>", svg))


def test_pictures_of_ones_own_are_filtered_by_every_kernel(deepglass):
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (600, 300, 3), dtype=np.uint8)).save("mine.png")
    answer = deepglass("convolve", "mine.png", "-o", "all.svg")
    assert answer.code == 0, answer.err
    assert "sobel-y  level edges" in answer.out and "mine.png: filters made by hand" in texts(
        Path("all.svg").read_text()
    )
    assert deepglass("convolve", "mine.png", "--kernel", "blur", "--json").json["result"][0][:1] != []


def test_a_kernel_that_begins_with_a_minus_can_be_typed(deepglass):
    answer = deepglass("convolve", "10/01", "--kernel", "-1 1/1 -1", "--json")
    assert answer.code == 0 and answer.json["result"] == [[-2.0]]


def test_the_kernels_are_listed(deepglass):
    assert (
        "emboss   light from above left" in deepglass("convolve").out
        and "max" in deepglass("convolve", "--json").json["kernels"]
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["digit", "--kernel", "blur", "--pixel", "3"], "--pixel '3' is no place"),
        (["digit", "--kernel", "blur", "--shift", "8"], "shift=8 moves an image of 8 columns out of sight"),
        (["digit", "--kernel", "blur", "--padding", "half"], "padding='half' is no padding"),
    ],
)
def test_a_mistake_is_one_line(deepglass, words, said):
    answer = deepglass("convolve", *words)
    assert answer.code == 2 and said in answer.err
