"""What the costs of an operation are, by hand."""

from deepglass.profiling.costs import Argument, counted


def numbers(*shape, dtype="float32", size=4):
    return Argument(shape, dtype, size)


def test_a_linear_layer_counts_two_operations_for_each_weight_of_each_example():
    flops, moved = counted("addmm", [numbers(5), numbers(3, 4), numbers(4, 5)], [])
    assert flops == 2 * 3 * 4 * 5
    assert moved == 4 * (5 + 3 * 4 + 4 * 5 + 3 * 5)  # bias, input and weight are read, the output is written


def test_bfloat16_moves_half_the_bytes():
    low = [numbers(3, 4, dtype="bfloat16", size=2), numbers(4, 5, dtype="bfloat16", size=2)]
    assert counted("mm", low, []) == (120, 2 * (12 + 20 + 15))


def test_products_in_a_stack_count_each():
    assert counted("bmm", [numbers(7, 3, 4), numbers(7, 4, 5)], [])[0] == 7 * 120


def test_a_convolution_uses_each_weight_at_each_place_of_its_output():
    given = [numbers(2, 3, 8, 8), numbers(5, 3, 3, 3), numbers(5)]
    plain = [None, None, None, [2, 2], [1, 1], [1, 1], False, [0, 0], 1]
    flops, moved = counted("convolution", given, plain)
    assert flops == 2 * (2 * 4 * 4) * (5 * 3 * 3 * 3)  # (8 + 2 - 3) // 2 + 1 = 4 places a side
    assert moved == 4 * (2 * 3 * 64 + 135 + 2 * 5 * 16)


def test_a_transposed_convolution_uses_each_weight_at_each_place_of_its_input():
    plain = [None, None, None, [2, 2], [0, 0], [1, 1], True, [0, 0], 1]
    assert counted("convolution", [numbers(2, 3, 4, 4), numbers(3, 5, 2, 2), None], plain)[0] == 2 * (2 * 16) * 60


def test_the_way_back_counts_only_the_gradients_that_are_wanted():
    given = [numbers(2, 5, 4, 4), numbers(2, 3, 8, 8), numbers(5, 3, 3, 3)]
    both = [None] * 10 + [[True, True, True]]
    weights = [None] * 10 + [[False, True, True]]
    once = 2 * (2 * 16) * 135
    assert counted("convolution_backward", given, both)[0] == 2 * once
    assert counted("convolution_backward", given, weights)[0] == once


def test_what_works_on_each_number_reads_and_writes_it_once():
    assert counted("relu", [numbers(10, 10)], []) == (100, 800)
    assert counted("maximum", [numbers(10), numbers(10)], []) == (10, 120)
    assert counted("copy_", [numbers(10), numbers(10)], []) == (0, 80)


def test_adam_reads_four_lists_and_writes_three():
    lists = [[numbers(3, 4), numbers(4)] for _ in range(4)]
    assert counted("_fused_adam_", [*lists, [], [numbers()]], []) == (16 * 4, 4 * (4 * 16 + 1) + 3 * 4 * 16)


def test_looking_at_memory_in_another_way_is_free():
    assert counted("view", [numbers(100)], []) == (0, 0)
