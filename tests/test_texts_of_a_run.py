"""What a user gets from a run that reads texts: answers, baselines, the words that decide, the doctor, the page."""

import json
import re

import numpy as np
import pytest
import torch

import deepglass as dg
from deepglass.by_hand import of_data
from deepglass.errors import DataError, DeepglassWarning, SettingError, UnknownName
from deepglass.report.pictures import to_svg
from deepglass.tasks.text_baselines import NAME

pytestmark = pytest.mark.usefixtures("in_tmp")
QUICK = {"threads": 1, "progress": False}
PLAIN = (
    "the",
    "film",
    "is",
    "about",
    "a",
    "man",
    "and",
    "his",
    "old",
    "dog",
    "who",
    "live",
    "in",
    "paris",
    "near",
    "friends",
)
GOOD, BAD = ("lovely", "funny", "charming"), ("dull", "awful", "tedious")


def reviews(count: int = 400) -> tuple[list[str], list[str]]:
    random = np.random.default_rng(0)
    texts, labels = [], []
    for i in range(count):
        words = [str(w) for w in random.choice(PLAIN, int(random.integers(4, 12)))]
        words.insert(int(random.integers(len(words))), str(random.choice(GOOD if i % 2 else BAD)))
        texts.append(" ".join(words))
        labels.append("good" if i % 2 else "bad")
    return texts, labels


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    data = dg.load(reviews(), kinds={"x": "text"})
    return dg.train("bag", data, epochs=12, learning_rate=1e-2, out=tmp_path_factory.mktemp("texts") / "run", **QUICK)


def test_a_text_is_the_same_after_encoding_and_decoding(run):
    (field,) = run.data.inputs.values()
    said = ["the funny dog", "a lovely film about paris", ""]
    assert field.decode(field.encode(said)).tolist() == said


def test_its_answers_stand_beside_a_linear_model_of_tf_idf_with_an_interval(run):
    found = run.evaluate()
    assert found.test["accuracy"] > 0.95
    beside = found.baselines[NAME]
    assert beside["accuracy"] > 0.95 and set(found.baselines) == {"majority class", NAME}
    low, high = beside["compared"]["interval"]
    assert low <= beside["accuracy"] - found.test["accuracy"] <= high


def test_texts_are_predicted_from_strings_and_from_the_lines_of_a_file(run, tmp_path):
    said = run.predict(["a lovely film", "an awful film", ""])
    assert said["x"].tolist() == ["a lovely film", "an awful film", ""]
    assert said["y"].tolist()[:2] == ["good", "bad"]
    assert said["probability"].between(0.5, 1).all()
    (tmp_path / "new.txt").write_text("a lovely film\nan awful film\n")
    assert run.predict(tmp_path / "new.txt")["y"].tolist() == ["good", "bad"]
    assert run.predict("one lovely film")["y"].tolist() == ["good"]
    with pytest.raises(DataError, match=r"There is no file new_ones.txt. Give texts in quotes"):
        run.predict("new_ones.txt")
    with pytest.raises(DataError, match=r"texts were learned, and example 1 \(counted from 0\) is 3"):
        run.predict({"x": ["a film", 3]})


def test_unknown_words_and_texts_longer_than_any_of_training_are_answered(run):
    with pytest.warns(DeepglassWarning, match="1 of 2 texts is longer than"):
        said = run.predict(["xyzzy plugh", "lovely " * 500])
    assert torch.tensor(said["probability"].to_numpy()).isfinite().all()
    assert said["y"][1] == "good"


def test_the_word_that_decides_comes_first_by_each_of_three_ways(run):
    seen = run.look(["the old man and his lovely dog"], what="words")
    lines = str(seen).splitlines()
    assert "integrated_gradients" in str(seen) and "occlusion" in str(seen)
    for way, (text,) in seen.texts.items():
        assert text.words[int(np.argmax(text.values))] == "lovely", way
    found = seen.found["integrated_gradients"]
    assert float(found.sums) == pytest.approx(float(found.score - found.start), abs=1e-3)
    assert any("integrated gradients add up to" in line for line in lines)
    assert json.dumps(seen.to_dict())
    drawn = re.findall(r"<text[^>]*>([^<]*)</text>", to_svg(seen.picture()))
    assert "lovely" in drawn and any("Leaving a word out" in text for text in drawn)


def test_a_look_at_all_layers_shows_the_text_and_what_excites_a_unit(run):
    seen = run.look(layer="rest.dropout", unit=0, embedding="pca")
    drawn = " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", to_svg(seen.picture())))
    assert "What a word adds to the output" in drawn and "words with the vector of padding" in drawn


def test_what_cannot_be_looked_at_is_told(run):
    with pytest.raises(SettingError, match="This text is empty"):
        run.look([""], what="words")
    with pytest.raises(UnknownName, match=r"no kind of look 'word'. Did you mean 'words'"):
        run.look(what="word")
    with pytest.raises(SettingError, match=r"This table has [\d,]+ rows \(input 9, embedding"):
        of_data(run.network, run.task, run.data, [0])
    with pytest.raises(SettingError, match="Name a layer"):
        run.look(layer="input", embedding="pca")


def test_the_doctor_has_nothing_to_say_of_a_healthy_training_on_texts(run):
    assert run.findings == []
    assert run.data.check() == []


def test_the_page_shows_wrong_texts_with_their_words(run):
    words, labels = reviews(60)
    wrong = [{"good": "bad", "bad": "good"}[label] if i % 5 == 0 else label for i, label in enumerate(labels)]
    data = dg.load((words, wrong), kinds={"x": "text"}, validation=0.5)
    page = dg.train("bag", data, epochs=2, out="wrong", **QUICK).report().read_text()
    assert "The words are on the colour of what each did for the answer" in page


def test_a_network_without_word_vectors_explains_its_texts_by_leaving_words_out(tmp_path):
    class Counts(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.words = torch.nn.EmbeddingBag(100, 1, padding_idx=0, mode="sum")

        def forward(self, x):
            return self.words(x)

    run = dg.train(Counts(), dg.load(reviews(60), kinds={"x": "text"}), epochs=1, out=tmp_path / "own", **QUICK)
    seen = run.look(what="words")
    assert list(seen.texts) == ["occlusion"] and "go into no embedding layer" in str(seen)
    assert run.report().exists()


def test_sentences_of_film_reviews_teach_which_of_three_sentences_are_friendly(data_folder, tmp_path):
    reviews = str(data_folder / "sentiment" / "rt-polarity.*")
    data = dg.load(reviews, encoding="cp1252", test=0.5)
    run = dg.train("bag", data, epochs=6, learning_rate=5e-3, out=tmp_path / "reviews", **QUICK)
    assert run.standing()["scores"]["accuracy"] > 0.65
    said = run.predict(["a charming and moving film", "a dull and tedious mess", "too long and without a good idea"])
    assert said["class"].tolist() == ["pos", "neg", "neg"]
    assert run.findings == []


def test_a_classifier_takes_a_list_of_strings():
    texts, labels = reviews(200)
    fitted = dg.Classifier(network="bag", epochs=10, learning_rate=1e-2).fit(texts, labels)
    assert fitted.predict(["a lovely dog", "a tedious dog"]).tolist() == ["good", "bad"]


def test_one_class_and_texts_without_words_are_refused_with_the_reason():
    texts, _ = reviews(40)
    with pytest.raises(DataError, match=r"all \d+ training texts are empty"):
        dg.load(([""] * 40, [0, 1] * 20), kinds={"x": "text"})
    data = dg.load((texts, ["good"] * 40), kinds={"x": "text"})
    assert any("there is nothing to learn" in problem.sentence for problem in data.check())
