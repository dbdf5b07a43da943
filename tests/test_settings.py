import pydantic
import pytest

from deepglass.errors import SettingError
from deepglass.settings import checked


class Inner(pydantic.BaseModel, frozen=True, extra="forbid"):
    shift: int = pydantic.Field(0, ge=0)


class Settings(pydantic.BaseModel, frozen=True, extra="forbid"):
    epochs: int = pydantic.Field(20, ge=0)
    kind: str = "a"
    inner: Inner = Inner()
    names: list[str] = []
    loud: bool = False

    @pydantic.field_validator("kind")
    @classmethod
    def _known(cls, value):
        if value not in ("a", "b"):
            raise ValueError("Choose a or b")
        return value


def test_good_settings_pass():
    assert checked(Settings, {"epochs": 3, "inner": {"shift": 1}}, "data").inner.shift == 1


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"epoch": 3},
            "There is no setting 'data.epoch'. Did you mean 'epochs'? Known: epochs, inner, kind, loud, names.",
        ),
        ({"inner": {"shfit": 3}}, "There is no setting 'data.inner.shfit'. Did you mean 'shift'? Known: shift."),
        ({"epochs": -3}, "data.epochs=-3: input should be greater than or equal to 0."),
        ({"inner": {"shift": -1}}, "data.inner.shift=-1: input should be greater than or equal to 0."),
        ({"kind": "c"}, "data.kind='c': choose a or b."),
        ({"loud": "perhaps"}, "data.loud='perhaps' is neither true nor false. Write one of the two."),
        ({"names": "x"}, "data.names='x': a list is needed, also for one. Write data.names=[x]."),
    ],
)
def test_a_wrong_one_is_named_with_its_value_and_the_mend(values, message):
    with pytest.raises(SettingError) as caught:
        checked(Settings, values, "data")
    assert str(caught.value) == message
    assert isinstance(caught.value, ValueError)
