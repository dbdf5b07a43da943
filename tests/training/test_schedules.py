import pytest
import torch

import deepglass as dg
from deepglass.errors import SettingError, UnknownName
from deepglass.training.alarms import alarms
from deepglass.training.pace import Pace
from deepglass.training.recipe import Recipe
from deepglass.training.schedules import SCHEDULES

lr_scheduler = torch.optim.lr_scheduler
EPOCHS, EPOCH_STEPS = 6, 5


def shares(**recipe):
    pace = Pace(Recipe(epochs=EPOCHS, **recipe), EPOCH_STEPS, ("loss", "min"))
    return [pace.share(step) for step in range(EPOCHS * EPOCH_STEPS)]


def torchs(make, rate=1.0, steps=EPOCHS * EPOCH_STEPS):
    """The rates that a scheduler of torch gives, stepped after each update."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=rate)
    scheduler = make(optimizer)
    found = []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return found


@pytest.mark.parametrize(
    ("recipe", "make"),
    [
        ({}, lambda o: lr_scheduler.ConstantLR(o, factor=1)),
        (
            {"schedule": "step", "schedule_factor": 0.5, "schedule_epochs": 2},
            lambda o: lr_scheduler.StepLR(o, 2 * EPOCH_STEPS, 0.5),
        ),
        ({"schedule": "step"}, lambda o: lr_scheduler.StepLR(o, 2 * EPOCH_STEPS, 0.1)),  # a third of 6 epochs
        (
            {"schedule": "exponential", "schedule_factor": 0.8},
            lambda o: lr_scheduler.ExponentialLR(o, 0.8 ** (1 / EPOCH_STEPS)),
        ),
        ({"schedule": "exponential"}, lambda o: lr_scheduler.ExponentialLR(o, 0.01 ** (1 / 30))),
        (
            {"schedule": "inverse_time", "schedule_epochs": 2},
            lambda o: lr_scheduler.LambdaLR(o, lambda t: 1 / (1 + t / 10)),
        ),
        ({"schedule": "cosine"}, lambda o: lr_scheduler.CosineAnnealingLR(o, EPOCHS * EPOCH_STEPS)),
        ({"schedule": "one_cycle"}, lambda o: lr_scheduler.OneCycleLR(o, 1.0, EPOCHS * EPOCH_STEPS)),
        (
            {"warmup_steps": 7, "schedule": "cosine"},
            lambda o: lr_scheduler.SequentialLR(
                o,
                [lr_scheduler.LinearLR(o, 1 / 8, total_iters=7), lr_scheduler.CosineAnnealingLR(o, 23)],
                milestones=[7],
            ),
        ),
    ],
)
def test_a_schedule_gives_the_rates_of_torch(recipe, make):
    assert shares(**recipe) == pytest.approx(torchs(make), rel=1e-9)


def test_a_warm_up_stands_before_any_schedule_and_ends_where_it_begins():
    for name in SCHEDULES:
        warmed = shares(schedule=name, warmup_steps=4)
        begins = 1 / 25 if name == "one_cycle" else 1.0
        assert warmed[:5] == pytest.approx([part * begins for part in (0.2, 0.4, 0.6, 0.8, 1)])
    assert len(shares(schedule="cosine", warmup_steps=100)) == 30  # longer than the training: it never ends


def test_a_warm_up_that_never_ends_raises_an_alarm():
    training, _ = train(warmup_steps=6, epochs=2)
    said = alarms(training.network, training.data, training.task, training.recipe)
    assert said == [
        "The warm-up of 6 steps is as long as the whole training of 6, so the full rate is never used. "
        "Lower warmup_steps, or train longer."
    ]
    assert alarms(training.network, training.data, training.task, Recipe(warmup_steps=5, epochs=2)) == []


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("epochs", [1, 2, 3])
def test_the_shortest_trainings_have_finite_shares_too(name, epochs):
    pace = Pace(Recipe(epochs=epochs, schedule=name), 1, ("loss", "min"))
    assert all(0 <= pace.share(step) <= 1 for step in range(epochs))


def test_a_plateau_lowers_the_rate_as_torch_does():
    values = [5, 4, 4, 4, 3, 3, 3, 3, 3, 3, 3, 3, 2, 2, 2, 2, 2.0]
    pace = Pace(Recipe(schedule="plateau", schedule_factor=0.5, schedule_epochs=2), 1, ("loss", "min"))
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=1.0)
    reference = lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=1, threshold=0, threshold_mode="abs")
    seen, expected = [], []
    for epoch, value in enumerate(values, start=1):
        pace.see(epoch, value)
        reference.step(value)
        seen.append(pace.share(epoch))
        expected.append(optimizer.param_groups[0]["lr"])
    assert seen == expected
    assert 1 > seen[-1] > 0.01


def test_a_plateau_stops_lowering_at_a_thousandth_so_that_early_stopping_has_its_turn():
    pace = Pace(Recipe(schedule="plateau", schedule_epochs=1), 1, ("loss", "min"))
    fell = [pace.see(epoch, 1.0) for epoch in range(1, 8)]
    assert fell == [False, True, True, True, False, False, False]
    assert pace.share(0) == pytest.approx(1e-3)


@pytest.mark.parametrize(
    ("recipe", "error", "message"),
    [
        (
            {"schedule": "cosin"},
            UnknownName,
            r"There is no schedule 'cosin'\. Did you mean 'cosine'\? Known: constant, cosine",
        ),
        (
            {"schedule": "cosine", "schedule_factor": 0.5},
            SettingError,
            r"recipe\.schedule_factor=0\.5 is set, and the schedule 'cosine' does not take it\. .*: step, exponential, plateau",
        ),
        (
            {"schedule_epochs": 3},
            SettingError,
            r"schedule_epochs=3 is set, and the schedule 'constant' .*: step, inverse_time",
        ),
    ],
)
def test_what_a_schedule_does_not_take_is_told(recipe, error, message):
    with pytest.raises(error, match=message):
        shares(**recipe)


def test_a_plateau_needs_something_to_watch():
    with pytest.raises(
        SettingError, match=r"schedule='plateau' watches a metric, and this task names none\. Set monitor"
    ):
        Pace(Recipe(schedule="plateau"), 1)


def test_the_help_of_the_recipe_names_every_schedule():
    assert all(name in Recipe.model_fields["schedule"].description for name in SCHEDULES)


def train(**recipe):
    data = dg.load("iris")
    training = dg.Training(dg.build("mlp", data, hidden=[4]), data, Recipe(threads=1, batch_size=32, **recipe))
    return training, list(training)


def test_the_rate_that_was_used_last_in_each_epoch_is_in_the_history():
    training, epochs = train(schedule="step", schedule_epochs=1, learning_rate=0.1, epochs=3)
    assert [e.learning_rate for e in epochs] == pytest.approx([0.1, 0.01, 0.001])
    assert training.players[0].optimizer.param_groups[0]["lr"] == pytest.approx(0.001)
    _, warmed = train(warmup_steps=5, learning_rate=0.6, epochs=2)
    assert [e.learning_rate for e in warmed] == pytest.approx([0.3, 0.6])


def test_a_schedule_that_comes_to_rest_at_the_end_is_not_cut_off_unless_patience_is_asked_for():
    off = {"learning_rate": 1e-12, "epochs": 14, "min_change": 1.0}  # nothing ever gets better by so much
    assert len(train(schedule="cosine", **off)[1]) == 14
    assert len(train(schedule="one_cycle", **off)[1]) == 14
    assert len(train(schedule="exponential", **off)[1]) == 11
    assert len(train(schedule="cosine", patience=3, **off)[1]) == 4


def test_after_a_drop_on_a_plateau_the_patience_starts_anew():
    training, epochs = train(
        schedule="plateau", schedule_epochs=2, patience=3, min_change=1.0, learning_rate=1e-12, epochs=30
    )
    assert [e.learning_rate / 1e-12 for e in epochs] == pytest.approx([1, 1, 1, 0.1, 0.1, 0.01, 0.01, 1e-3, 1e-3, 1e-3])
    assert training.stopping.enough
