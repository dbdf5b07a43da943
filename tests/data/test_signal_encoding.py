"""Signals from arrays and tables, and how any of them is brought to one length and one scale."""

import numpy as np
import pytest
import torch
from drawn_pictures import in_zip
from refusals import refusal
from sounds import spoken, uneven_signals

import deepglass as dg
from deepglass.data.copy import source_from_tensors, source_to_tensors
from deepglass.data.inputs import encode_inputs, new_batches
from deepglass.data.ragged import Ragged
from deepglass.data.source import Raw, Source, categories
from deepglass.errors import DataError, SettingError

# length


def test_the_length_is_what_95_percent_of_the_training_signals_do_not_exceed():
    source, _ = uneven_signals(range(1, 101))
    data = dg.load(source, test=0, validation=0, scaling="none")
    assert data.input_shapes == {"s": (1, 96)}  # the smallest length that at least 95 of the 100 have or stay below
    assert "95% padded and 4% cut at both ends" in str(data)
    only = dg.load(source, scaling="none", split_seed=3)
    lengths = np.array([i + 1 for i in only.splits.train])
    assert only.input_shapes["s"][1] == np.quantile(lengths, 0.95, method="higher")


@pytest.mark.parametrize(
    ("align", "expected"),
    [("centre", [[0, 1, 2, 3, 0], [2, 3, 4, 5, 6]]), ("start", [[1, 2, 3, 0, 0], [1, 2, 3, 4, 5]])],
)
def test_signals_are_cut_and_padded_at_both_ends_or_at_the_end_alone(align, expected):
    parts = [torch.arange(1.0, n + 1)[:, None] for n in (3, 7)]
    fields = {"s": Raw("signal", Ragged.of(parts), rate=1), "y": categories([0, 1], ("a", "b"))}
    data = dg.load(Source("s", fields, ("s",), ("y",)), test=0, validation=0, seconds=5, align=align, scaling="none")
    assert data.read(torch.arange(2))["s"][:, 0].tolist() == expected


# scale


def test_standard_scaling_is_fitted_on_what_is_used_of_the_training_signals_without_their_padding():
    source, parts = uneven_signals([40, 50, 60, 30, 55, 45, 35, 50, 20, 60], channels=2)
    data = dg.load(source, seconds=0.4)
    used = []
    for i in data.splits.train:
        length = len(parts[i])
        start = max(0, length - 40) // 2
        used.append(parts[i][start : start + 40])
    used = torch.cat(used)
    field = data.inputs["s"]
    np.testing.assert_allclose(np.ravel(field.encoding["offset"]), used.mean(0), atol=1e-6)
    np.testing.assert_allclose(np.ravel(field.encoding["scale"]), used.std(0, correction=0), rtol=1e-5)
    short = data.read(torch.tensor([8]))["s"][0]
    assert (short[:, :10] == 0).all() and (short[:, 30:] == 0).all()  # 20 samples in the middle of 40
    np.testing.assert_allclose(field.decode(short[None])[0][:, 10:30], parts[8].T, atol=1e-5)


def test_peak_scaling_takes_each_signal_by_itself_and_keeps_channels_in_proportion():
    x = np.array([[[1.0, 3, 5], [0, 0, 0]], [[10, 10, 10], [-7, 0, 7]], [[2, 2, 2], [2, 2, 2]]])
    data = dg.load((x, np.array([0, 1, 0])), rate=10, scaling="peak", test=0, validation=0)
    expected = [[[-1, 0, 1], [0, 0, 0]], [[0, 0, 0], [-1, 0, 1]], [[0, 0, 0], [0, 0, 0]]]
    assert data.read(torch.arange(3))["x"].tolist() == expected
    flat = dg.load((np.full((2, 1, 1001), 37543.1), np.array([0, 1])), rate=10, scaling="peak", test=0, validation=0)
    assert not flat.read(torch.arange(2))["x"].any()  # what rounding leaves of a constant is not blown up
    with pytest.raises(SettingError, match=r"data.scaling=peak goes with signals"):
        dg.load("iris", scaling="peak")


def test_unit_scaling_divides_by_the_largest_magnitude_so_that_silence_stays_0():
    x = np.array([[0.0, 4, -8], [2, 0, 0]])
    data = dg.load((x, np.array([0, 1])), rate=10, scaling="unit", test=0, validation=0)
    assert data.read(torch.arange(2))["x"][:, 0].tolist() == [[0, 0.5, -1], [0.25, 0, 0]]


def test_length_and_scale_are_changed_without_reading_again_and_the_rate_is_not(tmp_path):
    data = dg.load(in_zip(tmp_path / "spoken.zip", spoken()))
    other = data.with_(seconds=0.05, scaling="peak", align="start")
    assert other.store is data.store and other.input_shapes == {"signal": (1, 400)}
    with pytest.raises(SettingError, match=r"rate=4000.0 decides how data are read"):
        data.with_(rate=4000)


def test_streamed_signals_are_the_same_as_those_in_memory():
    source, _ = uneven_signals([40, 50, 60, 30, 55, 45, 35, 50, 20, 60])
    data = dg.load(source)
    streamed = data.with_(streaming=True)
    ids = torch.tensor([3, 0, 7])
    assert torch.equal(data.read(ids)["s"], streamed.read(ids)["s"]) and data.lengths("train") is None


# arrays and tables


def test_arrays_become_signals_when_their_rate_is_said():
    x = np.random.default_rng(0).standard_normal((20, 3, 50))
    y = np.arange(20) % 2
    data = dg.load((x, y), rate=100, channels=["E", "N", "Z"])
    assert data.inputs["x"].kind == "signal" and data.inputs["x"].channels == ["E", "N", "Z"]
    assert data.inputs["x"].rate == 100 and data.input_shapes == {"x": (3, 50)}
    last = dg.load((x.transpose(0, 2, 1), y), rate=100)
    assert last.input_shapes == {"x": (3, 50)} and "channels stood last" in str(last)
    assert torch.equal(last.read(torch.arange(20))["x"], data.read(torch.arange(20))["x"])
    assert dg.load((x[:, 0], y), rate=100).input_shapes == {"x": (1, 50)}
    assert dg.load((x, y)).inputs["x"].kind == "number"  # nothing is guessed without a rate
    with pytest.raises(SettingError, match="holds signals without a rate"):
        dg.load((x, y), kinds={"x": "signal"})
    with pytest.raises(DataError, match=r"signals are \(examples, samples\) or .* got shape \(20,\)"):
        dg.load((x[:, 0, 0], y), rate=100, kinds={"x": "signal"})
    with pytest.raises(SettingError, match=r"data.rate=100 goes with signals, and the inputs are 'image'"):
        dg.load("digits", rate=100)


def test_a_field_of_a_dictionary_keeps_examples_together():
    x, record = np.zeros((40, 2, 30)), np.arange(40) // 2
    x += np.random.default_rng(0).standard_normal(x.shape)
    data = dg.load({"x": x, "record": record, "y": np.arange(40) % 2}, rate=100, group="record")
    assert list(data.inputs) == ["x"]
    parts = [set(record[ids].tolist()) for ids in (data.splits.train, data.splits.validation, data.splits.test)]
    assert parts[0].isdisjoint(parts[1] | parts[2]) and parts[1].isdisjoint(parts[2])


def test_the_columns_of_a_table_are_samples_when_a_rate_is_said(tmp_path):
    random = np.random.default_rng(0)
    rows = [[*random.standard_normal(6).round(3), "ab"[i % 2]] for i in range(20)]
    path = tmp_path / "beats.csv"
    path.write_text("t0,t1,t2,t3,t4,t5,kind\n" + "\n".join(",".join(map(str, r)) for r in rows))
    data = dg.load(path, target="kind", rate=50, scaling="none")
    assert data.input_shapes == {"features": (1, 6)} and data.inputs["features"].rate == 50
    np.testing.assert_allclose(data.read(torch.arange(20))["features"][:, 0], [r[:6] for r in rows], atol=1e-6)
    assert torch.equal(encode_inputs(path, data.fields)["features"], data.read(torch.arange(20))["features"])
    (tmp_path / "less.csv").write_text("t0,t1\n1,2")
    with pytest.raises(DataError, match="has no column 't2'"):
        encode_inputs(tmp_path / "less.csv", data.fields)
    (tmp_path / "named.csv").write_text("who,t0,kind\nx,1,a\ny,2,b\nx,3,a\ny,4,b")
    with pytest.raises(SettingError, match=r"these hold no numbers: who \(category\)"):
        dg.load(tmp_path / "named.csv", target="kind", rate=50)


def long_table(path, lengths=(4, 6, 5, 5, 4, 6), wrong=""):
    rows = [f"{i},{10 * i + t},{-t},{'ab'[i % 2]}" for t in range(6) for i, n in enumerate(lengths) if t < n]
    path.write_text("shot,up,north,kind\n" + "\n".join(rows) + wrong)
    return path


def test_a_table_with_a_row_a_sample_gives_signals_of_several_channels(tmp_path):
    path = long_table(tmp_path / "shots.csv")
    data = dg.load(path, target="kind", signal="shot", rate=2, test=0, validation=0, scaling="none", align="start")
    assert data.input_shapes == {"signal": (2, 6)} and data.inputs["signal"].channels == ["up", "north"]
    encoded = data.read(torch.arange(6))
    assert encoded["signal"][2].tolist() == [[20, 21, 22, 23, 24, 0], [0, -1, -2, -3, -4, 0]]
    assert encoded["kind"].tolist() == [0, 1, 0, 1, 0, 1]
    assert "6 signals, the rows of equal 'shot', 4 to 6 samples at 2 Hz; channels: up, north" in str(data)
    assert torch.equal(encode_inputs(path, data.fields)["signal"], encoded["signal"])
    first, last = new_batches(path, data.fields, 4)
    assert first[1] == ["0", "1", "2", "3"] and last[1] == ["4", "5"]
    assert torch.equal(last[0]["signal"], encoded["signal"][4:])


def test_what_is_wrong_in_such_a_table_is_said_with_its_row(tmp_path):
    settings = {"target": "kind", "signal": "shot", "rate": 2}
    changed = long_table(tmp_path / "changed.csv", wrong="\n0,1,2,b")
    assert "changed.csv, row 32, column 'kind': the target changes within one signal" in refusal(changed, **settings)
    gap = long_table(tmp_path / "gap.csv", wrong="\n0,,2,a")
    assert "gap.csv, row 32, column 'up': a sample is missing (1 in all)" in refusal(gap, **settings)
    fine = long_table(tmp_path / "fine.csv")
    assert "has no column 'shoot'. Did you mean 'shot'" in refusal(fine, **{**settings, "signal": "shoot"})
    assert "say how many samples a second" in refusal(fine, target="kind", signal="shot")


def test_the_copy_in_a_run_folder_keeps_rate_channels_and_uneven_lengths():
    source, _ = uneven_signals([4, 6, 5], channels=2)
    again = source_from_tensors(*source_to_tensors(source))
    raw = again.fields["s"]
    assert raw.rate == 100 and torch.equal(raw.values.values, source.fields["s"].values.values)


def test_waveforms_of_different_lengths_are_a_list():
    waves = [np.full(4 + i, float(i)) for i in range(10)]
    data = dg.load((waves, [0, 1] * 5), rate=2, test=0, validation=0, scaling="none", align="start", seconds=3)
    assert data.input_shapes == {"x": (1, 6)} and "x: signals of 1 channel, 13 samples at 2 Hz" in str(data)
    expected = torch.tensor([[[0.0, 0, 0, 0, 0, 0]], [[1.0, 1, 1, 1, 1, 0]], [[2.0] * 6]])
    assert torch.equal(data.read(torch.arange(3))["x"], expected)
    assert torch.equal(encode_inputs(waves[:3], data.fields)["x"], expected)
    with pytest.raises(
        SettingError, match=r"'x' holds signals without a rate. Say how many samples a second: rate=100"
    ):
        dg.load((waves, [0, 1] * 5))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([np.zeros((1, 4)), np.zeros((2, 5))] * 5, "different shapes, with 1 and 2 channels. Give all one shape"),
        ([[1, 2], [3]] * 4 + [[4], "a"], "the examples have different shapes. Give all one shape"),
        ([np.zeros(0), np.zeros(3)] * 5, r"example 0 \(counted from 0\) has no samples"),
        (np.zeros((10, 1, 0)), r"signals without samples; its shape is \(10, 1, 0\)"),
    ],
)
def test_a_list_that_holds_no_signals_is_refused(values, said):
    with pytest.raises(DataError, match=said):
        dg.load((values, [0, 1] * 5), rate=2)
