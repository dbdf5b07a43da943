"""Group normalization: the channels of one example in groups, each brought to mean 0 and variance 1 over all its places."""

import itertools

from deepglass.by_hand.normalization import Index, Normalization
from deepglass.errors import SettingError, ShapeError


class GroupNormalization(Normalization):
    """Each example over groups of its channels, alike in training and in evaluation. For nn.GroupNorm.

    Shapes: input (examples, channels, ...), output alike.
    Source: Wu and He, "Group Normalization", ECCV 2018, equations 1 to 6.
    """

    @property
    def channels(self) -> tuple[int, int]:
        """How many channels there are, and how many groups of them."""
        return self.layer.num_channels, self.layer.num_groups

    def groups(self, shape: Index) -> dict[Index, list[Index]]:
        channels, count = self.channels
        if len(shape) < 2 or shape[1] != channels:
            raise ShapeError(
                f"{self.layer} normalizes {channels} channels, and gets {shape[1:]}. Give examples as (channels, ...); several "
                "of them with batch=True."
            )
        each, places = channels // count, [range(n) for n in shape[2:]]
        return {
            (e, g): [(e, *at) for at in itertools.product(range(g * each, (g + 1) * each), *places)]
            for e in range(shape[0])
            for g in range(count)
        }

    def called(self, base: str, group: Index) -> str:
        return self.sheet.called(f"{base}{self.tag}", group)

    def place(self, at: Index) -> Index:
        return (at[1],)


class InstanceNormalization(GroupNormalization):
    """Every channel of an example is a group of its own. For nn.InstanceNorm without running statistics.

    Source: Ulyanov, Vedaldi and Lempitsky, "Instance Normalization: The Missing Ingredient for Fast Stylization",
        arXiv:1607.08022, equation 3.
    """

    def prepare(self) -> None:
        super().prepare()
        if self.layer.track_running_stats:
            raise SettingError(
                f"{self.layer} keeps running statistics, and by hand those of the example are calculated. "
                "Make it with track_running_stats=False."
            )

    @property
    def channels(self) -> tuple[int, int]:
        return self.layer.num_features, self.layer.num_features
