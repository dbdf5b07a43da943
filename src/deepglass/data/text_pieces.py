"""Pieces: parts of words learned by byte-pair encoding, so that rare words are made of parts that are common."""

import json
import os
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from deepglass.data.vocabulary import SPECIALS, UNKNOWN
from deepglass.errors import DataError

# A word with the blank before it, or a single blank: pieces never reach across words, and a text that is cut between two pieces has
# the same pieces on both sides.
WORDS = r" ?[^\s]+|\s"
SEEN = 2  # times a pair has to be seen to become a piece


def learn_pieces(texts: Iterable[str], most: int) -> str:
    """Learn at most `most` pieces, single characters among them. Returns: the tokenizer as JSON, all there is to cut texts alike.

    Raises: DataError, when the library tokenizers is not installed.
    Source: Sennrich, Haddow and Birch, "Neural Machine Translation of Rare Words with Subword Units", ACL 2016.
    """
    library = _library()
    learner = library.Tokenizer(library.models.BPE(unk_token=SPECIALS[UNKNOWN]))
    learner.pre_tokenizer = _parted(library)
    trainer = library.trainers.BpeTrainer(
        vocab_size=most + 1, min_frequency=SEEN, special_tokens=[SPECIALS[UNKNOWN]], show_progress=False
    )
    learner.train_from_iterator(texts, trainer)
    model = json.loads(learner.to_str())["model"]
    merges = [tuple(m) if not isinstance(m, str) else tuple(m.split(" ")) for m in model["merges"]]
    # Made anew, because what the trainer calls special would be found in texts that happen to hold these letters.
    made = library.Tokenizer(library.models.BPE(model["vocab"], merges, unk_token=SPECIALS[UNKNOWN]))
    made.pre_tokenizer = _parted(library)
    return str(made.to_str())


def pieces_of(texts: Sequence[str], learned: str) -> list[list[str]]:
    """Cut texts into pieces; a character that was never seen is "<unknown>". Args: learned: JSON of `learn_pieces`."""
    return [found.tokens for found in _tokenizer(learned).encode_batch(list(texts), add_special_tokens=False)]


def piece_spans(text: str, learned: str) -> list[tuple[int, int]]:
    """Where each piece of a text begins and ends, in characters."""
    return list(_tokenizer(learned).encode(text, add_special_tokens=False).offsets)


def known_pieces(learned: str) -> list[str]:
    """All pieces, in the order in which they were learned."""
    vocabulary = _tokenizer(learned).get_vocab()
    return sorted(set(vocabulary) - {SPECIALS[UNKNOWN]}, key=vocabulary.__getitem__)


@lru_cache(maxsize=8)
def _tokenizer(learned: str) -> Any:
    return _library().Tokenizer.from_str(learned)


def _parted(library: Any) -> Any:
    return library.pre_tokenizers.Split(library.Regex(WORDS), behavior="isolated")


def _library() -> Any:
    os.environ.setdefault(
        "TOKENIZERS_PARALLELISM", "false"
    )  # its threads would spin beside torch's, and warn of forked processes
    try:
        import tokenizers
        import tokenizers.models
        import tokenizers.pre_tokenizers
        import tokenizers.trainers
    except ImportError:
        raise DataError(
            "Byte-pair pieces need the library tokenizers. Install it with pip install deepglass[text], or choose level=words."
        ) from None
    return tokenizers
