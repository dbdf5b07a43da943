"""Rows: one row of plain numbers an example, whatever the input is, for models that know nothing else."""

import torch
from torch import Tensor

from deepglass.data import Field

COMMON = 500  # of the commonest tokens that are counted: few enough for a model in a second, and most of what a text is made of
SPECIALS = 4  # codes below are padding, unknown, start and end


def rows_of(values: Tensor, field: Field) -> Tensor:
    """Turn one encoded input into rows. Shapes: values (examples, ...), returns (examples, numbers), as many for every batch.

    Of a text, how often each of the commonest tokens comes, over the root of the text's length: codes are no quantities. A series
    has zeros where it is over.
    """
    if field.kind == "text":
        counts = torch.zeros(len(values), COMMON, device=values.device)
        common = (values >= SPECIALS) & (values < SPECIALS + COMMON)
        places = torch.where(common, values - SPECIALS, 0)
        counts.scatter_add_(1, places, common.float())
        return counts / (values != 0).sum(dim=1, keepdim=True).clamp_min(1).sqrt()
    if field.is_sequence and values.shape[1] < field.shape[0]:  # a batch is cut to its longest example
        rest = values.new_zeros(len(values), field.shape[0] - values.shape[1], *values.shape[2:])
        values = torch.cat([values, rest], dim=1)
    return (values.nan_to_num(nan=0.0) if field.kind == "series" else values).flatten(1)
