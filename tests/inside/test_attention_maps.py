"""What a user gets who looks at attention: maps with words at both sides, a picture, lines and numbers."""

import re
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from deepglass.errors import SettingError, UnknownName
from deepglass.inside.attention import AttentionMap, attention_maps, chosen_maps
from deepglass.looks import LOOKS, Asked
from deepglass.networks import build
from deepglass.networks.reader import reader
from deepglass.report.pictures.attention import attention_picture
from deepglass.report.pictures.figure import to_svg

TOKENS = ["<pad>", "<unknown>", "<start>", "<end>", "mary", "went", "home", "john", "slept", "where", "is", "?", "."]
FIELD = SimpleNamespace(tokens=TOKENS)
SMALL = {"width": 8, "heads": 2, "layers": 1}


def codes(text, length=0):
    found = [TOKENS.index(word) for word in text.split()]
    return torch.tensor([found + [0] * (length - len(found))])


def translator(**options):
    return build("transformer_translator", inputs=(6,), outputs=13, vocabulary=13, **{**SMALL, **options})


def asked(network, inputs, predicted, layer=None):
    task = SimpleNamespace(predict=lambda network, inputs: predicted, field=FIELD)
    data = SimpleNamespace(inputs=dict.fromkeys(inputs, FIELD))
    return Asked(network, task, data, inputs, 3, "validation", layer=layer, name="run")


def texts(figure):
    return " | ".join(re.findall(r"<text[^>]*>([^<]*)</text>", to_svg(figure)))


def test_words_stand_at_the_steps_and_padding_does_not():
    network = build("transformer", inputs=(6,), outputs=2, vocabulary=13, **SMALL)
    (found,) = attention_maps(network, {"text": codes("mary went home", 6)}, {"text": FIELD})
    assert found.rows == found.columns == ["mary", "went", "home"] and found.within
    assert found.layer == "stack.blocks.0.attention" and found.weights.shape == (2, 3, 3)
    torch.testing.assert_close(found.weights.sum(dim=2), torch.ones(2, 3))


def test_a_summary_step_has_a_name_and_the_steps_of_a_series_have_numbers():
    text = build("transformer", inputs=(6,), outputs=2, vocabulary=13, summary="cls", **SMALL)
    (found,) = attention_maps(text, {"text": codes("mary went")}, {"text": FIELD})
    assert found.rows == ["(summary)", "mary", "went"]
    series = build("transformer", inputs=(6, 2), outputs=2, **SMALL)
    (found,) = attention_maps(series, {"x": torch.randn(1, 4, 2)})
    assert found.columns == ["1", "2", "3", "4"]


def test_what_was_said_looks_at_the_source_and_at_what_was_said_before():
    maps = attention_maps(
        translator(), {"french": codes("mary went home", 5)}, {"french": FIELD}, said=codes("john slept <end>"), tokens=TOKENS
    )  # fmt: skip
    sides = {one.layer: (one.rows, one.columns) for one in maps}
    said, source = ["john", "slept", "<end>"], ["mary", "went", "home"]
    assert sides == {
        "encoder.blocks.0.attention": (source, source),
        "decoder.blocks.0.attention": (said, ["<start>", "john", "slept"]),
        "decoder.blocks.0.memory_attention": (said, source),
    }
    assert [one.layer for one in chosen_maps(maps, None)] == ["decoder.blocks.0.memory_attention"]
    with pytest.raises(UnknownName, match=r"no attention 'encoder'.*There are: encoder.blocks.0.attention, decoder"):
        chosen_maps(maps, "encoder")


def test_the_tags_that_a_network_gives_are_no_input_of_it():
    network = build("transformer", inputs=(6,), outputs=4, vocabulary=13, every_step=True, **SMALL)
    look = LOOKS["attention"](asked(network, {"text": codes("mary went")}, {"tokens": codes("john slept")}))
    assert look.maps[0].rows == look.maps[0].columns == ["mary", "went"]


def test_a_look_tells_draws_and_gives_the_numbers_and_leaves_the_network_as_it_was():
    network = translator().train()
    look = LOOKS["attention"](
        asked(network, {"french": codes("mary went home")}, {"tokens": codes("john slept <end>")})
    )
    assert network.training and all(getattr(m, "heard", None) is None for m in network.modules())
    said = texts(look.picture())
    for words in ("run: example 3 of the validation split", "decoder.blocks.0.memory_attention", "head 1", "head 2"):
        assert words in said
    for word in ("mary", "went", "home", "john", "slept"):
        assert word in said
    assert "Other layers, by layer= (--layer): encoder.blocks.0.attention, decoder.blocks.0.attention." in str(look)
    assert re.search(r"john looks at (mary|went|home) 0\.\d\d, ", str(look))
    (one,) = look.to_dict()["attention"]
    assert one["columns"] == ["mary", "went", "home"] and len(one["weights"]) == 2
    closer = LOOKS["attention"](
        asked(network, {"x": codes("mary")}, {"tokens": codes("john")}, layer="encoder.blocks.0.attention")
    )
    assert [one.layer for one in closer.maps] == ["encoder.blocks.0.attention"]


def test_the_looks_of_a_reader_are_one_picture_of_its_sentences():
    sizes = {"story": (9,), "question": (4,)}
    network = reader(sizes, 2, vocabularies=dict.fromkeys(sizes, 13), width=6)
    inputs = {"story": codes("mary went home . john slept ."), "question": codes("where is mary ?")}
    look = LOOKS["attention"](asked(network, inputs, {"code": torch.tensor([0])}))
    assert [one.columns for one in look.maps] == [["john slept .", "mary went home ."]] * 3
    said = texts(look.picture())
    assert all(words in said for words in ("where is mary ?", "mary went home .", "look 3", "Each column is a look"))


def test_where_there_is_no_attention_that_is_said():
    with pytest.raises(SettingError, match=r"Linear has no attention to look at. Networks that have are transformer"):
        attention_maps(nn.Linear(2, 2), {"x": torch.zeros(1, 2)})
    plain = build("seq2seq", inputs=(6,), outputs=13, vocabulary=13, attention=None, width=8)
    with pytest.raises(SettingError, match="built without attention"):
        attention_maps(plain, {"x": codes("mary")})


def test_long_texts_of_many_heads_are_drawn_as_the_mean_of_the_heads_and_one_layer_with_all():
    words = [f"w{k}" for k in range(40)]
    maps = [AttentionMap(f"layer{k}", torch.full((2, 40, 40), 1 / 40), words, words, True) for k in range(2)]
    several, alone = attention_picture(maps, "title"), attention_picture(maps[:1], "title")
    assert "layer1, mean of 2 heads" in texts(several) and several.get_figheight() <= 20
    said = texts(alone)
    assert "head 2" in said and said.count("w39") == 4
