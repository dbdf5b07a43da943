from deepglass.plurals import counted


def test_one_is_singular_and_all_else_plural():
    assert [counted(n, "step") for n in (0, 1, 2, 1000)] == ["0 steps", "1 step", "2 steps", "1,000 steps"]
