"""A few real trainings with a planted fault, each beside its healthy twin."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

import deepglass as dg
from deepglass.doctor import diagnose
from deepglass.probes import Evidence

FAULTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "rate_too_high": ({"optimizer": "sgd", "learning_rate": 30.0}, {"optimizer": "sgd", "learning_rate": 0.1}),
    "rate_too_low": ({"optimizer": "sgd", "learning_rate": 1e-5}, {"optimizer": "sgd", "learning_rate": 0.1}),
    "clipping_too_strict": (
        {"optimizer": "sgd", "learning_rate": 0.1, "clip_norm": 1e-4},
        {"optimizer": "sgd", "learning_rate": 0.1, "clip_norm": 5.0},
    ),
    "decay_too_strong": ({"optimizer": "adamw", "weight_decay": 50.0, "learning_rate": 0.003}, {"optimizer": "adamw"}),
}


def serious(run: dg.Run) -> list[str]:
    return [finding.symptom for finding in run.findings if finding.is_serious]


@pytest.mark.parametrize("symptom", FAULTS)
def test_a_planted_fault_is_named_first_and_its_healthy_twin_has_no_finding(symptom: str, tmp_path: Path):
    digits = dg.load("digits")
    for name, settings, expected in zip(("faulty", "healthy"), FAULTS[symptom], ([symptom], []), strict=True):
        recipe = {"epochs": 12, "threads": 1, "progress": False, **settings}
        run = dg.train("mlp", digits, out=tmp_path / name, **recipe)
        assert serious(run)[:1] == expected


def loop(*, clears: bool) -> Evidence:
    """A loop of one's own on two clouds of points."""
    torch.manual_seed(0)
    y = torch.arange(256) % 2
    x, fresh = (torch.randn(256, 4) + 2.0 * y[:, None] for _ in range(2))
    network = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 2))
    optimizer = torch.optim.SGD(network.parameters(), lr=0.05)
    with dg.watch(network, optimizer=optimizer) as evidence:
        for epoch in range(8):
            for rows in torch.randperm(256, generator=torch.Generator().manual_seed(epoch)).split(32):
                if clears:
                    optimizer.zero_grad()
                nn.functional.cross_entropy(network(x[rows]), y[rows]).backward()
                optimizer.step()
            with torch.no_grad():
                evidence.log(validation_loss=float(nn.functional.cross_entropy(network(fresh), y)))
    return evidence


def test_a_loop_that_does_not_clear_its_gradients_is_told_so_and_one_that_does_is_not():
    assert diagnose(loop(clears=False))[0].symptom == "gradients_not_cleared"
    assert not [f for f in diagnose(loop(clears=True)) if f.is_serious]
