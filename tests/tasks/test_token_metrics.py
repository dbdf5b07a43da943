import math

import pytest
import torch

from deepglass.errors import SettingError
from deepglass.tasks import token_metrics
from deepglass.tasks.token_metrics import Said, bleu, f1_by_class, is_bio, joined, perplexity, ratio_interval, spans


def test_bio_tags_mark_spans_and_an_inside_that_continues_nothing_begins_one():
    assert spans(["B-a", "I-a", "I-a", "O", "B-b", "B-b"]) == {(0, 3, "a"), (4, 5, "b"), (5, 6, "b")}
    assert spans(["I-a", "I-b", "O"]) == {(0, 1, "a"), (1, 2, "b")}
    assert spans([]) == set()
    assert is_bio(["O", "B-a", "I-a"])
    assert not is_bio(["O", "noun"])
    assert not is_bio(["O"])


def test_f1_counts_spans_where_beginning_end_and_kind_are_right():
    true = [["B-a", "I-a", "O", "B-b"], ["B-a", "O"]]
    said = [["B-a", "O", "O", "B-b"], ["B-a", "B-b"]]
    found = f1_by_class(said, true, ["O", "B-a", "I-a", "B-b", "I-b"])
    # a: 1 of 2 said is right, 1 of 2 true ones is found; b: 1 of 2 said, 1 of 1 found
    assert found["of"] == "spans"
    assert found["classes"] == {
        "name": ["a", "b"],
        "precision": [0.5, 0.5],
        "recall": [0.5, 1.0],
        "f1": [0.5, pytest.approx(2 / 3)],
        "support": [2, 1],
    }
    assert found["f1_micro"] == pytest.approx(2 * 2 / (4 + 3))
    assert found["f1_macro"] == pytest.approx((0.5 + 2 / 3) / 2)


def test_plain_tags_are_counted_one_by_one_as_scikit_learn_does():
    from sklearn.metrics import f1_score

    true, said = [["n", "v", "n"], ["d", "n"]], [["n", "n", "n"], ["d", "v"]]
    flat = [[t for row in rows for t in row] for rows in (true, said)]
    found = f1_by_class(said, true, ["d", "n", "v"])
    assert found["of"] == "tags"
    assert found["classes"]["f1"] == pytest.approx(f1_score(*flat, average=None, labels=["d", "n", "v"]).tolist())
    assert found["f1_macro"] == pytest.approx(f1_score(*flat, average="macro"))


def test_shares_of_tokens_and_of_whole_texts():
    truth, given = torch.tensor([[5, 6, 7], [5, 6, 0], [0, 0, 0]]), torch.tensor([[5, 6, 6], [5, 6, 9], [0, 0, 0]])
    said = Said(truth, given, torch.tensor([3.0, 1.0, 0.0]), torch.arange(3), torch.tensor([1.0, 3.0, 1.0]))
    assert said.accuracy == pytest.approx(4 / 5)
    assert said.sequence_accuracy == pytest.approx(2 / 3)
    assert said.loss == pytest.approx((3 * 1 + 1 * 3) / (3 * 1 + 2 * 3))


def test_batches_of_different_lengths_are_put_together():
    parts = [(torch.ones(n, n).long(),) * 2 + (torch.ones(n), torch.arange(n), None) for n in (2, 3)]
    said = joined(parts)
    assert said.truth.tolist() == [[1, 1, 0]] * 2 + [[1, 1, 1]] * 3
    assert len(joined([])) == 0
    assert math.isnan(joined([]).loss)


def test_the_interval_of_a_mean_over_tokens_treats_a_text_as_one_draw():
    random = torch.Generator().manual_seed(0)
    sums = torch.rand(400, generator=random).double()
    alone = ratio_interval(sums, torch.ones(400))
    spread = float(sums.std()) / 20
    assert alone == pytest.approx([float(sums.mean()) - 1.96 * spread, float(sums.mean()) + 1.96 * spread], abs=0.006)
    alike = ratio_interval(10 * sums, 10 * torch.ones(400))  # ten like tokens in each text tell no more than one
    assert alike == pytest.approx(alone)
    assert ratio_interval(sums[:19], torch.ones(19)) is None


def test_perplexity_of_an_even_guess_is_the_number_of_tokens():
    assert perplexity(math.log(65)) == pytest.approx(65)
    assert perplexity(1e4) == math.inf


def test_bleu_of_a_perfect_text_is_100_and_its_signature_says_what_was_counted():
    pytest.importorskip("sacrebleu")
    words = ["a", "man", "rides", "a", "red", "bicycle", "."]
    found = bleu([words] * 30, [words] * 30, interval=True)
    assert found["bleu"] == pytest.approx(100)
    assert found["bleu_interval"] == pytest.approx([100, 100])
    assert "tok:none" in found["bleu_signature"]
    # 6 of 7 words, 5 of 6 pairs, 4 of 5 triples, 3 of 4 fours are right, and the lengths are the same
    wrong = [*words[:-1], "!"]
    assert bleu([wrong], [words])["bleu"] == pytest.approx(100 * (6 / 7 * 5 / 6 * 4 / 5 * 3 / 4) ** 0.25)


def test_without_sacrebleu_bleu_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(token_metrics, "find_spec", lambda name: None)
    with pytest.raises(SettingError, match=r"pip install deepglass\[text\]"):
        bleu([], [])
