"""Python's search for garbage is put off for a block, and never for longer."""

import gc

import pytest

from deepglass.garbage import without_collection


def test_garbage_is_searched_for_again_after_the_block_even_after_an_error():
    assert gc.isenabled()
    frozen = gc.get_freeze_count()
    with pytest.raises(ValueError), without_collection():
        assert not gc.isenabled()
        raise ValueError
    assert gc.isenabled() and gc.get_freeze_count() == frozen


def test_who_has_switched_the_search_off_finds_it_off():
    gc.disable()
    try:
        with without_collection():
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_what_was_frozen_stays_frozen():
    gc.freeze()
    try:
        with without_collection():
            pass
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()
