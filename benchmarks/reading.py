"""Reading: from a CSV file and from a folder of images to batches of tensors, beside pandas and DataLoader.

    python benchmarks/reading.py [rows] [images]

Everything is generated. Epochs of batches are read, nothing is trained.
"""

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import numpy as np
from machine import machine, table

BATCH, EPOCHS, COLUMNS = 256, 10, 10
IMAGE_EPOCHS = 3


def csv_ours(path: Path) -> tuple[float, float, int]:
    from deepglass.data import load
    from deepglass.data.order import order_of

    started = perf_counter()
    data = load(path, target="y", validation=0, test=0)
    loaded = perf_counter() - started
    reader, ids = data.reader(), data.members("train")
    count = 0
    for epoch in range(EPOCHS):
        order = order_of(ids, "shuffled", seed=0, epoch=epoch, batch_size=BATCH)
        for batch in reader.read(order, BATCH):
            count += len(batch["features"])
    return loaded, perf_counter() - started, count


def csv_pandas(path: Path, workers: int) -> tuple[float, float, int]:
    import pandas
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    started = perf_counter()
    frame = pandas.read_csv(path)
    x = frame.drop(columns="y").to_numpy(np.float32)
    x = (x - x.mean(0)) / x.std(0)
    dataset = TensorDataset(torch.from_numpy(x), torch.from_numpy(frame["y"].to_numpy(np.float32)))
    loaded = perf_counter() - started
    loader = DataLoader(dataset, batch_size=BATCH, shuffle=True, num_workers=workers)
    count = sum(len(x) for _ in range(EPOCHS) for x, _ in loader)
    return loaded, perf_counter() - started, count


def images_ours(path: Path, streaming: bool) -> tuple[float, float, int]:
    from deepglass.data import load
    from deepglass.data.order import order_of

    started = perf_counter()
    data = load(path, validation=0, test=0, streaming=streaming)
    loaded = perf_counter() - started
    reader, ids = data.reader(), data.members("train")
    count = 0
    for epoch in range(IMAGE_EPOCHS):
        order = order_of(ids, "shuffled", seed=0, epoch=epoch, batch_size=64)
        for batch in reader.read(order, 64, epoch=epoch):
            count += len(batch)
    return loaded, perf_counter() - started, count


def images_pil(path: Path, workers: int) -> tuple[float, float, int]:
    import torch
    from PIL import Image
    from torch.utils.data import DataLoader, Dataset

    class Folder(Dataset):  # type: ignore[type-arg]
        def __init__(self) -> None:
            self.files = sorted(path.glob("*/*.jpg"))

        def __len__(self) -> int:
            return len(self.files)

        def __getitem__(self, index: int) -> torch.Tensor:
            with Image.open(self.files[index]) as image:
                pixels = np.asarray(image.convert("RGB"), dtype=np.float32)
            return torch.from_numpy(pixels.transpose(2, 0, 1) / 255)

    started = perf_counter()
    loader = DataLoader(Folder(), batch_size=64, shuffle=True, num_workers=workers)
    count = sum(len(x) for _ in range(IMAGE_EPOCHS) for x in loader)
    return 0.0, perf_counter() - started, count


CONTESTS = {
    "csv, deepglass": lambda path: csv_ours(path),
    "csv, pandas + DataLoader, 0 workers": lambda path: csv_pandas(path, 0),
    "csv, pandas + DataLoader, 2 workers": lambda path: csv_pandas(path, 2),
    "images, deepglass, decoded once": lambda path: images_ours(path, False),
    "images, deepglass, streamed": lambda path: images_ours(path, True),
    "images, PIL + DataLoader, 0 workers": lambda path: images_pil(path, 0),
    "images, PIL + DataLoader, 1 worker": lambda path: images_pil(path, 1),
    "images, PIL + DataLoader, 2 workers": lambda path: images_pil(path, 2),
    "images, PIL + DataLoader, 4 workers": lambda path: images_pil(path, 4),
}


def write_csv(path: Path, rows: int) -> None:
    random = np.random.default_rng(0)
    with path.open("w", encoding="utf-8") as file:
        file.write(",".join([*(f"x{i}" for i in range(COLUMNS)), "y"]) + "\n")
        for start in range(0, rows, 100_000):
            block = random.normal(size=(min(100_000, rows - start), COLUMNS + 1))
            np.savetxt(file, block, fmt="%.6f", delimiter=",")


def write_images(path: Path, count: int) -> None:
    from PIL import Image

    random = np.random.default_rng(0)
    for i in range(count):
        place = path / f"class{i % 10}"
        place.mkdir(parents=True, exist_ok=True)
        small = Image.fromarray(random.integers(0, 255, (16, 16, 3), dtype=np.uint8))
        small.resize((128, 128), Image.Resampling.BICUBIC).save(place / f"{i:05d}.jpg", quality=85)


def main() -> None:
    rows_count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    images_count = int(sys.argv[2]) if len(sys.argv) > 2 else 5_000
    with tempfile.TemporaryDirectory() as place:
        csv, images = Path(place) / "table.csv", Path(place) / "images"
        write_csv(csv, rows_count)
        write_images(images, images_count)
        rows = []
        for name in CONTESTS:  # each in a process of its own, so that its peak memory is its own
            words = [sys.executable, __file__, "--one", name, str(csv if name.startswith("csv") else images)]
            said = subprocess.run(words, capture_output=True, text=True, check=True, env={**os.environ}).stdout.split()
            loaded, total, count, peak = (float(v) for v in said[-4:])
            rows.append([name, f"{loaded:.1f}", f"{total:.1f}", f"{count / total:,.0f}", f"{peak:,.0f}"])
    print(machine())
    print(table(["what", "seconds to load", "seconds in all", "examples a second", "peak MiB"], rows))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        loaded, total, count = CONTESTS[sys.argv[2]](Path(sys.argv[3]))
        print(loaded, total, count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    else:
        main()
