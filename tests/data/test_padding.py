"""Padding: texts of like length come together, and no batch holds a column of nothing but padding."""

import torch

import deepglass as dg
from deepglass.data.source import Source, categories, texts

WORDS = ["a", "b c", "d e f g h i j", "", "k l"] * 40


def reviews(**settings):
    fields = {"text": texts(WORDS), "label": categories([len(w) > 2 for w in WORDS], ["short", "long"])}
    return dg.load(Source("reviews", fields, ("text",), ("label",)), level="words", length=7, **settings)


def test_a_batch_is_as_wide_as_its_longest_text():
    data = reviews()
    lengths = dict(zip(data.members("train").tolist(), data.lengths("train").tolist()))
    for batch in data.reader().read(data.members("train"), 4):
        assert batch["text"].shape == (len(batch), max(1, *(lengths[i] for i in batch.ids.tolist())))
        assert torch.equal((batch["text"] != 0).sum(1), torch.tensor([lengths[i] for i in batch.ids.tolist()]))


def test_all_are_padded_to_one_length_when_asked():
    data = reviews(padding="longest")
    assert {batch["text"].shape[1] for batch in data.reader().read(data.members("train"), 4)} == {7}


def test_like_lengths_train_together_and_every_text_once_an_epoch():
    data = reviews()
    training = dg.Training(dg.build("gru", data, units=4), data, dg.Recipe(epochs=1, batch_size=8))
    assert training.order == "bucketed"
    padded = sum((batch["text"] == 0).sum() for batch in training._batches())
    shuffled = data.members("train")[torch.randperm(len(data.members("train")))]
    assert padded < sum((batch["text"] == 0).sum() for batch in data.reader().read(shuffled, 8))
    seen = torch.cat([batch.ids for batch in training._batches()])
    assert seen.sort().values.equal(data.members("train"))


def test_a_training_on_texts_is_resumed_bit_for_bit():
    data = reviews()

    def make():
        network = dg.build("lstm", data, units=6, dropout=0.3)
        return dg.Training(network, data, dg.Recipe(epochs=2, batch_size=8, threads=1))

    whole = make()
    states = []
    while not whole.finished:
        states += [whole.state_dict() for _ in whole.steps()]
        whole.close_epoch()
    for state in states[:: len(states) // 5]:
        again = make()
        again.load_state_dict(state)
        list(again)
        whole.restore_best()
        assert all(torch.equal(v, again.network.state_dict()[n]) for n, v in whole.network.state_dict().items())
