"""A store of checkpoints that is saved into, killed, damaged, rotated, gone on from and moved, against a plain dictionary."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from operations import counted

from deepglass.errors import RunError
from deepglass.runs import RunFolder, checkpoint_folders, load_checkpoint, save_checkpoint

OPERATIONS = 40  # of one save, at most
PARTS = ("tensors.safetensors", "values.json", "manifest.json")


class Killed(BaseException):
    """What no code of ours catches but to tidy up, which a kill leaves undone: the disk is then put back as it was."""


@dataclass
class Saved:
    """What the model knows of one checkpoint."""

    order: tuple[int, int]  # step, and how often it was saved before
    number: int  # its content
    intact: bool = True


class Store(RuleBasedStateMachine):
    @initialize()
    def begin(self):
        self.root = Path(tempfile.mkdtemp())
        self.folder = RunFolder.create(self.root / "run").path
        self.model: dict[str, Saved] = {}
        self.step = self.saves = 0

    def teardown(self):
        shutil.rmtree(self.root)

    @property
    def newest(self):
        """The name of the newest intact one."""
        return max((n for n in self.model if self.model[n].intact), key=lambda n: self.model[n].order, default=None)

    def _write(self):
        value = torch.full((3,), float(self.saves))
        save_checkpoint(self.folder, self.step, {"w": value}, {"number": self.saves})

    def _new(self):
        """The name and the model of the checkpoint that is saved next."""
        taken = [saved.order[1] for saved in self.model.values() if saved.order[0] == self.step]
        again = max(taken) + 1 if taken else 1
        name = f"step-{self.step:08d}" + (f"-{again}" if taken else "")
        return name, Saved((self.step, again), self.saves)

    @rule(steps=st.integers(0, 3))
    def save(self, steps):
        self.step, self.saves = self.step + steps, self.saves + 1
        name, new = self._new()
        self._write()
        older = {n: s for n, s in self.model.items() if s.intact and s.order < new.order}
        best = max(older, key=lambda n: older[n].order, default=None)
        self.model = {name: new, **({best: older[best]} if best else {})}

    @rule(steps=st.integers(0, 3), at=st.integers(1, OPERATIONS))
    def kill(self, steps, at):
        self.step, self.saves = self.step + steps, self.saves + 1
        name, new = self._new()
        before = self.newest
        left = self.root / "left"

        def die():
            shutil.copytree(self.folder, left)
            raise Killed

        try:
            with counted(self.folder, die, at):
                self._write()
        except Killed:
            pass
        if left.exists():  # as it was when the process was gone
            shutil.rmtree(self.folder)
            left.rename(self.folder)
        names = {path.name for path in checkpoint_folders(self.folder)}
        assert before in names or name in names or before is None
        self.model = {n: s for n, s in {**self.model, name: new}.items() if n in names}

    @precondition(lambda self: self.model)
    @rule(chance=st.randoms(use_true_random=False), part=st.sampled_from(PARTS), flip=st.booleans())
    def damage(self, chance, part, flip):
        name = chance.choice(sorted(self.model))
        path = self.folder / "checkpoints" / name / part
        content = bytearray(path.read_bytes())
        if not content:
            return
        if flip:
            content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        else:
            del content[chance.randrange(len(content)) :]
        path.write_bytes(content)
        self.model[name].intact = False

    @precondition(lambda self: self.newest)
    @rule()
    def resume(self):
        found = load_checkpoint(self.folder)
        self.step = found.step

    @rule()
    def move(self):
        moved = self.root / f"moved {self.saves} {self.folder.name[-9:]}"
        self.folder = self.folder.rename(moved)

    @invariant()
    def the_newest_intact_one_is_loaded_and_nothing_else(self):
        if not hasattr(self, "model"):
            return
        assert {path.name for path in checkpoint_folders(self.folder)} == set(self.model)
        RunFolder(self.folder)
        if self.newest is None:
            with pytest.raises(RunError, match=r"No checkpoint of|holds no checkpoint"):
                load_checkpoint(self.folder)
            return
        found, meant = load_checkpoint(self.folder), self.model[self.newest]
        assert (found.step, found.values) == (meant.order[0], {"number": meant.number})
        assert torch.equal(found.tensors["w"], torch.full((3,), float(meant.number)))
        newer = [n for n, s in self.model.items() if s.order > meant.order]
        assert len(found.notes) == len(newer)
        assert all(any(name in note for note in found.notes) for name in newer)


TestStore = Store.TestCase
TestStore.settings = settings(max_examples=40, stateful_step_count=20, deadline=None, derandomize=True)
