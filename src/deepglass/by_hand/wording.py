"""Wording: what a table by hand says around its numbers, alike in a terminal and on a page."""

from collections.abc import Sequence

from deepglass.by_hand.sheet import Row

HEADS = ("quantity", "formula", "with numbers", "value")
NUMBER_DIGITS, VALUE_DIGITS = 4, 6  # of the numbers in a formula, and of what it gives

# What a letter stands for, said where the table has such.
LETTERS = {
    "w": "w, b: weights and biases",
    "wx": "wx, wh, bx, bh: those for the input and for the state before",
    "z": "z: weighted sums",
    "a": "a: what an activation gives",
    "p": "p: what a pooling gives",
    "xhat": "mu, var, sd: mean, variance and its root, xhat: what they make of a number",
    "vector": "vector: what was looked up for a token",
    "h": "h: states (before: the one before the first step)",
    "wq": "wq, wk, wv, wo and their b: what makes queries, keys, values and the output; q1[0,4,2]: number 2 of step 4 in head 0",
    "alpha": "q, k, v: queries, keys and values, s: how alike they are, alpha: the shares of that, mix: what is taken by them",
    "rq": "rq, rk: queries and keys turned by their position",
}
# The same of a kind of layer.
KINDS = {
    "LSTM": "i, f, o: input, forget and output gate, g: candidate, c: memory",
    "GRU": "r, u: reset and update gate, g: candidate, s: what the state adds to it",
}


def legend(rows: Sequence[Row]) -> list[str]:
    """What the symbols mean, a sentence each."""
    used, kinds = (
        {base_of(row.quantity) for row in rows if row.layer != "loss"},
        {row.kind.removesuffix("Cell") for row in rows},
    )
    known = [said for letter, said in LETTERS.items() if letter in used]
    known += [said for kind, said in KINDS.items() if kind in kinds]
    if any(row.part == "backward" for row in rows):
        known.append("L: the loss, dL/dz1[0]: its slope by z1[0]")
    if any(row.part == "update" for row in rows):
        known.append("new w1[0,0]: after the step")
    found = [" ".join(["Indices count from 0.", *([f"{'; '.join(known)}."] if known else [])])]
    if any(";" in row.quantity for row in rows):
        found.append("Before a semicolon stands the number of the example: z1[2;0] is z1[0] of example 2 of the batch.")
    if any(" via " in row.quantity for row in rows):
        found.append(
            "Where several take a number, dL/dz1[0] via fc2 is what comes back from fc2, and dL/dz1[0] adds up all that comes back."
        )
    return found


def base_of(quantity: str) -> str:
    """The letters that a symbol begins with: z of z1[0,2], and wx of wxr1[0,0]; none of a slope or of what is new."""
    letters = quantity.partition("[")[0].rstrip("'0123456789")
    return "wx" if letters.startswith("wx") else letters if letters.isalpha() else ""


def section(row: Row) -> str:
    """The heading that a row stands under."""
    return f"{row.layer} ({row.kind}): {row.part}" if row.kind else f"{row.layer}: {row.part}"
