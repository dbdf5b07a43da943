"""Settings: flat objects that are checked when they are made, with errors that name the setting and the mend."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from deepglass.errors import SettingError
from deepglass.names import suggestion

if TYPE_CHECKING:
    import pydantic

Model = TypeVar("Model", bound="pydantic.BaseModel")


def checked(model: type[Model], values: Mapping[str, Any], section: str) -> Model:
    """Make settings of one section, such as "recipe".

    Raises: SettingError, naming the first wrong setting, the value received and what would do.
    """
    import pydantic

    try:
        return model(**values)
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        place = [str(p) for p in first["loc"]]
        name = ".".join([section, *place])
        if first["type"] == "extra_forbidden":
            known = _known(model, place[:-1])
            raise SettingError(
                f"There is no setting {name!r}.{suggestion(place[-1], known)} Known: {', '.join(sorted(known))}."
            ) from None
        if first["type"] == "list_type" and isinstance(first["input"], str | int | float):
            raise SettingError(
                f"{name}={first['input']!r}: a list is needed, also for one. Write {name}=[{first['input']}]."
            ) from None
        if first["type"].startswith("bool"):
            raise SettingError(f"{name}={first['input']!r} is neither true nor false. Write one of the two.") from None
        message = first["msg"].removeprefix("Value error, ")
        raise SettingError(f"{name}={first['input']!r}: {message[0].lower()}{message[1:]}.") from None


def said(settings: "pydantic.BaseModel", names: Iterable[str]) -> list[str]:
    """Return those of the settings `names` that are not what they are unless somebody says otherwise."""
    fields = type(settings).model_fields
    return [name for name in names if getattr(settings, name) != fields[name].get_default()]


def _known(model: "type[pydantic.BaseModel]", inside: list[str]) -> list[str]:
    fields = model.model_fields
    for name in inside:
        annotation = fields[name].annotation if name in fields else None
        fields = getattr(annotation, "model_fields", {})
    return list(fields)
