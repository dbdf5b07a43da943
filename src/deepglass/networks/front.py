"""Front: what turns a signal into the image that a network takes, in front of its first layer."""

import inspect
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from torch import nn

from deepglass.errors import SettingError, ShapeError
from deepglass.layers import Decibels, MelSpectrogram, Scalogram, SpecAugment, Spectrogram, StandardizeExample
from deepglass.layers.spectrogram import checked_rate
from deepglass.names import find, suggestion
from deepglass.networks.sizes import Sizes

FRONTS: dict[str, Callable[..., Spectrogram | Scalogram]] = {
    "mel": MelSpectrogram,
    "scalogram": Scalogram,
    "spectrogram": Spectrogram,
}
WAVE = "wave"  # the signal as it is
# Networks of the catalogue that take (channels, samples) as they are; all others take images, and so a mel spectrogram.
TAKE_WAVES = ("conv1d", "highway", "linear", "mlp", "perceptron", "residual_mlp", "rnn", "lstm", "gru")
NO_MASKS = {"time_masks": 0, "frequency_masks": 0}  # unless they are asked for
FRONT = "front"  # the name of its module in a network


def make_front(front: Any, rate: float = 0.0) -> nn.Sequential | None:
    """Make a front: the transform, decibels under the loudest point, each example standardized, and masks where asked for.

    Args:
        front: a name in FRONTS, a dictionary such as {"mel": {"bands": 64, "time_masks": 2}} with options of the transform, of
            Decibels and of SpecAugment, or "wave", which is None.
        rate: samples a second of the data; 0 when that is not known.
    Raises: SettingError, also when the rate is unknown or another than the front was made for; UnknownName.
    """
    kind, options = _read(front)
    if kind == WAVE:
        if options:
            raise SettingError(
                f"front=wave is the signal as it is and has no option {next(iter(options))!r}. Leave it out."
            )
        return None
    make = find("front", kind, {**FRONTS, WAVE: Spectrogram})  # for the list in the message
    known = {"rate": rate, **_options(make), **_options(Decibels), **_options(SpecAugment), **NO_MASKS}
    for option in options:
        if option not in known:
            raise SettingError(
                f"front={kind} has no option {option!r}.{suggestion(option, known)} Options: {', '.join(sorted(known))}."
            )
    wanted = {**known, **options}
    if not wanted["rate"]:
        raise SettingError(
            f"front={kind} needs the samples a second of the signal, which the data do not tell. Load recordings, or say it: "
            f"front={{{kind!r}: {{'rate': 8000}}}}."
        )
    if checked_rate(wanted["rate"]) != (rate or wanted["rate"]):
        raise SettingError(
            f"front={kind} was made for {wanted['rate']:g} samples a second, and the data have {rate:g}. Leave its rate out, or "
            f"load the data with rate={wanted['rate']:g}."
        )
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    layers[kind] = make(wanted["rate"], **{n: wanted[n] for n in _options(make)})
    layers["decibels"] = Decibels(**{n: wanted[n] for n in _options(Decibels)})
    layers["standardize"] = StandardizeExample()
    masks = SpecAugment(**{n: wanted[n] for n in _options(SpecAugment)})
    if masks.time_masks or masks.frequency_masks:
        layers["masks"] = masks
    return nn.Sequential(layers)


def usual_front(name: str, size: Sizes) -> str | None:
    """The front of a network of the catalogue: mel for those that take images, wave for the others; None without a signal."""
    if len(size.shapes) != 1 or not _rate(size):
        return None
    return WAVE if name in TAKE_WAVES else "mel"


def received(front: nn.Sequential, size: Sizes, network: str) -> Sizes:
    """What the network behind a front is sized for: (channels, frequencies, times) in place of (channels, samples)."""
    shape = size.only_shape(network)
    transform = transform_of(front)
    after = (shape[0], len(transform.frequencies), transform.frames(shape[1]))
    return replace(size, shapes=dict.fromkeys(size.shapes, after))


def with_front(front: nn.Sequential, network: nn.Module) -> nn.Module:
    """Put a front before a network; the layers of a row keep their names, so its weights fit with and without a front."""
    if type(network) is nn.Sequential and not hasattr(network, FRONT):
        return nn.Sequential(OrderedDict([(FRONT, front), *network.named_children()]))
    return nn.Sequential(OrderedDict([(FRONT, front), ("network", network)]))


def front_of(network: nn.Module) -> nn.Sequential | None:
    """The front of a network, None when it has none."""
    front = getattr(network, FRONT, None)
    is_one = isinstance(front, nn.Sequential) and len(front) and isinstance(front[0], Spectrogram | Scalogram)
    return front if is_one else None


def transform_of(front: nn.Sequential) -> Spectrogram | Scalogram:
    """The layer of a front that knows its `frequencies` and `times`."""
    first = front[0]
    assert isinstance(first, Spectrogram | Scalogram)
    return first


def written_out(section: Mapping[str, Any], size: Sizes) -> dict[str, Any]:
    """Return the network section of a spec with its front written out, rate and defaults too; as it is without a signal."""
    name = section.get("name")
    asked = section.get("front") or (usual_front(str(name), size) if name and name in _catalogue() else None)
    if asked is None:
        return dict(section)
    front = make_front(asked, _rate(size))
    if front is None:
        return {**section, "front": WAVE}
    return {**section, "front": {_read(asked)[0]: _settings_of(front)}}


def as_usual(section: Mapping[str, Any]) -> dict[str, Any]:
    """What `front` of a network section would be if nothing of it had been chosen; nothing for another kind than usual."""
    kind, options = _read(section.get("front") or WAVE)
    usual = WAVE if section.get("name") in TAKE_WAVES else "mel"
    told = kind == usual and "rate" in options
    front = make_front({kind: {"rate": options["rate"]}}) if told else None
    if front is None:
        return {"front": WAVE} if kind == usual and "front" in section else {}
    return {"front": {kind: _settings_of(front)}}


def front_for(make: Callable[..., Any], name: str, size: Sizes, options: dict[str, Any]) -> nn.Sequential | None:
    """Take the front out of the options of a network that is to be made, and make it; None for none.

    A function of one's own with a `front` of its own keeps it.
    """
    if "front" in inspect.signature(make).parameters:
        return None
    asked = options.pop("front", None)
    if asked is None and _catalogue().get(name) is make:
        asked = usual_front(name, size)
    if asked is None:
        return None
    if asked != WAVE and len(shape := size.only_shape(name)) != 2:
        raise ShapeError(
            f"A front takes signals (channels, samples), and an example here has shape {shape}. Leave front out."
        )
    return make_front(asked, _rate(size))


def _read(front: Any) -> tuple[str, dict[str, Any]]:
    """The name and the options of a front as it is written."""
    if isinstance(front, str):
        return front, {}
    if isinstance(front, Mapping) and len(front) == 1:
        ((kind, options),) = front.items()
        if options is None or isinstance(options, Mapping):
            return str(kind), {str(n): v for n, v in (options or {}).items()}
    raise SettingError(
        f"front={front!r} is no front. Write mel, scalogram, spectrogram, wave, or {{mel: {{bands: 64}}}}."
    )


def _settings_of(front: nn.Sequential) -> dict[str, Any]:
    """The rate and the options of all layers of a front."""
    used: dict[str, Any] = {"rate": transform_of(front).rate}
    for layer in front:
        used |= {n: getattr(layer, n) for n in _options(type(layer))}
    return used


def _options(make: Callable[..., Any]) -> dict[str, Any]:
    parameters = inspect.signature(make).parameters.values()
    return {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}


def _rate(size: Sizes) -> float:
    """Samples a second of the one input; 0 when it is no signal."""
    return next(iter(size.rates.values()), 0.0) if len(size.shapes) == 1 else 0.0


def _catalogue() -> Mapping[str, Callable[..., nn.Module]]:
    from deepglass.networks import NETWORKS  # here, because the folder whose catalogue this is imports this file

    return NETWORKS
