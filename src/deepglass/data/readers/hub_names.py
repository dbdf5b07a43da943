"""Hub names: data sets of the Hugging Face hub by name, fetched once and kept by the library `datasets`."""

import os
import re
from dataclasses import replace
from inspect import signature
from pathlib import Path
from typing import Any

from deepglass.data.readers.hub import read_hub
from deepglass.data.settings import DataSettings
from deepglass.data.source import Source
from deepglass.errors import DataError

MARK = "hub:"
FORM = re.compile(r"(?P<name>\w[\w.-]*(/\w[\w.-]*)?)(:(?P<config>[^:@/\\]+))?(@(?P<revision>[\w./-]+))?", re.ASCII)
COMMIT = re.compile(r"[0-9a-f]{7,40}")
NEEDS_CODE = ("trust_remote_code", "Dataset scripts")  # how the library says so, in its older and newer versions
SHOWN = 300  # letters of what the library or a data set says


def is_hub_name(source: Any) -> bool:
    """Say whether this names a data set of the hub."""
    return isinstance(source, str) and source.startswith(MARK)


def read_hub_name(source: str, settings: DataSettings) -> Source:
    """Read hub:owner/name, hub:owner/name:configuration or hub:owner/name@revision. Code of the data set is never run.

    Raises: DataError, when the extra is not installed, there is no such data set, or it cannot be fetched.
    """
    parts = FORM.fullmatch(source.removeprefix(MARK))
    if not parts:
        raise DataError(
            f"{source!r} is no name on the hub. Write hub:owner/name, with :configuration and @revision where they are needed."
        )
    name, config, revision = parts["name"], parts["config"], parts["revision"]
    if Path(name).exists():
        raise DataError(
            f"{source}: there is a {name!r} in this folder, which would be read instead. Load it by its path."
        )
    builder, given = _fetch(source, name, config, revision)
    facts, note = _facts(builder, source, revision)
    read = read_hub(given, settings, source, facts)
    return replace(read, notes=(*read.notes, note)) if note else read


def _fetch(source: str, name: str, config: str | None, revision: str | None) -> tuple[Any, Any]:
    """Return what the library builds the data set with, and the data set."""
    try:
        from datasets import load_dataset_builder
        from huggingface_hub import constants
    except ImportError:
        raise DataError(
            f"{source}: data sets of the hub need the library datasets, which is not installed (or hidden by a module of yours of "
            f'that name). Install it: pip install "deepglass[hub]".'
        ) from None
    offline = bool(constants.HF_HUB_OFFLINE)
    if os.environ.get("DEEPGLASS_OFFLINE", "").lower() not in ("", "0", "false", "no") and not offline:
        raise DataError(
            f"{source}: downloading is switched off by DEEPGLASS_OFFLINE. Set HF_HUB_OFFLINE=1, too, to read what was fetched "
            f"before; or allow it without DEEPGLASS_OFFLINE."
        )
    asks = "trust_remote_code" in signature(load_dataset_builder).parameters  # before datasets 4
    never = {"trust_remote_code": False} if asks else {}
    try:
        builder = load_dataset_builder(name, config, revision=revision, **never)
        if revision and _was_kept(builder) and not (COMMIT.match(revision) and builder.hash.startswith(revision)):
            raise DataError(
                f"{source}: the hub is not reached, and what was fetched before is revision {builder.hash}, which may be another "
                f"one. Name that commit, or read it with the hub on."
            )
        builder.download_and_prepare()
        return builder, builder.as_dataset()
    except DataError:
        raise
    except (
        Exception
    ) as error:  # of the network, the hub, the files or the configuration: all mean that it is not to be had
        if any(words in str(error) for words in NEEDS_CODE):
            raise DataError(
                f"{source} needs code of its own to be read, and such code is never run. Look for a version of it in Parquet."
            ) from None
        raise DataError(f"{source} cannot be loaded: {_reason(error)} {_advice(error, source, offline)}") from None


def _was_kept(builder: Any) -> bool:
    """Whether the library takes what it fetched last, of whatever revision, because it does not reach the hub."""
    return bool(type(builder).__module__.endswith(".cache.cache"))


def _reason(error: Exception) -> str:
    text = _short(" ".join(str(error).split()).rstrip(".")) or type(error).__name__
    return text if text.endswith("...") else f"{text}."


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def _advice(error: Exception, source: str, offline: bool) -> str:
    if "onfig" in str(error) and isinstance(error, ValueError):
        return f"Name a configuration: {MARK}{source.removeprefix(MARK).partition(':')[0].partition('@')[0]}:CONFIGURATION."
    if offline:
        return "The hub is switched off (HF_HUB_OFFLINE), and it was not fetched before. Fetch it once with the hub on."
    return "Check the name, and whether the hub can be reached."


def _facts(builder: Any, source: str, revision: str | None) -> tuple[dict[str, str], str]:
    """What is known of a data set, and a note on its revision when none was asked for."""
    info = builder.info
    facts = {"description": info.description, "licence": info.license, "citation": info.citation}
    facts = {n: _short(" ".join(str(text).split())) for n, text in facts.items() if text}
    found = str(builder.hash) if builder.hash and COMMIT.fullmatch(str(builder.hash)) else revision
    if found:
        facts["revision"] = found
    if revision:
        return facts, ""
    which = "the one that was fetched last, for the hub is not reached" if _was_kept(builder) else "the newest"
    called = f" ({found})" if found else ""
    return facts, f"revision: {which}{called}, because none was named; {source}@REVISION keeps to one"
