import shutil
import signal
import sys

import pytest
import saving
from operations import in_child

import soak
from deepglass.runs import RunFolder, checkpoint_folders, load_checkpoint

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")


def test_killed_at_whichever_file_operation_a_run_goes_on_and_ends_with_the_same_bits(tmp_path):
    code, operations = in_child(saving.start_saving, tmp_path / "straight")
    assert code == 0
    assert operations > 60
    expected = soak.bits(tmp_path / "straight")
    for at in range(1, operations + 1):
        folder = tmp_path / str(at)
        code, _ = in_child(saving.start_saving, folder, at)
        assert code == -signal.SIGKILL, at
        if folder.exists() and checkpoint_folders(folder):
            assert load_checkpoint(folder).notes == (), at
        saving.start_or_go_on(folder)
        assert soak.differing(soak.bits(folder), expected) == "", at
        soak.check_end(folder)
        assert len(RunFolder(folder).history()) == saving.EPOCHS, at
        assert len(checkpoint_folders(folder)) <= 2, at
        shutil.rmtree(folder)
