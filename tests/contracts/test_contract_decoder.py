import torch
from killed import assert_survives_a_kill
from torch import nn
from torch.nn.functional import cross_entropy

import deepglass as dg
from deepglass.training.measuring import evaluating

START, TOKENS, LENGTH = 0, 6, 5


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encode, self.embed = nn.Linear(4, 16), nn.Embedding(TOKENS, 16)
        self.gru, self.dropout, self.output = nn.GRU(16, 16, batch_first=True), nn.Dropout(0.3), nn.Linear(16, TOKENS)

    def forward(self, x, tokens):
        states, _ = self.gru(self.dropout(self.embed(tokens)), self.encode(x).tanh()[None])
        return self.output(self.dropout(states))  # (batch, length, TOKENS)


class Sentences(dg.Task):
    """Learn sequences with the right tokens before each one given; predict by beam search."""

    def __init__(self, width=3):
        super().__init__()
        self.width = width

    def losses(self, network, batch, player, noise):
        right = batch["tokens"].long()
        before = nn.functional.pad(right[:, :-1], (1, 0), value=START)
        return {"loss": cross_entropy(network(batch["x"], before).transpose(1, 2), right)}

    def predict(self, network, inputs):
        x = inputs["x"]
        tokens, score = torch.full((len(x), 1, 1), START), torch.zeros(len(x), 1)  # (batch, beams, length)
        for _ in range(LENGTH):
            beams = tokens.shape[1]
            logits = network(x.repeat_interleave(beams, dim=0), tokens.flatten(0, 1))[:, -1].log_softmax(dim=-1)
            total = (score[..., None] + logits.reshape(len(x), beams, TOKENS)).flatten(1)
            score, best = total.topk(min(self.width, total.shape[1]), dim=1)
            kept = tokens.gather(1, (best // TOKENS)[..., None].expand(-1, -1, tokens.shape[2]))
            tokens = torch.cat([kept, (best % TOKENS)[..., None]], dim=2)
        return {"tokens": tokens[:, 0, 1:], "score": score[:, 0]}


def make(width=3):
    torch.manual_seed(0)
    arrays = {"x": torch.randn(80, 4), "tokens": torch.randint(1, TOKENS, (80, LENGTH))}
    data = dg.load(arrays, target="tokens", kinds={"tokens": "number"}, target_scaling="none", test=0)
    recipe = dg.Recipe(batch_size=10, learning_rate=0.01, threads=1)
    return dg.Training(Decoder(), data, recipe, task=Sentences(width))


def test_a_teacher_forced_decoder_survives_a_kill(tmp_path):
    assert_survives_a_kill(make, tmp_path)


def test_prediction_searches_on_a_path_of_its_own():
    training = make()
    next(iter(training))
    inputs = training.data.examples("validation").pick(["x"])
    with evaluating(training.network):
        everything = Sentences(TOKENS**LENGTH).predict(training.network, inputs)
        narrow = Sentences(1).predict(training.network, inputs)
        again = training.network(inputs["x"], nn.functional.pad(narrow["tokens"][:, :-1], (1, 0), value=START))
    assert torch.equal(narrow["tokens"], again.argmax(dim=2))  # one beam takes the likeliest token each time
    assert (everything["score"] >= narrow["score"] - 1e-5).all()
    assert everything["tokens"].shape == (16, LENGTH)
