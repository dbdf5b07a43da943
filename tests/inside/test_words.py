"""What each word of a text does for an answer."""

import pytest
import torch
from torch import Tensor, nn
from torch.testing import assert_close

import deepglass as dg
from deepglass.errors import SettingError
from deepglass.networks.bag import bag

TEXTS = torch.tensor([[3, 4, 5, 0, 0], [5, 2, 2, 1, 4], [0, 0, 0, 0, 0]])


def means() -> nn.Module:
    """The mean of one number a word: 3 is worth 1, 4 is worth -2, 5 is worth 6."""
    network = bag((5,), 1, vocabulary=6, embedding=1, hidden=[]).eval()
    network.embedding.weight.data = torch.tensor([[0.0], [0], [0], [1], [-2], [6]])
    network.rest.output.weight.data, network.rest.output.bias.data = torch.ones(1, 1), torch.zeros(1)
    return network


class Last(nn.Module):
    """An LSTM that answers with its last state, about two texts that share one table of words."""

    def __init__(self) -> None:
        super().__init__()
        self.table, self.memory, self.output = nn.Embedding(6, 3), nn.LSTM(3, 4, batch_first=True), nn.Linear(8, 2)

    def forward(self, story: Tensor, question: Tensor) -> Tensor:
        ends = [self.memory(self.table(text))[0][:, -1] for text in (story, question)]
        return self.output(torch.cat(ends, dim=1))


@pytest.mark.parametrize("method", ["gradient_x_input", "integrated_gradients"])
def test_in_a_mean_each_word_adds_its_own_part_by_hand(method):
    found = dg.saliency(means(), TEXTS[:1], method=method)
    assert_close(found.values, torch.tensor([[1 / 3, -2 / 3, 2.0, 0, 0]]))
    assert float(found.score) == pytest.approx(5 / 3)


def test_leaving_a_word_out_changes_the_mean_of_the_others():
    found = dg.saliency(means(), TEXTS[:1], method="occlusion")
    # 5/3 minus the means of (4, 5), (3, 5) and (3, 4): 2, 3.5 and -0.5
    assert_close(found.values, torch.tensor([[5 / 3 - 2, 5 / 3 - 3.5, 5 / 3 + 0.5, 0, 0]]))


def test_what_follows_a_word_that_is_left_out_moves_up():
    class Second(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x[:, 1:2].float()

    assert dg.saliency(Second(), torch.tensor([[3, 4, 5]]), method="occlusion").values.tolist() == [[-1.0, -1.0, 0.0]]


def test_integrated_gradients_of_words_add_up_to_what_the_answer_gained():
    torch.manual_seed(0)
    network = Last()
    story, question = TEXTS, TEXTS.flip(0)[:, :3]
    found = dg.saliency(network, {"story": story, "question": question}, 1)
    assert found.by_input["story"].shape == (3, 5) and found.by_input["question"].shape == (3, 3)
    assert_close(found.sums, found.score - found.start, atol=1e-4, rtol=0)
    assert network.training and not network.table._forward_hooks


def test_padding_and_empty_texts_do_nothing():
    for method in ("gradient_x_input", "integrated_gradients", "occlusion"):
        found = dg.saliency(bag((5,), 2, vocabulary=6), TEXTS, 0, method).values
        assert (found[0, 3:] == 0).all() and (found[2] == 0).all()


def test_words_without_one_vector_each_can_still_be_left_out():
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.one, self.other = nn.Embedding(6, 2), nn.Embedding(6, 2)

        def forward(self, x: Tensor) -> Tensor:
            return (self.one(x) * self.other(x)).sum(dim=1)

    with pytest.raises(SettingError, match=r"go into 2 embedding layers in Twice.* Use method='occlusion'"):
        dg.saliency(Twice(), TEXTS)
    assert dg.saliency(Twice(), TEXTS, method="occlusion").values.shape == (3, 5)
