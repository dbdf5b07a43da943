import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from deepglass.data.builtin import BUILTIN
from deepglass.errors import SettingError

CLASSIFIED = ["circles", "xor", "gaussians", "moons", "spirals"]


def points_and(name, target, **options):
    fields = BUILTIN[name](**options).fields
    return fields["x"].values, fields[target].values


@pytest.mark.parametrize("name", CLASSIFIED)
def test_the_classes_share_the_points_evenly(name):
    _, codes = points_and(name, "class", points=400)
    assert np.bincount(codes).tolist() == [200, 200]


@pytest.mark.parametrize(
    ("name", "lowest", "highest"),
    [("circles", 0.4, 0.7), ("xor", 0.4, 0.6), ("gaussians", 0.99, 1), ("moons", 0.8, 0.95), ("spirals", 0.5, 0.75)],
)
def test_a_straight_line_gets_as_far_as_it_should(name, lowest, highest):
    x, codes = points_and(name, "class")
    assert lowest <= LogisticRegression().fit(x, codes).score(x, codes) <= highest


@pytest.mark.parametrize("name", CLASSIFIED)
def test_the_classes_can_be_told_apart_by_their_neighbours(name):
    x, codes = points_and(name, "class")
    new_x, new_codes = points_and(name, "class", seed=1)
    assert KNeighborsClassifier(5).fit(x, codes).score(new_x, new_codes) > 0.97


def test_the_disc_lies_inside_the_ring():
    x, codes = points_and("circles", "class", noise_std=0)
    radius = np.hypot(*x.T)
    assert radius[codes == 0].max() <= 0.5
    assert 0.7 <= radius[codes == 1].min() < radius.max() <= 1.000001


def test_opposite_quadrants_are_one_class():
    x, codes = points_and("xor", "class", points=400, noise_std=0)
    np.testing.assert_array_equal(codes, x[:, 0] * x[:, 1] < 0)
    quadrants, counts = np.unique(x > 0, axis=0, return_counts=True)
    assert quadrants.shape == (4, 2) and counts.tolist() == [100] * 4
    assert abs(x).min() >= 0.06 and abs(x).max() <= 1


def test_each_moon_has_radius_1():
    x, codes = points_and("moons", "class", noise_std=0)
    centres = np.array([[0, 0], [1, 0.5]])[codes]
    np.testing.assert_allclose(np.hypot(*(x - centres).T), 1, atol=1e-6)
    assert (x[codes == 0, 1] >= 0).all() and (x[codes == 1, 1] <= 0.5).all()


def test_the_noise_of_gaussians_is_the_width_of_the_clouds():
    x, codes = points_and("gaussians", "class", points=4000, noise_std=0.3)
    np.testing.assert_allclose(x[codes == 1].mean(axis=0), 0.5, atol=0.03)
    np.testing.assert_allclose(x[codes == 0].std(axis=0), 0.3, atol=0.02)


def test_an_arm_of_the_spirals_makes_one_and_a_half_turns():
    x, codes = points_and("spirals", "class", noise_std=0)
    radius = np.hypot(*x.T)
    turn = np.arctan2(x[:, 1], x[:, 0]) / (2 * np.pi) - codes / 2
    off = turn - 1.5 * radius
    np.testing.assert_allclose(off, off.round(), atol=1e-5)  # whole turns apart
    assert 0.99 < radius.max() <= 1.000001


def test_spirals_have_as_many_classes_as_arms():
    _, codes = points_and("spirals", "class", points=30, arms=3)
    assert np.bincount(codes).tolist() == [10, 10, 10]
    with pytest.raises(SettingError, match="arms=1 leaves nothing to tell apart in spirals"):
        BUILTIN["spirals"](arms=1)
    with pytest.raises(SettingError, match=r"points=4 is too few for spirals\. Choose 5 or more"):
        BUILTIN["spirals"](points=4, arms=5)


def test_the_plane_is_half_the_sum_of_x_and_y():
    x, target = points_and("plane", "target", noise_std=0)
    np.testing.assert_allclose(target, (x[:, 0] + x[:, 1]) / 2, atol=1e-6)
    _, noisy = points_and("plane", "target", noise_std=0.1)
    assert (noisy - target).std() == pytest.approx(0.1, rel=0.1)


def test_the_bump_is_one_in_the_middle_and_falls_with_the_distance():
    x, target = points_and("gaussian", "target", noise_std=0)
    np.testing.assert_allclose(target, np.exp(-(x[:, 0] ** 2 + x[:, 1] ** 2) / 0.32), rtol=1e-5)
    assert target.max() > 0.95
