"""Losses: how wrong the output of one example is, by hand, with its slopes."""

from collections.abc import Callable, Sequence

from deepglass.by_hand.expressions import Constant, Expression, of
from deepglass.by_hand.functions import absolute, choose, exp, largest, ln, total
from deepglass.by_hand.sheet import Sheet
from deepglass.by_hand.softmax import exponentials

Numbers = Sequence[Expression]
At = tuple[int, ...]
Found = tuple[Expression, list[Expression]]  # the loss, and its slope by each output
Loss = Callable[
    [Sheet, At, Numbers, Numbers], Found
]  # (sheet, the example and step, outputs, targets); a class is its one code

SURE = 15.0  # logits beyond this: 1 - p has lost so many digits that ln(1 - p) is computed from the logit
RARE = 1e-300  # a probability below this is no longer a float64 to take a logarithm of
TINY = 2.2250738585072014e-308  # the smallest normal float64, which a probability of 0 counts as
DELTA = 1.0  # where huber becomes straight, as in `deepglass.tasks.losses.huber`


def cross_entropy(sheet: Sheet, at: At, z: Numbers, y: Numbers) -> Found:
    """L = -ln p[y] with p = softmax(z); dL/dz[k] = p[k] - 1 for the class y, else p[k]."""
    right = int(y[0].value)
    powers, whole = exponentials(sheet, "", list(z), at)
    p = [sheet.name(sheet.called("p", (*at, k)), power / whole) for k, power in enumerate(powers)]
    loss = -ln(p[right]) if p[right].value > RARE else largest(*z) + ln(whole) - z[right]
    return loss, [share - (k == right) for k, share in enumerate(p)]


def categorical_cross_entropy(sheet: Sheet, at: At, p: Numbers, y: Numbers) -> Found:
    """L = -ln p[y]; dL/dp[y] = -1 / p[y], and 0 for the others."""
    right = int(y[0].value)
    chosen = p[right] if p[right].value >= TINY else Constant(TINY)
    slope = -1 / chosen if p[right].value >= TINY else Constant(0)
    return -ln(chosen), [slope if k == right else Constant(0) for k in range(len(p))]


def negative_log_likelihood(sheet: Sheet, at: At, a: Numbers, y: Numbers) -> Found:
    """L = -a[y], where a holds logarithms of probabilities; dL/da[y] = -1, and 0 for the others."""
    right = int(y[0].value)
    return -a[right], [Constant(-1 if k == right else 0) for k in range(len(a))]


def binary_cross_entropy(sheet: Sheet, at: At, z: Numbers, y: Numbers) -> Found:
    """L = -(y·ln p + (1 - y)·ln(1 - p)) with p = sigmoid(z), averaged over the outputs; dL/dz = p - y."""
    losses, slopes = [], []
    for k, (score, t) in enumerate(zip(z, y)):
        place = at if len(z) == 1 else (*at, k)
        p = sheet.name(sheet.called("p", place), 1 / (1 + exp(-score)))
        certain = largest(score, Constant(0)) - score * t + ln(1 + exp(-absolute(score)))
        losses.append(_two_sided(p, t) if abs(score.value) < SURE else certain)
        slopes.append(p - t)
    return _mean(losses, slopes)


def binary_cross_entropy_of_probabilities(sheet: Sheet, at: At, p: Numbers, y: Numbers) -> Found:
    """The same of probabilities; dL/dp = (1 - y) / (1 - p) - y / p."""
    losses, slopes = [], []
    for share, t in zip(p, y):
        yes = share if share.value >= TINY else Constant(TINY)
        no = 1 - share if 1 - share.value >= TINY else Constant(TINY)
        losses.append(-(t * ln(yes) + (1 - t) * ln(no)))
        first = (1 - t) / no if 1 - share.value >= TINY else Constant(0)
        slopes.append(first - t / yes if share.value >= TINY else first)
    return _mean(losses, slopes)


def mse(sheet: Sheet, at: At, out: Numbers, y: Numbers) -> Found:
    """L = mean of (out - y)^2; dL/dout = 2·(out - y) / numbers."""
    return _mean([(o - t) ** 2 for o, t in zip(out, y)], [2 * (o - t) for o, t in zip(out, y)])


def mae(sheet: Sheet, at: At, out: Numbers, y: Numbers) -> Found:
    """L = mean of |out - y|; the slope is the sign of the error, 0 where there is none."""
    return _mean([absolute(o - t) for o, t in zip(out, y)], [_sign(o - t) for o, t in zip(out, y)])


def huber(sheet: Sheet, at: At, out: Numbers, y: Numbers) -> Found:
    """1/2·error^2 up to 1, |error| - 1/2 beyond; the slope is the error, at most 1 either way."""
    losses, slopes = [], []
    for o, t in zip(out, y):
        error = o - t
        losses.append(choose(absolute(error), DELTA, DELTA * (absolute(error) - DELTA / 2), 0.5 * error**2))
        slopes.append(choose(absolute(error), DELTA, DELTA * _sign(error), error))
    return _mean(losses, slopes)


def perceptron(sheet: Sheet, at: At, out: Numbers, y: Numbers) -> Found:
    """One output: max(0, -y·out) with y = 1 or -1. Several: the best wrong score minus the right one, if not below 0."""
    lead, slopes = _wrong_lead(out, y)
    mistaken = lead.value >= 0  # a tie counts as a mistake
    return largest(Constant(0), lead), [s if mistaken else Constant(0) for s in slopes]


def hinge(sheet: Sheet, at: At, out: Numbers, y: Numbers) -> Found:
    """As perceptron, with a margin of 1: max(0, 1 + that lead)."""
    lead, slopes = _wrong_lead(out, y)
    narrow = 1 + lead
    return largest(Constant(0), narrow), [choose(narrow, 0, s, 0) for s in slopes]


LOSSES: dict[str, Loss] = {
    "cross_entropy": cross_entropy,
    "categorical_cross_entropy": categorical_cross_entropy,
    "negative_log_likelihood": negative_log_likelihood,
    "binary_cross_entropy": binary_cross_entropy,
    "binary_cross_entropy_of_probabilities": binary_cross_entropy_of_probabilities,
    "labels_cross_entropy": binary_cross_entropy,
    "labels_cross_entropy_of_probabilities": binary_cross_entropy_of_probabilities,
    "mse": mse,
    "mae": mae,
    "huber": huber,
    "perceptron": perceptron,
    "hinge": hinge,
}
OF_ONE_CLASS = ("cross_entropy", "categorical_cross_entropy", "negative_log_likelihood")
SIDED = ("perceptron", "hinge")  # one output has a side, several are compared


def _two_sided(p: Expression, t: Expression) -> Expression:
    return -(t * ln(p) + (1 - t) * ln(1 - p))


def _sign(error: Expression) -> Expression:
    return choose(error, 0, 1, choose(-error, 0, -1, 0))


def _mean(losses: list[Expression], slopes: list[Expression]) -> Found:
    count = len(losses)
    if count == 1:
        return losses[0], slopes
    return total(losses) / count, [slope / count for slope in slopes]


def _wrong_lead(out: Numbers, y: Numbers) -> Found:
    """How far wrong leads right, and its slopes."""
    if len(out) == 1:
        side = 1 if y[0].value > 0 else -1
        return -side * out[0], [Constant(-side)]
    right = int(y[0].value)
    values = [o.value for k, o in enumerate(out) if k != right]
    wrong = [k for k in range(len(out)) if k != right][values.index(max(values))]
    slopes: list[Expression] = [of(0) for _ in out]
    slopes[wrong], slopes[right] = of(1), of(-1)
    return out[wrong] - out[right], slopes
