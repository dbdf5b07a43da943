"""scikit-learn's own checks of an estimator, all of them."""

from collections import Counter
from typing import Any

import pytest
from sklearn.utils.estimator_checks import check_estimator

from deepglass import Classifier, Regressor

SMALL = {"hidden": [16], "epochs": 20, "learning_rate": 0.03}
# Batches are drawn by chance, and scaling is fitted on rows, however much each counts. In full batch, without scaling, weights
# do equal repeats, within the rounding of float32: test_a_weight_of_three_counts_as_three_repeats.
REASON = "a network learns from batches drawn by chance, in float32"
EXPECTED = {f"check_sample_weight_equivalence_on_{kind}_data": REASON for kind in ("dense", "sparse")}


@pytest.mark.parametrize("estimator", [Classifier(**SMALL), Regressor(**SMALL)], ids=lambda e: type(e).__name__)
def test_scikit_learn_finds_nothing_wrong(estimator: Any, capsys: pytest.CaptureFixture[str]):
    results = check_estimator(estimator, expected_failed_checks=EXPECTED, on_skip=None, on_fail=None)
    counts = Counter(result["status"] for result in results)
    with capsys.disabled():
        listed = [f"{r['check_name']}: {r['exception']}" for r in results if r["status"] == "skipped"]
        print(
            f"\ncheck_estimator({type(estimator).__name__}): {counts['passed']} passed, {counts['xfail']} expected failure, "
            f"{counts['skipped']} skipped ({'; '.join(listed)}), {counts['failed']} failed"
        )
    assert [f"{r['check_name']}: {r['exception']!r}" for r in results if r["status"] == "failed"] == []
    assert counts["passed"] >= 50 and counts["xfail"] <= len(EXPECTED) and counts["skipped"] <= 1
