import torch
from torch.testing import assert_close

from deepglass.experiments.forcing import FREE, GIVEN, OutputFed, two_tones
from deepglass.randomness import seeded


def test_after_its_own_guesses_each_value_is_said_from_the_one_said_before():
    with seeded(0, "weights"):
        network = OutputFed()
    waves = torch.randn(3, GIVEN + FREE)
    said = network(waves, free=True)
    state, by_hand = None, []
    for place in range(GIVEN + FREE - 1):
        value = waves[:, place] if place < GIVEN else by_hand[-1]
        hidden, state = network.gru(value[:, None, None], state)
        by_hand.append(network.output(hidden)[:, 0, 0])
    assert_close(said, torch.stack(by_hand, dim=1))
    assert_close(network(waves, free=False)[:, :GIVEN], said[:, :GIVEN])


def test_what_is_foretold_freely_does_not_hang_on_the_true_values_there():
    network, waves = OutputFed(), torch.randn(3, GIVEN + FREE)
    other = waves.clone()
    other[:, GIVEN:] = 7.0
    assert_close(network(waves, free=True), network(other, free=True))


def test_the_waves_have_two_tones_and_random_phases():
    waves = two_tones(50).examples("train")["wave"]
    assert waves.shape[1] == GIVEN + FREE
    assert waves.abs().max() <= 1.0
    assert waves[:, 0].std() > 0.3
    assert_close(two_tones(50).examples("train")["wave"], waves)
