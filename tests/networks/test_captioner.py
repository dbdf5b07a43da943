"""The network that says what an image shows: three ways for the image to arrive, each the same step by step."""

import pytest
import torch

from deepglass.errors import SettingError, ShapeError
from deepglass.networks import build
from deepglass.networks.captioner import CONTEXTS

START = 2


def made(context, **options):
    return build(
        "captioner", inputs=(3, 16, 16), outputs=9, context=context, filters=[4, 6], width=12, embedding=5, **options
    ).eval()


def images(batch=3):
    return torch.rand(batch, 3, 16, 16, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_step_by_step_it_says_what_it_says_at_once(context, cell):
    network, said = made(context, cell=cell), torch.tensor([[START, 4, 5, 8], [START, 7, 3, 0], [START, 3, 0, 0]])
    at_once = network(images(), said)
    assert at_once.shape == (3, 4, 9)
    state, steps = network.begin({"image": images()}, 3), []
    assert all(len(v) == 3 for v in state.values())
    for token in said.T:
        logits, state = network.step(token, state)
        steps.append(logits)
    torch.testing.assert_close(torch.stack(steps, dim=1), at_once)
    torch.testing.assert_close(network(images()), at_once[:, :1])  # alone: what the first word may be


@pytest.mark.parametrize("context", CONTEXTS)
def test_words_depend_on_the_image_and_on_words_before_alone(context):
    network, said = made(context), torch.tensor([[START, 4, 5, 8]])
    one, changed = network(images(1), said), network(images(1), torch.tensor([[START, 4, 6, 8]]))
    torch.testing.assert_close(one[:, :2], changed[:, :2])
    assert not torch.allclose(one[:, 2], changed[:, 2])
    assert not torch.allclose(one, network(1 - images(1), said))


def test_with_each_the_image_still_speaks_where_the_state_is_forgotten():
    network = made("each")
    token, wiped = torch.tensor([4]), {}
    for image in (images(1), 1 - images(1)):
        state = network.begin({"image": image}, 1)
        wiped[float(image.sum())] = network.step(token, {n: v if n == "summary" else v * 0 for n, v in state.items()})[
            0
        ]
    one, other = wiped.values()
    assert not torch.allclose(one, other)
    start = made("start")
    state = start.begin({"image": images(1)}, 1)
    assert set(state) == {"h0", "c0"}  # the image is in there, and nowhere else


def test_attention_is_a_share_for_each_place_of_the_image():
    network = made("attention")
    (maps,) = network.attention({"image": images(), "previous": torch.full((3, 5), START)}).values()
    assert network.grid == (4, 4) and maps.shape == (3, 1, 5, 16)
    torch.testing.assert_close(maps.sum(dim=-1), torch.ones(3, 1, 5))


def test_large_images_are_seen_on_a_grid_of_seven():
    network = build("captioner", inputs=(3, 96, 128), outputs=5, filters=[4, 4], width=8, embedding=4).eval()
    assert network.grid == (7, 7)
    assert network(torch.rand(2, 3, 96, 128)).shape == (2, 1, 5)


def test_what_cannot_be_is_refused():
    with pytest.raises(SettingError, match="context='late'"):
        made("late")
    with pytest.raises(ShapeError, match="captioner takes images"):
        build("captioner", inputs=(12,), outputs=5)
