"""Table: a calculation by hand, to be read, written to a file, or held beside one's own."""

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from torch import Tensor

from deepglass.by_hand.check_mine import Checked, check
from deepglass.by_hand.page import fragment, page
from deepglass.by_hand.sheet import Row
from deepglass.by_hand.terminal import as_text
from deepglass.errors import SettingError, UnknownName
from deepglass.names import suggestion

if TYPE_CHECKING:
    import pandas

COLUMNS = ("layer", "part", "quantity", "formula", "numbers", "value")
DIGITS = 12  # of numbers in a file


@dataclass(frozen=True)
class ByHand:
    """All rows of a calculation, in the order in which they are found.

    Args:
        output: what the network gives, float64; of one example without the batch axis.
        loss: the mean over the examples, None without a target; `loss_name` says which it is.
        gradients, updated, velocity: name of a parameter -> slopes of the loss, new values (also of running statistics), and
            with momentum the v to go on with; float64; where only some layers were asked for, from the first of them on.
        about: what is calculated, a line each, for the head of the table.
    """

    rows: tuple[Row, ...]
    output: np.ndarray
    loss: float | None = None
    loss_name: str = ""
    gradients: Mapping[str, Tensor] = field(default_factory=dict)
    updated: Mapping[str, Tensor] = field(default_factory=dict)
    velocity: Mapping[str, Tensor] = field(default_factory=dict)
    about: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    def __str__(self) -> str:
        return as_text(self.rows, self.about)

    def __repr__(self) -> str:
        loss = "" if self.loss is None else f", loss {self.loss:.6g}"
        return f"ByHand({len(self.rows)} rows{loss}); print it, or .save('table.html')"

    def _repr_html_(self) -> str:
        return fragment(self.rows, self.about)

    def row(self, quantity: str) -> Row:
        """Return the row of one number, such as "z1[0]". Raises: UnknownName."""
        found = next((row for row in self.rows if row.quantity == quantity), None)
        if found is None:
            known = [row.quantity for row in self.rows]
            raise UnknownName(
                f"The table has no {quantity!r}.{suggestion(quantity, known)} It has {len(known)} numbers, and "
                "print shows them all."
            )
        return found

    def check(self, mine: Any) -> Checked:
        """Compare with values of one's own: which is the first that is wrong, by how much, and what its formula gives.

        Args: mine: quantity -> number (or nested lists, such as {"z1": [0.2, -1.5]}), or the path of a .csv (columns quantity
            and value) or .json file.
        Raises: UnknownName, for a quantity that the table does not have; DataError.
        """
        return check(self.rows, mine)

    def to_frame(self) -> "pandas.DataFrame":
        """Return the table as a DataFrame, with all terms of every formula."""
        import pandas

        return pandas.DataFrame(self._records(), columns=list(COLUMNS))

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return {"loss": self.loss, "output": self.output.tolist(), "about": list(self.about), "rows": self._records()}

    def save(self, path: str | Path) -> Path:
        """Write the table to a file that ends in .csv, .html or .json, and return where it is."""
        from deepglass.runs.files import write_text

        target = Path(path)
        kinds = {
            ".csv": self._csv,
            ".html": lambda: page(self.rows, self.about),
            ".json": lambda: json.dumps(self.to_dict(), ensure_ascii=False),
        }
        if target.suffix.lower() not in kinds:
            raise SettingError(f"{target}: a table is written as {', '.join(kinds)}. Give a name that ends so.")
        write_text(target, kinds[target.suffix.lower()]())
        return target

    def _records(self) -> list[dict[str, Any]]:
        return [
            {
                "layer": row.layer,
                "part": row.part,
                "quantity": row.quantity,
                "formula": row.formula(),
                "numbers": row.numbers(DIGITS),
                "value": row.value,
            }
            for row in self.rows
        ]

    def _csv(self) -> str:
        file = io.StringIO()
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(self._records())
        return file.getvalue()
