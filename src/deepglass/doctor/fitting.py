"""Fitting: which remedies a run can be trained with; those that change nothing or cannot be said by its Spec are left out."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from deepglass.doctor.finding import Remedy
from deepglass.errors import DeepglassError

if TYPE_CHECKING:
    from deepglass.training.spec import Spec

NETWORK = "network."


def fitting(remedies: Sequence[Remedy], settings: Mapping[str, Any]) -> tuple[Remedy, ...]:
    """The remedies that make sense for a run with these settings (the sections of its Spec), in their order.

    One that changes nothing, that names an option which a named network does not have, or that makes no valid Spec is left out.
    What no setting reaches is told in words: what would change a network of somebody's own, and everything of a loop.
    """
    if not settings:
        return tuple(map(in_words, remedies))
    if not remedies:
        return ()
    from deepglass.training.spec import Spec  # with torch, which takes longer than the whole diagnosis

    try:
        spec = Spec.from_dict(settings)
    except DeepglassError:  # of a newer or an older Deepglass
        return tuple(remedies)
    return tuple(_fitting(remedies, spec))


def in_words(remedy: Remedy) -> Remedy:
    """A change of settings, said to somebody who has no Spec."""
    if not remedy.change:
        return remedy
    words = ", ".join(f"{name.rpartition('.')[2]} = {value}" for name, value in remedy.change.items())
    return Remedy({}, f"{remedy.why} ({words})", by="code")


def _fitting(remedies: Sequence[Remedy], spec: "Spec") -> Iterator[Remedy]:
    from deepglass.networks import NETWORKS

    for remedy in remedies:
        options = [name.removeprefix(NETWORK) for name in remedy.change if name.startswith(NETWORK)]
        is_there = all(option in spec.network for option in options)
        if options and not is_there and spec.network.get("name") not in NETWORKS:
            yield in_words(remedy)
        elif is_there and _changes(spec, remedy.change):
            yield remedy


def _changes(spec: "Spec", change: Mapping[str, Any]) -> bool:
    """Whether a change makes another Spec; True where there is no change, but words."""
    dotted = {name: value for name, value in change.items() if "." in name}
    try:
        return dotted != change or not change or bool(spec.with_(dotted).changes_from(spec))
    except DeepglassError:
        return False
