"""What a user gets from `dg.saliency`."""

import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.testing import assert_close

import deepglass as dg
from deepglass.errors import SettingError, ShapeError, UnknownName

sys.path.insert(0, str(Path(__file__).parent))
from odd_networks import ODD, odd


def linear(*rows: list[float]) -> nn.Linear:
    layer = nn.Linear(len(rows[0]), len(rows))
    layer.weight.data, layer.bias.data = torch.tensor(rows), torch.ones(len(rows))
    return layer


class Squares(nn.Module):
    """x1^2 + 3 x2^2."""

    def forward(self, x: Tensor) -> Tensor:
        return (x.square() * torch.tensor([1.0, 3.0])).sum(dim=1)


class Pixels(nn.Module):
    """A weighted sum of the pixels of a 1x3x3 image: weights 1 to 9."""

    def forward(self, x: Tensor) -> Tensor:
        return (x.flatten(1) * torch.arange(1.0, 10)).sum(dim=1, keepdim=True)


X = torch.tensor([[2.0, -1.0, 0.5]])


def test_the_gradient_of_a_linear_network_is_its_weight():
    network = linear([1.0, 2.0, 3.0], [-4.0, 5.0, 6.0])
    assert dg.saliency(network, X, 1, "gradient").values.tolist() == [[-4.0, 5.0, 6.0]]
    assert dg.saliency(network, X, 0, "smooth_grad").values.tolist() == [pytest.approx([1.0, 2.0, 3.0])]


def test_without_a_target_the_largest_output_is_explained():
    network = linear([1.0, 0.0, 0.0], [0.0, 1.0, 0.0])  # outputs 3 and 0, then 1 and 5
    found = dg.saliency(network, torch.tensor([[2.0, -1, 0], [0, 4, 0]]), method="gradient")
    assert found.values.tolist() == [[1, 0, 0], [0, 1, 0]]
    assert found.score.tolist() == [3, 5]


def test_each_example_may_have_a_target_of_its_own_or_a_function():
    network = linear([1.0, 0.0, 0.0], [0.0, 1.0, 0.0])
    x = torch.cat([X, X])
    assert dg.saliency(network, x, [1, 0], "gradient").values.tolist() == [[0, 1, 0], [1, 0, 0]]
    difference = dg.saliency(network, x, lambda output: output[:, 0] - output[:, 1], "gradient")
    assert difference.values.tolist() == [[1, -1, 0]] * 2


def test_gradient_times_input_of_a_linear_network_adds_up_to_its_output():
    found = dg.saliency(linear([1.0, 2.0, 3.0]), X, method="gradient_x_input", baseline=1.0)
    assert found.values.tolist() == [[1.0, -4.0, -1.5]]  # weight * (x - 1)
    assert_close(found.sums, found.score - found.start)


def test_integrated_gradients_of_squares_are_the_squares():
    x = torch.tensor([[2.0, -1.0]])
    assert_close(dg.saliency(Squares(), x).values, torch.tensor([[4.0, 3.0]]))
    assert_close(
        dg.saliency(Squares(), x, steps=1).values, torch.tensor([[4.0, 3.0]])
    )  # the middle of a straight slope


@pytest.mark.parametrize("name", ODD)
def test_integrated_gradients_add_up_to_the_difference_of_the_outputs(name):
    network, x = odd(name)
    from_there = odd(name, examples=1)[1]  # not from 0, where a layer norm jumps and no number of steps is enough
    baseline = {n: v[0] for n, v in from_there.items()} if isinstance(x, dict) else from_there[0] + 1
    found = dg.saliency(network, x, method="integrated_gradients", steps=300, baseline=baseline)
    assert_close(found.sums, found.score - found.start, atol=5e-3, rtol=5e-3)


def test_a_baseline_may_be_an_example_and_shares_are_counted_from_it():
    found = dg.saliency(Squares(), torch.tensor([[2.0, -1.0]]), baseline=torch.tensor([1.0, -1.0]))
    assert_close(found.values, torch.tensor([[3.0, 0.0]]))
    assert found.start.tolist() == [4.0]


def test_smooth_grad_averages_gradients_of_noisy_copies_and_is_the_same_each_time():
    x = torch.tensor([[4.0, 0.0]])  # the range is 4, so noise=0.25 has a standard deviation of 1
    found = dg.saliency(Squares(), x, method="smooth_grad", samples=4000, noise=0.25).values
    assert_close(found, torch.tensor([[8.0, 0.0]]), atol=0.4, rtol=0)  # gradient (2 x1, 6 x2); 6/sqrt(4000) = 0.095
    again, other = (dg.saliency(Squares(), x, method="smooth_grad", seed=seed).values for seed in (0, 1))
    assert torch.equal(again, dg.saliency(Squares(), x, method="smooth_grad").values) and not torch.equal(again, other)


def test_occlusion_of_one_pixel_is_what_it_adds():
    x = torch.full((1, 1, 3, 3), 2.0)
    found = dg.saliency(Pixels(), x, method="occlusion", patch=1)
    assert found.values.flatten().tolist() == [2.0 * weight for weight in range(1, 10)]


def test_a_pixel_gets_the_mean_of_the_patches_that_cover_it():
    x = torch.ones(1, 1, 3, 3)
    found = dg.saliency(Pixels(), x, method="occlusion", patch=2, stride=1).values[0, 0]
    assert found[0, 0] == 1 + 2 + 4 + 5  # one patch covers the corner
    assert found[0, 1] == (1 + 2 + 4 + 5 + 2 + 3 + 5 + 6) / 2
    assert found[1, 1] == (12 + 16 + 24 + 28) / 4


def test_a_patch_that_does_not_come_out_even_still_reaches_the_edge():
    found = dg.saliency(Pixels(), torch.ones(1, 1, 3, 3), method="occlusion", patch=2, stride=2).values[0, 0]
    assert found[2, 2] == 5 + 6 + 8 + 9


def test_numbers_of_one_column_are_covered_together():
    network = linear([1.0, 2.0, 3.0])
    found = dg.saliency(network, X, method="occlusion", groups={"x": [(0, 2), (2, 3)]})
    assert found.values.tolist() == [[0.0, 0.0, 1.5]]  # 2 * 1 - 1 * 2, and 0.5 * 3
    assert dg.saliency(network, X, method="occlusion").values.tolist() == [[2.0, -2.0, 1.5]]


def test_words_without_vectors_of_their_own_have_no_gradient_but_can_be_left_out():
    network = nn.Sequential(nn.EmbeddingBag(5, 3))
    words = torch.tensor([[1, 2, 4]])
    with pytest.raises(SettingError, match=r"go into no embedding layer as they are .* Use method='occlusion'"):
        dg.saliency(network, words, method="gradient")
    assert dg.saliency(network, words, method="occlusion").values.shape == (1, 3)


def tiny_maps(in_place: bool = False) -> nn.Module:
    """Maps x and -x behind an activation; the output is twice the sum of the first plus five times that of the second."""
    network = nn.Sequential(
        nn.Conv2d(1, 2, 1, bias=False), nn.ReLU(inplace=in_place), nn.Flatten(), nn.Linear(8, 1, bias=False)
    )
    network[0].weight.data = torch.tensor([1.0, -1.0]).reshape(2, 1, 1, 1)
    network[3].weight.data = torch.tensor([[2.0] * 4 + [5.0] * 4])
    return network


def test_grad_cam_of_a_tiny_network_is_as_by_hand():
    x = torch.tensor([[1.0, -2.0], [0.0, 3.0]]).reshape(1, 1, 2, 2)
    # Of the activations (1 0 0 3) and (0 2 0 0) the weights are 2 and 5.
    assert dg.saliency(tiny_maps(), x, method="grad_cam", layer="1").values.flatten().tolist() == [2, 10, 0, 6]
    # Before them, gradients are 2 at the two places above 0 of x, mean 1, and 5 at the one of -x, mean 1.25; x - 1.25 x is
    # -0.25 x, and what is below 0 is left out.
    assert dg.saliency(tiny_maps(), x, method="grad_cam").values.flatten().tolist() == [0, 0.5, 0, 0]


def test_grad_cam_sees_maps_as_they_were_before_a_layer_changed_them_in_place():
    x = torch.randn(3, 1, 2, 2, generator=torch.Generator().manual_seed(0))
    for layer in ("0", "1"):
        plain, in_place = (dg.saliency(tiny_maps(p), x, method="grad_cam", layer=layer).values for p in (False, True))
        assert torch.equal(plain, in_place)


def test_grad_cam_says_where_it_cannot_look():
    with pytest.raises(SettingError, match="this network has none with more than one place"):
        dg.saliency(linear([1.0, 2.0, 3.0]), X, method="grad_cam")
    with pytest.raises(SettingError, match=r"the layer '3' gives \(1,\) for an example"):
        dg.saliency(tiny_maps(), torch.ones(1, 1, 2, 2), method="grad_cam", layer="3")
    with pytest.raises(UnknownName, match="There is no layer '9'"):
        dg.saliency(tiny_maps(), torch.ones(1, 1, 2, 2), method="grad_cam", layer="9")


def test_many_examples_are_explained_as_each_alone():
    network, x = odd("convolutional", examples=70)
    for method in ("integrated_gradients", "occlusion", "grad_cam"):
        together = dg.saliency(network, x, method=method).values
        alone = torch.cat([dg.saliency(network, one[None], method=method).values for one in x[::23]])
        assert_close(together[::23], alone, atol=1e-6, rtol=1e-4)


def test_each_input_of_several_has_its_own_values():
    network, x = odd("two inputs")
    found = dg.saliency(network, x, 2, "gradient")
    assert_close(found.by_input["b"], network.right.weight[2].detach().expand(5, 2))
    with pytest.raises(SettingError, match=r"several inputs: a, b. Use .by_input\[name\]"):
        _ = found.values


def test_a_network_that_stops_gradients_is_told_to_be_covered_instead():
    class Rounded(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x.detach().sum(dim=1, keepdim=True)

    with pytest.raises(SettingError, match=r"No gradient comes through Rounded: .* Use method='occlusion'"):
        dg.saliency(Rounded(), X, method="gradient")
    assert dg.saliency(Rounded(), X, method="occlusion").values.tolist() == [[2.0, -1.0, 0.5]]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"method": "gradients"}, "There is no saliency method 'gradients'. Did you mean 'gradient'"),
        ({"stepz": 3}, r"integrated_gradients has no option 'stepz'. Did you mean 'steps'\? Options: steps"),
        ({"steps": 0}, "steps=0 is no number of steps"),
        ({"target": 2}, "target=2 is no output: this network has 1"),
        ({"target": [0, 0]}, "is no output. Give its index, one index for each of 1 examples"),
        ({"method": "gradient", "steps": 3}, "gradient has no option 'steps'. It has none."),
        ({"method": "smooth_grad", "samples": 0}, "make no noisy copies"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_what_can(asked, said):
    with pytest.raises((SettingError, UnknownName), match=said):
        dg.saliency(linear([1.0, 2.0, 3.0]), X, **asked)


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ShapeError, match=r"The baseline of 'x' has shape \(2,\), an example \(3,\)"):
        dg.saliency(linear([1.0, 2.0, 3.0]), X, baseline=torch.zeros(2))
    with pytest.raises(SettingError, match="patch=9 and stride=None do not fit an image of 3x3 pixels"):
        dg.saliency(Pixels(), torch.ones(1, 1, 3, 3), method="occlusion", patch=9)
    with pytest.raises(ShapeError, match="not one number for each of 1 examples"):
        dg.saliency(linear([1.0, 2.0, 3.0]), X, lambda output: output)


@pytest.mark.filterwarnings("ignore")
def test_every_method_agrees_with_captum():
    attr = pytest.importorskip("captum.attr", reason="captum, the reference, is not installed")
    network, x = odd("convolutional")
    network.eval()
    target = network(x).argmax(dim=1)
    cam = attr.LayerGradCam(network, network[0]).attribute(x.clone(), target=target, relu_attributions=True)
    expected = {
        "gradient": attr.Saliency(network).attribute(x.clone(), target=target, abs=False),
        "gradient_x_input": attr.InputXGradient(network).attribute(x.clone(), target=target),
        "integrated_gradients": attr.IntegratedGradients(network).attribute(
            x.clone(), target=target, n_steps=64, method="riemann_middle"
        ),
        "occlusion": attr.Occlusion(network).attribute(
            x.clone(), target=target, sliding_window_shapes=(1, 3, 3), strides=(1, 1, 1)
        ),
        "grad_cam": attr.LayerAttribution.interpolate(cam, (8, 8), "bilinear"),
    }
    options = {"occlusion": {"patch": 3, "stride": 1}, "grad_cam": {"layer": "0"}}
    for method, values in expected.items():
        found = dg.saliency(network, x, method=method, **options.get(method, {})).values
        assert_close(found, values.detach(), atol=1e-5, rtol=1e-4)


def test_no_more_examples_than_memory_bears_go_through_at_a_time():
    seen = []

    class Counting(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            seen.append(len(x))
            return x.mean(dim=(1, 2, 3))[:, None]

    for method in ("integrated_gradients", "smooth_grad", "occlusion"):
        dg.saliency(
            Counting(), torch.ones(1, 3, 224, 224), method=method, **({"patch": 112} if method == "occlusion" else {})
        )
    assert 1 < max(seen) <= 6  # 6 images of 3x224x224 have a million numbers
