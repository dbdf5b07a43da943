"""Auxiliary: heads in the middle of a network help while it is trained, and are seen nowhere else."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.testing import assert_close

import deepglass as dg
from deepglass.layers import Auxiliary
from deepglass.probes import Evidence
from deepglass.report.pictures import learning_curves
from deepglass.tasks import Classification
from deepglass.training.replicas import Replicas

IRIS = dg.load("iris", test=0, validation=50)
FILE = """
from torch import nn
from deepglass.layers import Auxiliary

class Helped(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden, self.head, self.out = nn.Linear(4, 8), nn.Linear(8, 3), nn.Linear(8, 3)

    def forward(self, x):
        h = self.hidden(x).tanh()
        return Auxiliary(self.out(h), (self.head(h),)) if self.training else self.out(h)
"""


class Helped(nn.Module):
    """Two layers, with a head on the first."""

    def __init__(self, weight=0.3):
        super().__init__()
        self.weight = weight
        self.hidden, self.head, self.out = nn.Linear(4, 8), nn.Linear(8, 3), nn.Linear(8, 3)

    def forward(self, x):
        h = self.hidden(x).tanh()
        return Auxiliary(self.out(h), (self.head(h),), self.weight) if self.training else self.out(h)


def seeded(*arguments):
    torch.manual_seed(0)
    return Helped(*arguments)


def prepared(network, **options):
    task = Classification(**options)
    task.prepare(IRIS, network)
    return task


def losses(task, network, batch):
    return task.losses(network, batch, "network", noise=None)


def test_the_loss_of_a_head_counts_three_tenths():
    network, batch = seeded(), IRIS.examples("train")
    found = losses(prepared(network), network, batch)
    said, target = network(batch["x"]), batch["species"]
    main, head = F.cross_entropy(said.output, target), F.cross_entropy(said.heads[0], target)
    assert_close(found, {"loss": main + 0.3 * head, "output_loss": main, "heads_loss": head})


def test_in_evaluation_mode_there_is_the_output_alone():
    network, batch = seeded().eval(), IRIS.examples("train")
    found = losses(prepared(network), network, batch)
    assert list(found) == ["loss"]
    assert_close(found["loss"], F.cross_entropy(network(batch["x"]), batch["species"]))


def test_smoothing_and_class_weights_hold_for_the_heads_too():
    network, batch = seeded(0.5), IRIS.examples("train")
    plain = losses(prepared(network, label_smoothing=0.2), network, batch)
    head = F.cross_entropy(network(batch["x"]).heads[0], batch["species"], label_smoothing=0.2)
    assert_close(plain["heads_loss"], head)
    assert_close(plain["loss"], plain["output_loss"] + 0.5 * head)


def test_a_network_with_heads_is_trained_kept_and_read_again(in_tmp):
    (in_tmp / "mine.py").write_text(FILE)
    run = dg.train("mine.py:Helped", IRIS, epochs=3, learning_rate=0.02, seed=0, out="run", threads=1)
    first, last = run.history[0], run.history[-1]
    assert last.running["loss"] < first.running["loss"] and last.running["heads_loss"] < first.running["heads_loss"]
    assert last.train["loss"] == pytest.approx(last.running["output_loss"], rel=0.5)  # what is measured has no heads
    x = torch.randn(2, 4)
    assert not run.network.training and torch.equal(run.network(x), dg.Run("run", trust=True).network(x))


def test_heads_learn_and_without_a_weight_they_do_not():
    for weight, learns in ((0.3, True), (0.0, False)):
        network = seeded(weight)
        losses(prepared(network), network, IRIS.examples("train"))["loss"].backward()
        assert bool(network.head.weight.grad.any()) == learns and network.out.weight.grad.any()


@pytest.mark.parametrize("settings", [{"precision": "bfloat16"}, {"accumulate": 2}, {"clip_norm": 1.0}])
def test_other_ways_of_training_take_it(settings):
    network = seeded()
    recipe = dg.Recipe(epochs=3, threads=1, learning_rate=0.02, batch_size=16, **settings)
    history = list(dg.Training(network, IRIS, recipe))
    assert history[-1].running["loss"] < history[0].running["loss"]


def test_stacked_trainings_end_as_they_would_alone():
    def made():
        pairs = [(dg.build(Helped, IRIS, seed=s), dg.Recipe(seed=s, epochs=2, threads=1)) for s in (0, 1)]
        return [dg.Training(network, IRIS, recipe) for network, recipe in pairs]

    alone, together = made(), made()
    for training in alone:
        list(training)
    list(Replicas(together))
    for one, other in zip(alone, together):
        assert_close(dict(one.network.state_dict()), dict(other.network.state_dict()), rtol=1e-5, atol=1e-5)


def test_a_look_inside_while_it_trains_sees_the_heads():
    network = seeded()
    task, batch = prepared(network), IRIS.examples("train")
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    with dg.watch(network, optimizer=optimizer) as evidence:
        for _ in range(12):
            optimizer.zero_grad()
            losses(task, network, batch)["loss"].backward()
            optimizer.step()
    assert {"hidden", "head", "out"} <= {layer.name for layer in evidence.layers}


def test_what_is_compared_with_evaluation_mode_is_the_loss_without_the_heads(in_tmp):
    (in_tmp / "mine.py").write_text(FILE)
    run = dg.train("mine.py:Helped", IRIS, epochs=2, seed=0, out="run", threads=1, progress=False)
    evidence = Evidence.from_run(run.path)
    whole, output, evaluated = (evidence.series(q).at(0) for q in ("loss", "output_loss", "loss_evaluated"))
    assert output == pytest.approx(evaluated, rel=1e-5)  # neither dropout nor batch norm: the modes say the same
    assert whole > 1.2 * output
    assert evidence.curve("running") == [epoch.running["output_loss"] for epoch in run.history]
    panel = learning_curves(run.history).axes[0]
    drawn = {line.get_color(): list(line.get_ydata()) for line in panel.lines if len(line.get_ydata()) == 2}
    assert evidence.curve("running") in drawn.values()
