"""What a user gets from `deepglass generate` and `run.generate`, and from runs of texts in general."""

import numpy as np
import pytest

import deepglass as dg
from deepglass.data import Source
from deepglass.data.source import texts
from deepglass.errors import DataError, RunError, SettingError
from deepglass.report.told import told_of

SONG = "row, row, row your boat\ngently down the stream\nmerrily, merrily, merrily\nlife is but a dream\n\n"
QUIET = {"progress": False, "threads": 1}


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    """A run that has learned a song by characters."""
    where = tmp_path_factory.mktemp("runs")
    (where / "song.txt").write_text(SONG * 30)
    network = {"name": "gru", "units": 48}
    dg.train(network, where / "song.txt", epochs=6, batch_size=4, learning_rate=0.02, out=where / "song", **QUIET)
    return where / "song"


def test_a_text_goes_on_after_its_start_and_the_same_seed_writes_the_same(deepglass, song):
    asked = ["--start", "row, ", "--length", "40", "--temperature", "0.8", "--top-k", "5", "--seed", "1"]
    once, twice = (deepglass("generate", str(song), *asked) for _ in range(2))
    assert once.code == 0, once.err
    assert once.out == twice.out
    assert once.out.startswith("row, ") and len(once.out.rstrip("\n")) <= 45
    answer = deepglass("generate", str(song), "--start", "life", "--start", "merrily", "--length", "9", "--json")
    assert [t[:4] for t in answer.json["texts"]] == ["life", "merr"]


def test_a_song_that_was_learned_is_sung_on(song):
    assert dg.Run(song).generate("row, row, row", length=11, temperature=0) == "row, row, row your boat\n"
    assert dg.Run(song).generate("gently", length=9, beam_width=3) == "gently down the"
    assert len(dg.Run(song).generate(length=5)) == 5  # after a line end, where nothing is said


def test_a_run_of_text_is_measured_beside_counts_and_its_page_shows_what_it_writes(song):
    run = dg.Run(song)
    test = run.evaluate()
    assert test["perplexity"] == pytest.approx(np.exp(test["loss"]))
    assert {"token frequencies", "bigram counts", "trigram counts"} == test.baselines.keys()
    assert test["loss"] < test.baselines["bigram counts"]["loss"]
    assert "nats a character" in run.verdict()[0]
    assert not [f for f in run.findings if f.severity == "alarm"]
    page = run.report().read_text()
    assert "What it foretells and writes" in page
    assert "written at temperature 0.8" in page


def test_names_begin_by_themselves_and_come_to_an_end(tmp_path):
    names = [f"{first}{vowel}{second}na" for first in "bdklmrt" for vowel in "aeiou" for second in ("", "ri", "li")]
    (tmp_path / "names.txt").write_text("\n".join(names))
    network = {"name": "lstm", "units": 32}
    run = dg.train(
        network, tmp_path / "names.txt", epochs=12, batch_size=8, learning_rate=0.02, out=tmp_path / "run", **QUIET
    )
    written = run.generate([""] * 30, length=20, temperature=0.5)
    assert sum(name.endswith("na") and len(name) <= 6 for name in written) >= 25
    assert run.task.order != "lanes"  # each name begins anew


def test_learned_positions_are_no_end_to_a_text(tmp_path, song):
    network = {"name": "transformer", "width": 16, "heads": 2, "layers": 1, "positions": "learned", "longest": 32}
    data = dg.load(song.parent / "song.txt", context=32)
    run = dg.train(network, data, epochs=1, out=tmp_path / "run", **QUIET)
    assert len(run.generate("row", length=60)) == 63


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--start", "Größe"], "never seen: 'G', 'ö', 'ß'"),
        (["--length", "0"], "length=0 writes nothing"),
        (["--beam", "0"], "beam_width=0 follows nothing"),
        (["--beam", "2", "--temperature", "0.5"], "draws nothing"),
        (["--top-p", "2"], "no share"),
        (["--count", "3"], "--count goes with drawing"),
    ],
)
def test_what_cannot_be_written_is_said(deepglass, song, words, said):
    answer = deepglass("generate", str(song), *words)
    assert answer.code == 2 and said in answer.err


def test_other_settings_are_refused(song):
    with pytest.raises(SettingError, match=r"no setting 'temprature' of generate. Did you mean 'temperature'"):
        dg.Run(song).generate("row", temprature=1)
    with pytest.raises(SettingError, match="no start"):
        dg.Run(song).generate([])


def test_an_empty_start_needs_a_text_that_knows_line_ends(tmp_path):
    (tmp_path / "line.txt").write_text("ab cd " * 150)
    run = dg.train({"name": "gru", "units": 8}, tmp_path / "line.txt", epochs=1, out=tmp_path / "run", **QUIET)
    with pytest.raises(SettingError, match="has not learned how texts begin"):
        run.generate()
    with pytest.raises(DataError, match="never seen"):
        run.generate("x")


@pytest.fixture(scope="module")
def pairs():
    """Words and the same backwards."""
    random = np.random.default_rng(0)
    words = ["".join(random.choice(list("abc"), size=random.integers(1, 4))) for _ in range(250)]
    fields = {"word": texts(words), "back": texts([w[::-1] for w in words])}
    return dg.load(Source("backwards", fields, ("word",), ("back",)), level="characters")


def test_a_translation_goes_from_data_to_a_page_with_what_it_said(tmp_path, pairs):
    network = {"name": "seq2seq", "width": 32, "embedding": 16}
    run = dg.train(network, pairs, epochs=8, learning_rate=0.02, out=tmp_path / "run", **QUIET)
    test = run.evaluate()
    assert test["sequence_accuracy"] > 0.5
    assert {"copy of the input", "nearest training text"} == test.baselines.keys()
    told = told_of(run.network, run.task, run.data)
    assert len(told.rows) == 6
    assert all(row.source == row.true[::-1] for row in told.rows)
    assert all(row.weights.shape == (len(row.said), len(row.source)) for row in told.rows if row.weights is not None)
    assert any(row.weights is not None for row in told.rows)
    with pytest.raises(RunError, match="has learned translation, and only language_modelling goes on"):
        run.generate("ab")
    answers = run.predict({"word": ["ab", "cba"]})
    assert list(answers["back"]) == ["ba", "abc"]


def test_tags_go_from_data_to_a_page(tmp_path):
    sentences = ["in New York", "met Ana", "in Rome met Ana", "met Ana in New York"] * 25
    tags = ["O B-place I-place", "O B-name", "O B-place O B-name", "O B-name O B-place I-place"] * 25
    fields = {"words": texts(sentences, level="tokens"), "tags": texts(tags, level="tokens", aligned=True)}
    data = dg.load(Source("names", fields, ("words",), ("tags",)))
    run = dg.train({"name": "lstm", "units": 16}, data, epochs=8, learning_rate=0.02, out=tmp_path / "run", **QUIET)
    test = run.evaluate()
    assert test["f1_micro"] > 0.9
    assert test.test["of"] == "spans"
    assert next(iter(run.predict({"words": ["in York met Ana"]})["tags"])).split()[-1] == "B-name"
    (row, *_) = told_of(run.network, run.task, run.data).rows
    assert len(row.source) == len(row.true) == len(row.said)
