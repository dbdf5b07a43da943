"""Settings of the data section: all that decides what a network is given."""

import re
from typing import Any, Literal

import pydantic

from deepglass.data.augment.settings import Augment
from deepglass.data.source import Label

MARKS = {
    "comma": ",",
    "point": ".",
    "semicolon": ";",
    "tab": "\t",
    "\\t": "\t",
    "pipe": "|",
    "blank": " ",
    "apostrophe": "'",
}

MOST_SIDE = 8192  # pixels

# The settings that say how a table is read; they mean nothing for other data.
TABLE_SETTINGS = (
    *("weight", "group", "time", "split", "names", "header", "separator", "decimal", "thousands", "encoding"),
    *("missing", "on_missing", "label_suffix", "signal"),
    *("series", "lookback", "horizon", "stride", "gaps", "doubled"),
)


class DataSettings(pydantic.BaseModel, frozen=True, extra="forbid"):
    """What is loaded, how it is split and how it is encoded."""

    source: str = pydantic.Field(
        "", description="a built-in name, a file or a folder; how the data was given otherwise"
    )
    target: str | list[str] | None = pydantic.Field(
        None, description="the field or column to learn (default: the last)"
    )
    inputs: list[str] | None = pydantic.Field(
        None, description="the fields or columns to learn from (default: the others)"
    )
    weight: str | None = pydantic.Field(None, description="column that says how much each example counts in the loss")
    group: str | None = pydantic.Field(
        None, description="column (or field, or part of label_pattern) whose equal values stay together in one split"
    )
    time: str | None = pydantic.Field(
        None, description="column of dates or numbers: the past trains, what follows validates, the future tests"
    )
    split: str | None = pydantic.Field(None, description="column that says train, validation or test for each example")
    names: list[str] | None = pydantic.Field(None, description="columns of a table without a line of names")
    header: bool | None = pydantic.Field(
        None,
        description="whether a table begins with a line of names (default: yes; asked when that line looks like data)",
    )
    separator: str | None = pydantic.Field(
        None, description="what parts the fields of a table: comma, semicolon, tab, pipe, ... (default: found out)"
    )
    decimal: Literal[".", ","] = pydantic.Field(".", description="the decimal mark of a table: point or comma")
    thousands: Literal[",", ".", " ", "'"] | None = pydantic.Field(
        None,
        description="the mark between thousands in a table: comma, point, blank or apostrophe (default: there is none)",
    )
    encoding: str | None = pydantic.Field(
        None,
        description="of text and of text tables, such as cp1252 (default: utf-8, or what its byte order mark says)",
    )
    missing: list[str] = pydantic.Field(
        [], description="texts of a table that mean a missing value, such as NA (the empty field always does)"
    )
    on_missing: Literal["stop", "drop", "fill", "keep"] = pydantic.Field(
        "stop",
        description="missing inputs: refuse, drop the rows, or fill (numbers with the median and a column of their own "
        "that says so, categories with '(missing)'); of time series: refuse, drop the windows, fill with the value before, or "
        "keep them as holes, with a variable beside each that says what is known",
    )
    label_suffix: str = pydantic.Field(
        "", description="end of some labels that is no part of them, such as the full stop in Adult's test file"
    )
    options: dict[str, Any] = pydantic.Field({}, description="options of a built-in set, such as points or noise_std")
    kinds: dict[str, str] = pydantic.Field({}, description="what a field or column holds, when the guess is wrong")
    image_size: int | list[int] | None = pydantic.Field(
        None, description="side of the pictures, or [height, width]; the shorter side is scaled, the centre cut out"
    )
    colour: Literal["auto", "grey", "rgb"] = pydantic.Field(
        "auto", description="of pictures: grey when all of them are, RGB otherwise; or one of the two"
    )
    on_damaged: Literal["stop", "skip"] = pydantic.Field(
        "stop", description="a damaged picture or recording stops the loading, or is left out (at most 5 %)"
    )
    label_pattern: str | None = pydantic.Field(
        None,
        description="regular expression that finds label, group and split in the path of each file, as named parts: "
        "(?P<label>[^_/]+)_(?P<speaker>[^_]+)_ (default: folders are classes)",
    )
    rate: pydantic.FiniteFloat | None = pydantic.Field(
        None,
        gt=0,
        description="samples a second of signals: what recordings are brought to (default: what most of them have), what arrays "
        "and tables have",
    )
    mono: bool | None = pydantic.Field(
        None,
        description="mix the channels of recordings into one (default: only where files have different numbers of them)",
    )
    channels: list[str] | None = pydantic.Field(None, description="names of the channels of signals, such as [E, N, Z]")
    seconds: pydantic.FiniteFloat | None = pydantic.Field(
        None,
        gt=0,
        description="length of signals: longer ones are cut, shorter ones padded (default: what 95 % of the training signals do "
        "not exceed)",
    )
    align: Literal["centre", "start"] = pydantic.Field(
        "centre", description="signals are cut and padded at both ends, or at the end alone"
    )
    signal: str | None = pydantic.Field(
        None,
        description="column of a table whose equal values are the samples of one signal; the numbers beside it are channels",
    )
    series: str | None = pydantic.Field(
        None,
        description="column of a table whose equal values are the rows of one series: with lookback each is forecast, without it "
        "each is one example",
    )
    lookback: int | None = pydantic.Field(
        None,
        ge=1,
        description="time steps that a network sees of a series: cuts the rows of a table with a time into windows",
    )
    horizon: int = pydantic.Field(
        1,
        ge=0,
        description="time steps after these that are to be forecast; 0 for windows alone, whose holes are to be filled",
    )
    stride: int = pydantic.Field(1, ge=1, description="time steps from one window of a series to the next")
    steps: list[int] | None = pydantic.Field(
        None,
        description="time steps of a series to train on, to validate and to test, from its beginning: [8640, 2880, 2880]",
    )
    gaps: Literal["stop", "fill", "part", "ignore"] = pydantic.Field(
        "stop",
        description="time steps that a series lacks: refuse, fill with the values before, part the series there, or take the rows "
        "for steps whatever their times say",
    )
    doubled: Literal["stop", "mean"] = pydantic.Field(
        "stop", description="a time that comes twice in a series: refuse, or take the mean of its rows"
    )
    period: int | None = pydantic.Field(
        None,
        ge=1,
        description="time steps of a season, such as 24 of hours (default: found in the training past; 1: none)",
    )
    simplify: pydantic.FiniteFloat | None = pydantic.Field(
        None,
        gt=0,
        description="of drawings: leave out points as long as none of them lies further than this from what remains, in their own "
        "units (default: every point stays)",
    )
    level: Literal["auto", "words", "characters", "pieces", "tokens"] = pydantic.Field(
        "auto",
        description="what texts are cut into: words and punctuation, characters, byte-pair pieces, or the tokens between blanks "
        "(default: by rule, which is said)",
    )
    lowercase: bool | None = pydantic.Field(
        None, description="texts in small letters (default: where words are tokens)"
    )
    length: int | None = pydantic.Field(
        None,
        ge=1,
        description="tokens of the longest text that is kept whole; longer ones are cut (default: what 99 % of the training "
        "texts do not exceed)",
    )
    vocabulary: int | None = pydantic.Field(
        None, ge=1, description="most tokens that are known, the commonest (default: 20,000; of pieces 8,000)"
    )
    least_count: int = pydantic.Field(
        1, ge=1, description="times that a word has to be in the training texts to be known"
    )
    share_vocabulary: bool = pydantic.Field(
        False, description="parallel texts have one vocabulary, made of both languages (default: each its own)"
    )
    texts: Literal["auto", "running", "lines"] = pydantic.Field(
        "auto",
        description="a plain text file to go on writing: one running text, or each line a text of its own (default: lines, "
        "where most are one word)",
    )
    context: int = pydantic.Field(
        64, ge=1, description="tokens of a window of running text: what a network sees at once"
    )
    context_stride: int | None = pydantic.Field(
        None,
        ge=1,
        description="tokens from one window of running text to the next (default: context, so that none overlap)",
    )
    babi_tasks: list[int] | None = pydantic.Field(
        None, description="numbers of the tasks of a folder or archive of bAbI stories (default: all)"
    )
    classes: list[Label] | None = pydantic.Field(None, description="keep the examples of these classes only")
    limit: int | None = pydantic.Field(
        None,
        ge=1,
        description="examples of each split of a Hugging Face set that are taken, the first ones (default: all)",
    )
    positive: Label | None = pydantic.Field(None, description="learn this class against all the others")
    scaling: Literal["standard", "unit", "peak", "imagenet", "centred", "none"] = pydantic.Field(
        "standard",
        description="inputs to mean 0 and deviation 1, to the range 0 to 1 (signals: -1 to 1), each signal to its own mean and "
        "peak, pictures as networks trained on ImageNet expect them, from -1 to 1 as a published googlenet does, or as they are",
    )
    target_scaling: Literal["standard", "none"] = pydantic.Field(
        "standard", description="numbers to predict: mean 0 and deviation 1 while training, or as they are"
    )
    label_encoding: Literal["index", "number"] = pydantic.Field(
        "index", description="classes as classes, or their numbers taken as quantities"
    )
    validation: float | int = pydantic.Field(
        0.2, ge=0, description="share of the rest for validation (at most 10,000), or a number of examples"
    )
    test: float | int | str = pydantic.Field(
        0.2, description="share of all examples for the test split, a number of them, or a file that holds it"
    )
    stratify: bool | None = pydantic.Field(
        None, description="keep the shares of the classes in every split (default: yes, unless time or groups decide)"
    )
    split_seed: int = pydantic.Field(0, ge=0, description="the same seed gives the same splits")
    augment: Augment = pydantic.Field(Augment(), description="random changes of the training examples")
    padding: Literal["batch", "longest"] = pydantic.Field(
        "batch",
        description="texts, series and strokes are padded to the longest of their batch, or all to one length, as dense layers "
        "need it",
    )
    streaming: bool = pydantic.Field(
        False, description="encode batch by batch, and read pictures and recordings anew each time, to spare memory"
    )
    workers: int | None = pydantic.Field(
        None,
        ge=0,
        description="processes that read a torch Dataset, pictures or recordings ahead (default: none for a Dataset; for 1,000 "
        "files and more one a core, on Linux)",
    )

    @pydantic.field_validator("image_size")
    @classmethod
    def _sides(cls, value: int | list[int] | None) -> int | list[int] | None:
        sides = [value] if isinstance(value, int) else [0, 0] if value is None else value
        if value is not None and (not all(1 <= side <= MOST_SIDE for side in sides) or len(sides) > 2 or not sides):
            raise ValueError(f"a side, or [height, width], each 1 to {MOST_SIDE:,} pixels")
        return value

    @pydantic.field_validator("label_pattern")
    @classmethod
    def _finds_something(cls, value: str | None) -> str | None:
        try:
            parts = re.compile(value).groupindex if value is not None else {"label": 1}
        except re.error as error:
            raise ValueError(f"no regular expression: {error}") from None
        if not parts:
            raise ValueError("a regular expression with named parts, such as (?P<label>[^_/]+)_")
        return value

    @pydantic.field_validator("separator", "decimal", "thousands", mode="before")
    @classmethod
    def _mark(cls, value: Any) -> Any:
        """Marks that a command line makes hard to write have words."""
        return MARKS.get(value, value) if isinstance(value, str) else value

    @pydantic.field_validator("separator")
    @classmethod
    def _one_mark(cls, value: str | None) -> str | None:
        one = value is None or (len(value.removesuffix(" ") or " ") == 1 and len(value) <= 2 and value.isascii())
        if not one or value in ('"', "\n", "\r"):
            raise ValueError(f"a separator is one character, or one of {', '.join(MARKS)}")
        return value

    @pydantic.field_validator("missing", mode="before")
    @classmethod
    def _texts(cls, value: Any) -> Any:
        """One text, or several; a number is meant as it is written."""
        values = [] if value is None else value if isinstance(value, list | tuple) else [value]
        if any(v is None or isinstance(v, bool) for v in values):
            raise ValueError("write words that mean something else in YAML in quotes, such as ['null', '?']")
        return [str(v) if isinstance(v, int | float) else v for v in values]

    @pydantic.field_validator("steps")
    @classmethod
    def _three(cls, value: list[int] | None) -> list[int] | None:
        if value is not None and (len(value) != 3 or min(value) < 0 or not value[0]):
            raise ValueError("three numbers of time steps: to train on, validate and test, such as [8640, 2880, 2880]")
        return value

    @pydantic.field_validator("validation", "test")
    @classmethod
    def _share_or_count(cls, value: float | str) -> float | str:
        if not isinstance(value, str) and value < 0:
            raise ValueError("a split cannot hold less than nothing")
        if isinstance(value, float) and value > 1 and not value.is_integer():
            raise ValueError("a share is below 1, and a number of examples is whole")
        return value
