"""Networks of sequences beside the recurrent ones: padding has no say, none looks ahead, and step by step is all at once."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.testing import assert_close

from deepglass.errors import SettingError, ShapeError, UnknownName
from deepglass.networks import SUITS, build, summary
from deepglass.networks.reader import reader

NAN = float("nan")
SMALL = {"width": 8, "heads": 2, "dropout": 0.0}
READERS = {  # one answer for a sequence
    **{f"transformer, {p}": {**SMALL, "positions": p} for p in ("rotary", "sinusoidal", "learned", "none")},
    "transformer, post-norm": {**SMALL, "norm": "post", "activation": "relu"},
    "transformer, cls": {**SMALL, "summary": "cls"},
    "transformer, max": {**SMALL, "summary": "max"},
    "transformer, causal, last": {**SMALL, "causal": True, "summary": "last"},
    "tcn": {"filters": 6},
    "tcn, mean": {"filters": 6, "summary": "mean", "norm": None},
    "text_cnn": {"embedding": 5, "filters": 4},
}
SPEAKERS = {  # a second sequence
    "transformer_translator": {**SMALL, "layers": 2},
    "transformer_translator, learned": {**SMALL, "layers": 1, "positions": "learned", "norm": "post", "tied": False},
    "seq2seq": {"width": 6, "embedding": 5, "dropout": 0.0},
    "seq2seq, additive": {"width": 6, "embedding": 5, "attention": "additive", "cell": "lstm", "layers": 2},
    "seq2seq, start": {"width": 6, "embedding": 5, "attention": None},
    "seq2seq, each": {"width": 6, "embedding": 5, "attention": None, "context": "each", "bidirectional": False},
}
CAUSAL = {
    **{
        k: v
        for k, v in READERS.items()
        if k.startswith("transformer, ") and k.split(", ")[1] in ("rotary", "sinusoidal", "learned")
    },
    "transformer, post-norm": READERS["transformer, post-norm"],
    "tcn": READERS["tcn"],
}


def network(sort, options, *, tokens=True, outputs=3, every_step=False):
    shape, vocabulary = ((9,), 7) if tokens else ((9, 2), None)
    more = {"every_step": True} if every_step else {}
    made = build(sort.split(",")[0], inputs=shape, outputs=outputs, vocabulary=vocabulary, **options, **more)
    return made.double().eval()


def sequences(lengths, time, *, tokens=True):
    """Drawn sequences of these lengths, padded to so many steps; one is the same whatever it is padded to."""
    x = torch.zeros(len(lengths), time, dtype=torch.int64)
    x = x if tokens else torch.full((len(lengths), time, 2), NAN, dtype=torch.float64)
    for row, length in enumerate(lengths):
        random = torch.Generator().manual_seed(row)
        drawn = torch.randint(1, 7, (length,), generator=random)
        x[row, :length] = drawn if tokens else torch.randn(length, 2, dtype=torch.float64, generator=random)
    return x


@pytest.mark.parametrize("sort", READERS)
@pytest.mark.parametrize("tokens", [True, False])
def test_longer_padding_never_changes_an_answer(sort, tokens):
    made = network(sort, READERS[sort], tokens=tokens)

    @settings(max_examples=5)
    @given(st.lists(st.integers(0, 6), min_size=1, max_size=3), st.integers(0, 3))
    def holds(lengths, more):
        with torch.no_grad():
            short = made(sequences(lengths, max(lengths), tokens=tokens))
            long = made(sequences(lengths, max(lengths) + more, tokens=tokens))
            alone = torch.cat([made(row[None, :n]) for row, n in zip(sequences(lengths, 6, tokens=tokens), lengths)])
        assert short.isfinite().all()
        assert_close(short, long, atol=1e-6, rtol=1e-6)
        assert_close(short, alone, atol=1e-6, rtol=1e-6)

    holds()


@pytest.mark.parametrize("sort", SPEAKERS)
@pytest.mark.parametrize("tokens", [True, False])
def test_longer_padding_of_a_source_never_changes_what_is_said(sort, tokens):
    made = network(sort, SPEAKERS[sort], tokens=tokens, outputs=7)
    lengths, said = [4, 0, 2], sequences([3, 3, 3], 3)
    with torch.no_grad():
        short, long = (made(sequences(lengths, time, tokens=tokens), said) for time in (4, 9))
        nothing = made(sequences([0, 0, 0], 0, tokens=tokens), said)
    assert short.shape == (3, 3, 7) and short.isfinite().all()
    assert_close(short, long, atol=1e-6, rtol=1e-6)
    assert_close(nothing[1], short[1], atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize("sort", SPEAKERS)
def test_what_is_said_never_looks_ahead(sort):
    made = network(sort, SPEAKERS[sort], outputs=7)
    source, said = sequences([4], 4), sequences([5], 5)
    whole = made(source, said)
    for t in range(5):
        changed = said.clone()
        changed[:, t] = said[:, t] % 6 + 1
        assert_close(made(source, changed)[:, :t], whole[:, :t])
        assert not torch.allclose(made(source, changed)[:, t], whole[:, t])


@pytest.mark.parametrize("sort", CAUSAL)
def test_the_gradient_of_an_answer_with_respect_to_later_steps_is_zero(sort):
    options = {k: v for k, v in CAUSAL[sort].items() if k != "summary"}
    made = network(sort, options, tokens=False, every_step=True)
    x = sequences([6], 6, tokens=False).requires_grad_()
    for t in range(6):
        (gradient,) = torch.autograd.grad(made(x)[0, t].sum(), x)
        assert gradient[0, t].any() and not gradient[0, t + 1 :].any()


@pytest.mark.parametrize("sort", CAUSAL)
@pytest.mark.parametrize("tokens", [True, False])
def test_step_by_step_is_all_at_once(sort, tokens):
    made = network(sort, CAUSAL[sort], tokens=tokens, outputs=7, every_step=True)
    x = sequences([6, 6], 6, tokens=tokens)
    state, answers = made.begin({}, 2), []
    for t in range(6):
        answer, state = made.step(x[:, t], state)
        answers.append(answer)
    assert_close(torch.stack(answers, dim=1), made(x), atol=1e-6, rtol=1e-6)
    assert all(len(part) == 2 for part in state.values())


@pytest.mark.parametrize("sort", SPEAKERS)
def test_speaking_step_by_step_is_all_at_once_and_beams_are_rows_of_the_state(sort):
    made = network(sort, SPEAKERS[sort], outputs=7)
    source, said = sequences([4, 2], 4), sequences([5, 5], 5)
    rows = torch.tensor([1, 0])
    state, answers = {k: v[rows] for k, v in made.begin({"text": source}, 2).items()}, []
    for t in range(5):
        answer, state = made.step(said[:, t], state)
        answers.append(answer)
    assert_close(torch.stack(answers, dim=1), made(source[rows], said), atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize("sort", [*READERS, *SPEAKERS])
def test_it_trains_under_bfloat16_without_a_number_that_is_not_finite(sort):
    made = network(sort, {**READERS, **SPEAKERS}[sort], outputs=7).float().train()
    inputs = [sequences([4, 0, 2], 4)] + ([sequences([3, 3, 3], 3)] if sort in SPEAKERS else [])
    with torch.autocast("cpu", torch.bfloat16):
        answer = made(*inputs)
    answer.float().square().mean().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in made.parameters())


def test_a_transformer_answers_each_step_and_knows_what_comes_later_only_for_tags():
    x = sequences([6], 6)
    changed = x.clone()
    changed[0, 5] = x[0, 5] % 6 + 1
    model, tagger = (network("transformer", SMALL, outputs=n, every_step=True) for n in (7, 4))
    assert model(x).shape == (1, 6, 7) and tagger(x).shape == (1, 6, 4)
    assert_close(model(x)[:, :5], model(changed)[:, :5])  # as many outputs as tokens: the next one is to be said
    assert not torch.allclose(tagger(x)[:, 0], tagger(changed)[:, 0])
    with pytest.raises(SettingError, match="cannot go on token by token"):
        tagger.begin({}, 1)


def test_a_causal_transformer_goes_on_beyond_its_window_as_it_was_trained():
    made = network("transformer", {**SMALL, "window": 3}, outputs=7, every_step=True)
    x = sequences([8], 8)
    state = made.begin({}, 1)
    for t in range(8):
        answer, state = made.step(x[:, t], state)
    assert state["keys1"].shape == (1, 2, 3, 4)  # no more is kept
    assert_close(answer, made(x)[:, -1], atol=1e-6, rtol=1e-6)


def test_learned_positions_end_and_say_so():
    made = network("transformer", {**SMALL, "positions": "learned", "longest": 4}, outputs=7, every_step=True)
    with pytest.raises(ShapeError, match=r"has 5 steps, and positions were learned for 4\..*positions=rotary"):
        made(sequences([5], 5))
    state = made.begin({}, 1)
    for _ in range(4):
        _, state = made.step(torch.tensor([1]), state)
    with pytest.raises(ShapeError, match="has 5 steps"):
        made.step(torch.tensor([1]), state)


def test_tied_weights_are_one_table():
    tied = build("transformer", inputs=(9,), outputs=7, vocabulary=7, every_step=True, tied=True, **SMALL)
    free = build("transformer", inputs=(9,), outputs=7, vocabulary=7, every_step=True, **SMALL)
    assert tied.output.weight is tied.embedding.table.weight
    count = [sum(p.numel() for p in one.parameters()) for one in (free, tied)]
    assert count[0] - count[1] == 7 * 8
    with pytest.raises(SettingError, match="7 tokens and 3 outputs"):
        build("transformer", inputs=(9,), outputs=3, vocabulary=7, tied=True)


def test_the_weights_of_attention_are_given_by_layer_head_and_step():
    made = network("transformer_translator", SPEAKERS["transformer_translator"], outputs=7)
    maps = made.attention({"source": sequences([4, 2], 4), "previous": sequences([3, 3], 3)})
    assert set(maps) == {f"{half}.blocks.{k}.attention" for half in ("encoder", "decoder") for k in (0, 1)} | {
        f"decoder.blocks.{k}.memory_attention" for k in (0, 1)
    }
    cross = maps["decoder.blocks.1.memory_attention"]
    assert cross.shape == (2, 2, 3, 4) and not cross[1, :, :, 2:].any()
    assert not maps["decoder.blocks.0.attention"][:, :, 0, 1:].any()
    for weights in maps.values():
        assert_close(weights.sum(dim=-1), torch.ones(weights.shape[:-1]))
    assert all(layer.heard is None for layer in made.modules() if hasattr(layer, "heard"))


def test_a_decoder_that_looks_step_by_step_gives_a_row_a_step():
    made = network("seq2seq", SPEAKERS["seq2seq, additive"], outputs=7)
    (weights,) = made.attention({"source": sequences([4, 2], 4), "previous": sequences([3, 3], 3)}).values()
    assert weights.shape == (2, 1, 3, 4) and not weights[1, :, :, 2:].any()


def test_the_convolutions_of_tcn_see_the_whole_sequence_and_no_more_levels():
    levels = [len(build("tcn", inputs=(n, 1), outputs=1).blocks) for n in (5, 6, 100, 125, 126, 100_000)]
    assert levels == [1, 2, 5, 5, 6, 10]  # 1 + 4 (2^n - 1) steps: 5, 13, 29, 61, 125
    made = build("tcn", inputs=(13, 1), outputs=1, levels=2, norm=None, activation="identity").eval()
    x = torch.zeros(1, 20, 1, requires_grad=True)
    (gradient,) = torch.autograd.grad(made(x).sum(), x)
    assert gradient[0, :, 0].nonzero().flatten().tolist() == list(range(7, 20))


def test_a_phrase_is_found_wherever_it_stands_and_torn_it_counts_half():
    made = build("text_cnn", inputs=(9,), outputs=1, vocabulary=7, embedding=7, filters=1, kernels=2).double().eval()
    with torch.no_grad():
        made.embedding.table.weight.copy_(torch.eye(7))
        made.convolutions[0].weight.zero_()
        made.convolutions[0].weight[0, 2, 0] = made.convolutions[0].weight[0, 5, 1] = 1  # a 2, then a 5
        made.output.weight.fill_(1)
    texts = torch.tensor([[2, 5, 1, 1], [1, 1, 2, 5], [5, 1, 1, 2], [2, 0, 0, 0], [1, 1, 1, 1], [0, 0, 0, 0]])
    assert made(texts)[:, 0].tolist() == [2, 2, 1, 1, 0, 0]


@pytest.mark.parametrize("bidirectional", [True, False])
@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_a_pointer_chooses_among_what_is_there_and_the_end(cell, bidirectional):
    made = build("pointer", inputs=(9, 2), cell=cell, width=6, embedding=4, bidirectional=bidirectional).double().eval()
    x, places = sequences([4, 2, 0], 4, tokens=False), torch.tensor([[0, 2, 1]] * 3)
    logits = made(x, places)
    assert logits.shape == (3, 3, 5)
    assert [int(row.isfinite().sum()) for row in logits[:, 0]] == [5, 3, 1]
    longer = made(sequences([4, 2, 0], 7, tokens=False), places)
    assert_close(longer[:, :, :5], logits)
    state, answers = made.begin({"points": x}, 3), []
    for t in range(3):
        answer, state = made.step(places[:, t], state)
        answers.append(answer)
    assert_close(torch.stack(answers, dim=1), logits)
    assert_close(made.attention({"points": x, "previous": places})["pointer.attention"].sum(-1), torch.ones(3, 1, 3))


def two_texts(**options):
    sizes = {"story": (20,), "question": (4,)}
    return reader(sizes, 3, vocabularies=dict.fromkeys(sizes, 9), width=6, **options).double().eval()


def test_a_reader_weighs_sentences_and_never_padding():
    torch.manual_seed(0)
    made, question = two_texts(), torch.tensor([[3, 4, 0]] * 3)
    story = torch.tensor([[5, 6, 2, 7, 8, 2, 5, 2], [5, 6, 7, 2, 0, 0, 0, 0], [0] * 8])
    answer = made(story, question)
    assert answer.shape == (3, 3) and answer.isfinite().all()
    assert_close(made(torch.nn.functional.pad(story, (0, 5)), torch.nn.functional.pad(question, (0, 2))), answer)
    maps = made.attention({"story": story, "question": question})
    assert list(maps) == ["hops.0", "hops.1", "hops.2"]
    weights = maps["hops.0"]  # (batch, 1, 1, sentences): the last one first
    assert weights[0, 0, 0, :3].all() and not weights[0, 0, 0, 3:].any() and float(weights[1, 0, 0, 0]) == 1
    assert made.places("story", ["a", "b", ".", "c", "."]) == ["c .", "a b ."]


def test_a_reader_forgets_what_lies_too_far_back_and_hears_the_order_of_words():
    torch.manual_seed(0)
    made, question = two_texts(sentences=2), torch.tensor([[3, 4]])
    told = [made(torch.tensor([story]), question) for story in ([8, 8, 2, 5, 6, 2, 7, 2], [5, 2, 5, 6, 2, 7, 2])]
    assert_close(told[0], told[1])
    assert not torch.allclose(made(torch.tensor([[6, 5, 2, 7, 2]]), question), told[0])


@pytest.mark.parametrize(
    ("name", "options", "error", "message"),
    [
        ("transformer", {"heads": 3}, ShapeError, r"heads=3 do not divide width=128 .* \[1, 2, 4, 8"),
        ("transformer", {"width": 6, "heads": 2}, ShapeError, "width=3 is odd"),
        ("transformer", {"positions": "absolute"}, SettingError, "positions='absolute' does not exist. Choose one of 'rotary'"),
        ("transformer", {"norm": "batch"}, SettingError, "norm='batch' does not exist"),
        ("transformer", {"summary": "first"}, SettingError, "summary='first' does not exist"),
        ("transformer", {"activation": "rellu"}, UnknownName, "Did you mean 'relu'"),
        ("transformer", {"layers": 0}, SettingError, "layers=0"),
        ("seq2seq", {"attention": "soft"}, SettingError, "attention='soft' does not exist"),
        ("seq2seq", {"context": "each"}, SettingError, "with attention each step sees the source anyway"),
        ("seq2seq", {"cell": "rnn"}, SettingError, "cell='rnn' does not exist. Choose one of 'gru', 'lstm'"),
        ("seq2seq", {"width": 7}, SettingError, "width=7 cannot be shared by two directions"),
        ("tcn", {"norm": "batch"}, SettingError, "norm='batch' does not exist"),
        ("text_cnn", {"kernels": [3, 0]}, SettingError, "kernels="),
    ],
)  # fmt: skip
def test_options_that_cannot_be_are_told_what_can(name, options, error, message):
    with pytest.raises(error, match=message):
        build(name, inputs=(9,), outputs=3, vocabulary=7, **options)


@pytest.mark.parametrize("name", ["transformer", "transformer_translator", "seq2seq", "tcn", "text_cnn", "pointer"])
def test_a_row_of_numbers_is_no_sequence(name):
    with pytest.raises(ShapeError, match=rf"{name} takes series \(time, features\) or texts.*\(4,\).*use mlp"):
        build(name, inputs=(4,), outputs=3)


def test_a_reader_is_told_what_it_lacks():
    with pytest.raises(ShapeError, match="reader takes two texts, a story and a question, and the data have x"):
        build("reader", inputs=(4,), outputs=3)
    with pytest.raises(SettingError, match="Let them share a vocabulary"):
        reader({"story": (4,), "question": (4,)}, 3, vocabularies={"story": 4, "question": 5})


def test_multiply_adds_count_the_products_of_attention():
    found = summary(build("transformer", inputs=(10, 3), outputs=2, width=8, heads=2, layers=1), inputs=(10, 3))
    by_kind = {layer.name: layer.multiply_adds for layer in found.layers}
    assert by_kind["stack.blocks.0.attention.attend"] == 2 * 10 * 10 * 8
    assert by_kind["stack.blocks.0.attention.project"] == 10 * 8 * 24


def test_transformers_warm_up_by_default_and_all_clip():
    assert SUITS["transformer"]["recipe.warmup_steps"] > 0
    assert all(
        SUITS[name]["recipe.clip_norm"] == 1 for name in ("transformer", "transformer_translator", "seq2seq", "tcn")
    )
