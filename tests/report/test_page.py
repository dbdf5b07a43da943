"""What stands on the page of a run, read as a browser would."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
import torch
from torch import nn

import deepglass as dg
from deepglass.data.portrait import portrait
from deepglass.networks import summary
from deepglass.report import Answers, Contents, answers_of, raw_inputs, render, surface_of
from deepglass.report.tables import class_rows, commonest_confusions, spec_lines
from deepglass.report.verdict import verdict
from deepglass.training import Recipe, Spec, Training

VOID = {"meta", "input", "img", "br", "link"}
HOSTILE = "<script>alert(1)</script>"


class Page(HTMLParser):
    """The tags and the text of a page; fails on tags that do not close."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.text, self.ids, self.open = [], "", [], []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self.ids += [value for name, value in attributes if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not self.open or self.open[-1] not in ("style", "script"):
            self.text = " ".join((self.text + " " + data).split())


def contents_of(name, *, epochs=2, hidden=8, **options):
    data = dg.load(name, **options)
    network = dg.build("mlp", data, hidden=[hidden])
    training = Training(network, data, Recipe(epochs=epochs))
    history = list(training)
    task, field = training.task, training.task.field
    network.eval()
    with torch.no_grad():
        collected = task.collect(network, data.reader().read(data.members("validation"), 1024))
    answers = answers_of(task, collected)
    spec = Spec.from_dict({"recipe": {"epochs": epochs}})
    return Contents(
        name="first try",
        status="done",
        path="runs/first try",
        spec=spec.to_dict(),
        settings_changed=spec.changes_from(Spec.from_dict({})),
        history=history,
        best_epoch=epochs,
        data=data.describe(),
        kind=field.kind,
        target=field.name,
        classes=field.classes,
        summary=summary(network, data),
        scores={"validation": {**task.score(collected), "examples": len(answers)}},
        answers=answers,
        examples=raw_inputs(data, [int(answers.ids[i]) for i in answers.most_wrong()]),
        input_field=next(iter(data.inputs.values())),
        surface=surface_of(network, task, data),
        task_facts=task.facts(),
        version="0.1.0",
    )


@pytest.fixture(scope="module")
def digits():
    return contents_of("digits")


def of_four(**changes):
    """Answers to four examples, three of them right."""
    return Answers(
        ids=np.array([10, 11, 12, 13]),
        losses=np.array([0.1, 2.0, 0.1, 0.1]),
        truth=np.array([0, 0, 1, 1]),
        given=np.array([0, 1, 1, 1]),
        probabilities=np.array([[0.9, 0.1], [0.2, 0.8], [0.1, 0.9], [0.1, 0.9]]),
        **changes,
    )


def test_the_page_needs_nothing_from_outside(digits):
    page = render(digits)
    for tag, attributes in Page(page).tags:
        assert tag not in ("link", "iframe", "object", "base")
        for name in ("src", "href", "xlink:href", "action", "data"):
            value = attributes.get(name)
            assert value is None or value.startswith(("#", "data:image/png")), (tag, value)
        assert tag != "script" or "src" not in attributes
    assert not re.search(r"@import|url\(\s*['\"]?http", page)
    assert len(page) < 2_000_000


def test_the_page_forbids_the_browser_to_fetch_anything(digits):
    policy = next(
        a["content"] for t, a in Page(render(digits)).tags if a.get("http-equiv") == "Content-Security-Policy"
    )
    assert "default-src 'none'" in policy
    assert re.search(r"script-src 'sha256-[\w+/=]{44}'", policy)


def test_no_id_stands_twice_on_the_page(digits):
    ids = Page(render(digits)).ids
    assert len(ids) == len(set(ids))


def test_the_numbers_are_on_the_page(digits):
    text = Page(render(digits)).text
    assert f"{digits.scores['validation']['accuracy']:.3f} accuracy on 288 validation examples" in text
    assert f"{digits.summary.parameters:,}" in text
    assert "1,797 handwritten digits" in text
    assert "deepglass train 'runs/first try/spec.yaml'" in text
    assert "epochs: 2 # default: 20" in text
    assert "Nobody has looked at the test split." in text


@pytest.mark.parametrize("name", ["spirals", "iris", "diabetes"])
def test_each_kind_of_data_makes_a_page(name):
    contents = contents_of(name)
    text = Page(render(contents)).text
    assert ("What it answers everywhere" in text) == (name == "spirals")
    assert ("How far off it is" in text) == (name == "diabetes")
    assert ("Which classes are mixed up" in text) == (name != "diabetes")


@pytest.mark.parametrize("name", ["digits", "iris"])
def test_the_picture_of_the_data_stands_in_its_section(name):
    contents = contents_of(name, epochs=1)
    shown = replace(contents, portrait=portrait(dg.load(name)))
    page = render(shown)
    section = page.split("<h2>The data</h2>")[1]
    assert "the data: examples, distributions and links" in section  # its label, for those who do not see it
    assert "examples of each class" not in section  # the balance is part of the picture
    assert len(page) < 2_000_000


def test_hostile_names_are_shown_and_do_nothing(digits):
    hostile = replace(
        digits,
        name=HOSTILE,
        classes=[HOSTILE, *digits.classes[1:]],
        alarms=[HOSTILE],
        remarks=[HOSTILE],
        notes=[HOSTILE],
        status=HOSTILE,
        environment={HOSTILE: {HOSTILE: HOSTILE}},
        spec={"network": {"name": HOSTILE, "layers": [HOSTILE]}},
        data=replace(digits.data, name=HOSTILE, class_counts={HOSTILE: 3}, notes=[HOSTILE], facts={"source": HOSTILE}),
        baselines={HOSTILE: {"accuracy": 0.1, "note": HOSTILE, "answer": HOSTILE}},
    )
    page = render(hostile)
    assert "<script>alert" not in page
    assert sum(tag == "script" for tag, _ in Page(page).tags) == 1
    assert HOSTILE in Page(page).text


def test_the_test_split_is_shown_only_when_it_was_looked_at(digits):
    assert "test examples" not in Page(render(digits)).text
    scores = {**digits.scores, "test": {"accuracy": 0.5, "examples": 360}}
    text = Page(render(replace(digits, scores=scores, looks=2))).text
    assert "0.500 accuracy on 360 test examples (95 % interval 0.449 to 0.551)" in text
    assert "The test split was looked at 2 times." in text


def test_a_page_without_epochs_validation_or_network_says_so(digits):
    bare = Contents(
        name="bare", status="failed", path="runs/bare", spec={}, history=[], data=digits.data, kind="none", looks=0
    )
    text = Page(render(bare)).text
    assert "No epoch was trained." in text
    assert "There are no validation examples" in text


def test_alarms_stand_at_the_top(digits):
    text = Page(render(replace(digits, alarms=["Zero weights never part."]))).text
    assert text.index("Zero weights never part.") < text.index("How it learned")


def judged(metric, verdict, difference, interval):
    return {"compared": {"metric": metric, "difference": difference, "interval": interval, "verdict": verdict}}


def test_the_verdict_stands_beside_the_baselines(digits):
    contents = replace(
        digits,
        scores={"validation": {"accuracy": 0.75, "examples": 4}},
        baselines={
            "majority class": {"accuracy": 0.5, "answer": 3, **judged("accuracy", "within noise", -0.25, [-0.6, 0.2])},
            "linear model": {"accuracy": 0.875},
            "small tree": {"accuracy": 0.1, **judged("accuracy", "worse", -0.65, [-0.8, -0.4])},
            "boosted trees": {"accuracy": 1.0, **judged("accuracy", "better", 0.25, [0.1, 0.4])},
        },
    )
    sentences = verdict(contents)
    assert sentences[0] == (  # Wilson's interval of 3 in 4
        "0.750 accuracy on 4 validation examples (95 % interval 0.301 to 0.954); always answering 3 gives 0.500, "
        "a linear model 0.875, a small tree 0.100, boosted trees 1.000."
    )
    assert sentences[1:4] == [  # of what was not compared example by example, no word
        "The boosted trees are better by 0.250 (95 % interval 0.100 to 0.400).",
        "Within noise, so these examples do not tell it from the network: majority class.",
        "Worse than the network: small tree by 0.650 (95 % interval 0.400 to 0.800).",
    ]
    assert "a little too kind" in sentences[4]
    last = replace(
        contents, spec={"recipe": {"early_stopping": False}}
    )  # no epoch was chosen: the last one's weights stand
    assert verdict(last) == sentences[:4]
    behind = {"accuracy": 0.9, **judged("accuracy", "better", 0.15, [0.1, 0.2])}
    assert "The majority class is better by" in verdict(replace(contents, baselines={"majority class": behind}))[1]


def test_the_verdict_of_a_regression_has_its_unit(digits):
    answers = Answers(np.arange(2), np.ones(2), np.ones((2, 1)), np.ones((2, 1)), unit="cm")
    contents = replace(
        digits,
        kind="number",
        answers=answers,
        scores={"validation": {"r2": 0.5, "r2_interval": [0.25, 0.625], "mae": 3.25, "loss": 1.0}},
        baselines={"mean": {"r2": -0.125}, "linear model": judged("mae", "better", -1.5, [-2.5, -0.5])},
    )
    sentences = verdict(contents)
    assert sentences[0] == (
        "R² 0.500 and a mean absolute error of 3.25 cm on 2 validation examples (95 % interval of R² 0.250 to 0.625); "
        "always answering the mean gives -0.125."
    )
    assert sentences[1] == "The linear model is better by 1.5 cm (95 % interval 0.5 to 2.5)."


def test_the_most_wrong_examples_are_the_wrong_ones_with_the_highest_loss():
    answers = of_four()
    assert answers.most_wrong() == [1]
    assert replace(answers, truth=1 - answers.given, losses=np.array([1.0, 4.0, np.nan, 2.0])).most_wrong(3) == [
        2,
        1,
        3,
    ]


def test_the_class_table_agrees_with_a_count_by_hand(digits):
    contents = replace(digits, answers=of_four(), classes=["no", "yes"])
    no, yes = class_rows(contents)
    assert (no["precision"], no["recall"], no["support"]) == (1.0, 0.5, 2)
    assert (yes["precision"], yes["recall"]) == (pytest.approx(2 / 3), 1.0)
    assert commonest_confusions(contents) == [("no", "yes", 1, 2)]


def test_a_label_is_counted_where_it_is_said_to_be_there(digits):
    truth, given = np.array([[1, 0], [1, 1]], dtype=bool), np.array([[1, 1], [0, 1]], dtype=bool)
    answers = Answers(np.arange(2), np.ones(2), truth, given, np.full((2, 2), 0.5))
    contents = replace(digits, kind="labels", classes=["sun", "rain"], answers=answers, examples={})
    sun, rain = class_rows(contents)
    assert (sun["precision"], sun["recall"]) == (1.0, 0.5)
    assert (rain["precision"], rain["recall"]) == (0.5, 1.0)
    assert "sun, rain" in Page(render(contents)).text


def test_the_spec_reads_back_as_it_was():
    import yaml

    spec = Spec.from_dict({"network": {"layers": [{"Linear": i} for i in range(9)]}, "recipe": {"freeze": ["a", "b"]}})
    lines = spec_lines(spec.to_dict(), spec.changes_from(Spec.from_dict({})))
    assert yaml.safe_load("\n".join(line.text for line in lines)) == spec.to_dict()
    assert [line.text.strip() for line in lines if line.changed][-1] == "freeze: [a, b]"


def test_a_surface_is_that_of_the_network():
    data = dg.load("spirals")
    network = nn.Linear(2, 1)
    nn.init.zeros_(network.weight)
    nn.init.zeros_(network.bias)
    task = Training(network, data, Recipe(epochs=1)).task
    surface = surface_of(network, task, data, grid=5)
    assert surface.values.shape == (5, 5, 2)
    assert (surface.values == 0.5).all()  # sigmoid(0)
    assert surface.x[0] < surface.train.inputs[:, 0].min()
    assert surface_of(network, task, dg.load("iris")) is None


def test_the_page_of_a_classifier_says_how_far_its_probabilities_can_be_believed(digits):
    said = Page(render(digits)).text
    assert "How far its probabilities can be believed" in said and "Expected calibration error" in said
    assert "Mean average precision" in said
    assert "--calibrate brings it nearer" in said
    scores = {"validation": {**digits.scores["validation"], "calibration_error_before": 0.25}}
    calibrated = Page(render(replace(digits, scores=scores))).text
    assert ", 0.250 before" in calibrated
    assert "--calibrate" not in calibrated


def test_a_page_without_probabilities_says_nothing_of_them():
    sides = replace(contents_of("diabetes"), answers=None)
    assert "can be believed" not in Page(render(sides)).text
    assert "can be believed" not in Page(render(contents_of("diabetes"))).text
