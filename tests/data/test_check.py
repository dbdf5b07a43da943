import numpy as np
import pandas as pd
import pytest
import torch

import deepglass as dg
from deepglass.data import DataSettings, Raw, Source, make
from deepglass.data.checks.drift import chi_squared, kolmogorov_smirnov
from deepglass.data.checks.typos import one_slip_apart
from deepglass.data.source import Column, categories, images, numbers

ROWS = 400


def noise(columns=4, rows=ROWS):
    return np.random.default_rng(0).normal(size=(rows, columns))


def halves(rows=ROWS):
    return np.arange(rows) % 2


def the_only(data, check):
    """The one problem there is, which has to be of this check."""
    problems = data.check()
    assert [p.check for p in problems] == [check]
    return problems[0]


def table(columns, values, target=None):
    """A table with columns as a reader makes them, learning two classes."""
    fields = {"features": Raw("table", np.asarray(values, float), columns=tuple(columns))}
    fields["y"] = categories(halves(len(values)), ["a", "b"]) if target is None else target
    return make(Source("table", fields, ("features",), ("y",)), DataSettings())


def test_missing_values_are_counted_by_column():
    x = noise()
    data = table([Column(c) for c in "abcd"], x)
    open_ids = np.concatenate([data.splits.train, data.splits.validation])
    data.store.values["features"][open_ids[:64], 2] = float("nan")
    problem = the_only(data, "missing")
    assert (problem.severity, problem.column, problem.count, problem.of) == ("warning", "c", 64, 320)
    assert problem.places == tuple(open_ids[:20])
    assert "column 'c' lacks 64 of 320 (20 %) values" in problem.sentence


def test_a_constant_column_and_a_nearly_constant_one_are_named():
    x = noise()
    x[:, 1] = 3
    x[:, 2] = 0
    train = dg.load((x, halves())).splits.train
    x[train[0], 2] = 1
    first, second = dg.load((x, halves())).check()
    assert (first.severity, first.places, first.count, first.of) == ("warning", ("x1",), 1, 4)
    assert (second.severity, second.places) == ("remark", ("x2",))


def test_columns_of_different_scale_matter_only_when_they_are_not_scaled():
    x = noise() * [1, 1, 5000, 1]
    assert dg.load((x, halves())).check() == []
    problem = the_only(dg.load((x, halves()), scaling="none"), "scale")
    assert problem.severity == "warning"
    assert problem.places[0] == "x2"
    assert "Set data.scaling=standard" in problem.sentence


def test_a_slip_of_the_unit_is_an_outlier_and_a_long_tail_a_remark():
    x = noise()
    row = dg.load((x, halves())).splits.train[7]
    x[row, 3] = 5000
    problem = the_only(dg.load((x, halves())), "outliers")
    assert (problem.severity, problem.column, problem.count, problem.places) == ("warning", "x3", 1, (row,))
    x[row, 3] = 50
    assert the_only(dg.load((x, halves())), "outliers").severity == "remark"


@pytest.mark.parametrize(("rare", "severity"), [(100, None), (60, "remark"), (30, "warning")])
def test_the_rarer_a_class_the_graver(rare, severity):
    y = np.where(np.arange(ROWS) < rare, "rare", "common")
    problems = dg.load((noise(), y[np.random.default_rng(1).permutation(ROWS)])).check()
    assert [p.severity for p in problems] == ([severity] if severity else [])
    assert all(p.check == "imbalance" and p.places == ("common", "rare") for p in problems)


def test_a_class_with_few_examples_is_named():
    y = np.array(["a", "b", "c"])[np.arange(ROWS) % 3]
    y[np.flatnonzero(y == "c")[8:]] = "a"
    problems = dg.load((noise(), y)).check()
    (problem,) = [p for p in problems if p.check == "rare_classes" and "training" in p.sentence]
    assert (problem.severity, problem.places, problem.count, problem.of) == ("warning", ("c",), 1, 3)


def test_a_class_that_validation_lacks_is_named():
    fields = {"x": numbers(noise()), "y": categories(np.arange(ROWS) % 3, ["a", "b", "c"])}
    ids, held = np.arange(ROWS), np.flatnonzero(np.arange(ROWS) % 3 < 2)[:80]
    own = {"train": np.setdiff1d(ids, held)[:300], "validation": held, "test": np.setdiff1d(ids, held)[300:]}
    rare, drifted = make(Source("own", fields, ("x",), ("y",), splits=own), DataSettings()).check()
    assert rare.places == ("c",)
    assert "have no validation example" in rare.sentence
    assert (drifted.check, drifted.column) == ("drift", "y")


def test_labels_that_look_alike_are_counted_and_not_merged():
    y = np.array(["dog", "cat"] * 200, dtype=object)
    y[4:40:4] = "Dog"
    y[6:40:4] = "dog "
    y[100:116:4] = "dgo"
    data = dg.load((noise(), y), stratify=True)
    found = [p for p in data.check() if p.check == "typos"]
    assert [p.severity for p in found] == ["alarm", "warning"]
    open_y = y[np.concatenate([data.splits.train, data.splits.validation])]
    for name in ("dog", "Dog", "dog ", "dgo"):
        assert f"{name!r} ({(open_y == name).sum()})" in found[1].sentence
    assert set(found[0].places) == {"dog", "Dog", "dog "}
    assert data.target.classes == ["Dog", "cat", "dgo", "dog", "dog "]


def test_names_that_differ_on_purpose_are_no_typos():
    y = np.array(["class1", "class2", "man", "woman"])[np.arange(ROWS) % 4]
    assert dg.load((noise(), y)).check() == []
    assert one_slip_apart(["cat", "cast", "at", "act", "dog", "cat1", "ab", "ba"]) == [("cat", "cast"), ("cat", "act")]


@pytest.mark.parametrize(
    ("meant", "written", "severity"),
    [
        ("setosa", "setsoa", "warning"),  # swapped
        ("virginica", "virginca", "warning"),  # left out
        ("virginica", "virginiica", "warning"),  # doubled
        ("virginica", "virgimica", "warning"),  # m lies beside n
        ("Setosa", "Setpsa ", "warning"),  # p beside o, whatever the case and the blanks
        ("separate", "seperate", "remark"),  # long, and e lies far from a
        ("INLAND", "ISLAND", None),  # two words
        ("cat", "car", None),  # too short, though r lies beside t
        ("north", "forth", None),
        ("ward 1", "ward 2", None),
        ("dog", "cat", None),
    ],
)
def test_a_rare_name_is_a_typo_when_it_is_a_slip_and_not_a_word_that_differs_in_one_letter(meant, written, severity):
    y = np.array([meant, "something else"] * 200, dtype=object)
    y[:40:4] = written
    found = [p for p in dg.load((noise(), y)).check() if p.check == "typos"]
    assert [p.severity for p in found] == ([severity] if severity else [])
    if severity:
        assert set(found[0].places) == {meant, written} and "nothing is merged here" in found[0].sentence


def test_a_category_among_the_inputs_can_hold_typos_as_well():
    town = np.arange(ROWS) % 4 // 2
    town[2::40] = 2
    columns = [Column("a"), Column("town", "category", ("Ulm", "Jena", "jena"))]
    problem = the_only(table(columns, np.stack([noise(1)[:, 0], town], axis=1)), "typos")
    assert (problem.severity, problem.column, problem.places) == ("alarm", "town", ("Jena", "jena"))


def test_a_copy_of_the_target_is_an_alarm_and_what_gives_it_away_a_warning():
    x, y = noise(), halves()
    x[:, 2] = 5 - 2 * y
    problem = the_only(dg.load((x, y)), "leaks")
    assert (problem.severity, problem.column) == ("alarm", "x2")
    x[:, 2] = y + 0.15 * noise(1)[:, 0]
    problem = the_only(dg.load((x, y)), "leaks")
    assert (problem.severity, problem.column) == ("warning", "x2")
    x[:, 2] = y + 0.5 * noise(1)[:, 0]
    assert dg.load((x, y)).check() == []


def test_where_several_columns_tell_the_class_the_problem_is_easy():
    problems = [p for p in dg.load("iris", positive="setosa").check() if p.check == "leaks"]
    assert [(p.severity, p.column) for p in problems] == [("remark", "petal length"), ("remark", "petal width")]


def test_a_line_through_points_is_no_leak():
    x = noise(1)
    assert dg.load((x, 2 * x[:, 0] + 1)).check() == []


def test_numbers_too_large_to_square_are_compared_all_the_same():
    x = noise() * [1, 1e300, 1, 1]
    assert {p.check for p in dg.load((x, halves()), scaling="none").check()} <= {"scale", "outliers"}


def test_a_number_in_other_units_is_a_copy_of_the_target_and_its_power_gives_it_away():
    x = noise()
    y = np.abs(x @ [1, 2, 3, 4])
    x[:, 0] = 1.8 * y + 32
    assert the_only(dg.load((x, y)), "leaks").severity == "alarm"
    x[:, 0] = y**3
    assert "leaks" in {p.check for p in dg.load((x, y)).check() if p.severity == "warning"}


def test_a_category_that_decides_the_class_is_a_copy_of_the_target():
    x = np.stack([noise(1)[:, 0], 1 - halves()], axis=1)
    problem = the_only(table([Column("a"), Column("code", "category", ("u", "v"))], x), "leaks")
    assert (problem.severity, problem.column) == ("alarm", "code")


@pytest.mark.parametrize("ids", [np.arange(ROWS) * 1.0, np.random.default_rng(0).permutation(ROWS) + 1000.0])
def test_numbers_of_the_rows_are_identifiers(ids):
    x = noise()
    x[:, 1] = ids
    problem = the_only(dg.load((x, halves()), split_seed=1), "identifiers")
    assert (problem.severity, problem.column, problem.count, problem.of) == ("warning", "x1", 320, 320)


def test_a_name_for_each_row_is_an_identifier():
    x = np.stack([noise(1)[:, 0], np.arange(ROWS)], axis=1)
    names = Column("name", "category", tuple(f"person {i}" for i in range(ROWS)))
    assert [p.column for p in table([Column("a"), names], x).check() if p.check == "identifiers"] == ["name"]


def test_a_date_for_each_row_is_no_identifier():
    x = np.stack([noise(1)[:, 0], np.arange(ROWS)], axis=1)
    assert table([Column("a"), Column("day", "date")], x).check() == []


@pytest.mark.parametrize("split", ["validation", "test"])
def test_a_split_from_elsewhere_has_drifted(split):
    x, y = noise(), halves()
    x[getattr(dg.load((x, y)).splits, split), 1] += 2
    problem = the_only(dg.load((x, y)), "drift")
    assert (problem.severity, problem.column, problem.places) == ("alarm", "x1", (split,))
    assert problem.sentence.endswith("Load with another split_seed.")


def test_categories_and_images_drift_as_well():
    town = np.arange(ROWS) % 4 // 2
    data = table([Column("a"), Column("town", "category", ("u", "v"))], np.stack([noise(1)[:, 0], town], axis=1))
    data.store.values["features"][data.splits.test, 1] = 0
    assert the_only(data, "drift").column == "town"
    bright = np.random.default_rng(0).integers(0, 200, (ROWS, 1, 6, 6)).astype(np.uint8)
    bright[dg.load((bright, halves())).splits.validation] += 50
    found = dg.load((bright, halves())).check()
    assert {(p.check, p.column, p.places) for p in found} == {("drift", "x: brightness", ("validation",))}


def test_the_chances_are_those_of_a_reference():
    stats = pytest.importorskip("scipy.stats")
    random = np.random.default_rng(0)
    one, other = random.normal(size=300), random.normal(0.2, 1, 500)
    distance, chance = kolmogorov_smirnov(one, other)
    expected = stats.ks_2samp(one, other, method="asymp")
    assert distance == pytest.approx(expected.statistic)
    assert chance == pytest.approx(expected.pvalue, rel=0.1)
    a, b = random.integers(0, 4, 300), random.integers(0, 3, 500)
    counts = np.stack([np.bincount(v, minlength=4) for v in (a, b)])
    reference = stats.chi2_contingency(counts, correction=False)
    size, chance = chi_squared(a, b)
    assert chance == pytest.approx(reference.pvalue)
    assert size == pytest.approx(np.sqrt(reference.statistic / 800))


def test_a_target_that_never_changes_is_an_alarm():
    problem = the_only(dg.load((noise(), np.full(ROWS, 2.5))), "constant_target")
    assert (problem.severity, problem.count, problem.of) == ("alarm", 256, 256)
    y = np.zeros(ROWS)
    y[dg.load((noise(), y)).splits.train[:5]] = [1.5, 2.5, 3, 4, 5]
    assert "warning" in {p.severity for p in dg.load((noise(), y)).check() if p.check == "constant_target"}


def test_a_target_with_heavy_tails_is_told_of_other_losses():
    y = noise(1)[:, 0]
    rows = dg.load((noise(5)[:, 1:], y)).splits.train[:3]
    y[rows] = [300, -200, 100]
    problem = the_only(dg.load((noise(5)[:, 1:], y)), "target_outliers")
    assert (problem.severity, problem.count, problem.places) == ("warning", 3, tuple(rows))
    assert "task.loss=huber or mae" in problem.sentence


def test_raw_pixels_and_empty_images_are_noticed():
    x = np.random.default_rng(0).integers(0, 256, (100, 1, 6, 6)).astype(np.uint8)
    y = halves(100)
    assert dg.load((x, y)).check() == []
    assert the_only(dg.load((x, y), scaling="none"), "unscaled_pixels").field == "x"
    row = dg.load((x, y)).splits.train[3]
    x[row] = 9
    problem = the_only(dg.load((x, y)), "blank_images")
    assert (problem.count, problem.of, problem.places) == (1, 80, (row,))


def test_files_that_the_reader_left_out_are_repeated():
    pixels = np.random.default_rng(0).integers(0, 256, (ROWS, 1, 6, 6)).astype(np.uint8)
    source = Source(
        "photos",
        {"image": images(pixels), "class": categories(halves(), ["a", "b"])},
        ("image",),
        ("class",),
        notes=("left out, because damaged: 2 of 402 pictures",),
        facts={"damaged": "a/3.jpg is damaged: it breaks off."},
    )
    problem = the_only(make(source, DataSettings()), "damaged")
    assert (problem.count, problem.of) == (2, 402)
    assert "a/3.jpg is damaged" in problem.sentence


class BehindGlass:
    """Values of a field that nobody may read of some examples."""

    def __init__(self, values, forbidden):
        self.values, self.forbidden, self.reads = values, set(forbidden.tolist()), 0

    def __getitem__(self, ids):
        assert not self.forbidden & set(torch.as_tensor(ids).flatten().tolist()), "a test target was read"
        self.reads += 1
        return self.values[ids]

    def __getattr__(self, name):
        raise AssertionError(f"the targets were read as a whole: {name}")


@pytest.mark.parametrize("source", ["iris", "digits", "diabetes"])
def test_the_targets_of_the_test_split_are_never_read(source):
    data = dg.load(source)
    before = data.check()
    name = data.target.name
    glass = BehindGlass(data.store.values[name], data.splits.test)
    data.store.values[name] = glass
    data.store.__class__ = type("Guarded", (type(data.store),), {"bytes": 0})
    with pytest.raises(AssertionError, match="a test target was read"):
        data.store.take(torch.from_numpy(data.splits.test))
    assert data.check() == before
    assert glass.reads > 0


def test_a_torch_dataset_is_checked_without_its_test_split():
    x = torch.from_numpy(noise())
    x[:, 1] = 3

    class Own(torch.utils.data.Dataset):
        def __init__(self):
            self.allowed, self.targets = None, halves()

        def __len__(self):
            return ROWS

        def __getitem__(self, i):
            assert self.allowed is None or i in self.allowed
            return x[i], int(i % 2)

    own = Own()
    data = dg.load(own)
    own.allowed = set(data.splits.train) | set(data.splits.validation)
    problem = the_only(data, "constant")
    assert problem.places == ("x[1]",)
    assert problem.sentence.endswith("(Looked at 320 of 400 examples.)")


def test_a_frame_is_checked_as_it_was_read():
    frame = pd.DataFrame({"id": np.arange(ROWS), "size": noise(1)[:, 0], "sold": halves()})
    assert the_only(dg.load(frame, target="sold"), "identifiers").column == "id"
