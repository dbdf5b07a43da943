"""Malformed archives and arrays: every one is refused in a sentence that names file and member, and nothing hangs."""

import gzip
import io
import struct
import tarfile
import zipfile

import numpy as np
import pytest
from drawn_pictures import in_tar, in_zip, two_classes
from refusals import clock, flipped, refusal  # noqa: F401


def as_zip(build):
    def make(folder):
        path = folder / "bad.zip"
        build(path)
        return path

    return make


def zip_with(**extra):
    return as_zip(lambda path: in_zip(path, {**two_classes(), **extra}))


def zip_changed(change):
    """A zip whose bytes are changed afterwards."""

    def build(path):
        in_zip(path, two_classes(each=3), packing=zipfile.ZIP_STORED)
        path.write_bytes(change(bytearray(path.read_bytes())))

    return as_zip(build)


def lying_size(data, size=16):
    """State another size for the first member, in the list at the end."""
    at = data.find(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", size)
    return data


def flag_encrypted(data):
    at = data.find(b"PK\x01\x02")
    data[at + 8] |= 1
    return data


def flip_member(data):
    data[data.find(b"IDAT") + 6] ^= 0xFF
    return data


def million_entries(data):
    at = data.rfind(b"PK\x05\x06")
    long = b"PK\x06\x06" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, 1_000_000, 1_000_000, 60_000_000, 0)
    return data[:at] + long + b"PK\x06\x07" + bytes(16) + data[at:]


def link_in_zip(path):
    in_zip(path, two_classes())
    info = zipfile.ZipInfo("cat/link.png")
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(info, "/etc/passwd")


def doubled_in_zip(path):
    with pytest.warns(UserWarning), zipfile.ZipFile(path, "w") as archive:
        for name, data in [*two_classes().items(), ("cat/00.png", b"")]:
            archive.writestr(name, data)


def tar_with(add=lambda archive: None, name="bad.tar", change=lambda data: data):
    def make(folder):
        path = in_tar(folder / name, two_classes())
        if add.__name__ != "<lambda>":
            with tarfile.open(path, "w") as archive:
                for inside, data in two_classes().items():
                    info = tarfile.TarInfo(inside)
                    info.size = len(data)
                    archive.addfile(info, io.BytesIO(data))
                add(archive)
        path.write_bytes(change(path.read_bytes()))
        return path

    return make


def add_link(archive):
    info = tarfile.TarInfo("cat/link.png")
    info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
    archive.addfile(info)


def add_device(archive):
    info = tarfile.TarInfo("cat/device.png")
    info.type = tarfile.CHRTYPE
    archive.addfile(info)


def add_outside(archive):
    info = tarfile.TarInfo("../cat/evil.png")
    archive.addfile(info)


def add_huge(archive):
    info = tarfile.TarInfo("cat/huge.png")
    info.size = 8 << 30
    archive.fileobj.write(info.tobuf())


def add_huge_header(archive):
    info = tarfile.TarInfo("cat/huge.png")
    info.size, info.type = 8 << 30, tarfile.XHDTYPE
    archive.fileobj.write(info.tobuf())


def gz_bomb(folder):
    path = folder / "bad.tar.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        info = tarfile.TarInfo("cat/zeros.png")
        info.size = 200 << 20
        file.write(info.tobuf())
        for _ in range(200):
            file.write(bytes(1 << 20))
    return path


def cut_in(data):
    return data[: len(data) // 2]


def broken_tar_header(data):
    changed = bytearray(data)
    at = data.find(b"dog/02.png")
    changed[at : at + 4] = b"\xff\xff\xff\xff"
    return bytes(changed)


ARCHIVES = {  # what makes it, and what the message names beside the archive
    "zip of nothing": (as_zip(lambda p: p.write_bytes(b"")), ""),
    "zip that is text": (as_zip(lambda p: p.write_text("no zip" * 100)), ""),
    "zip cut": (zip_changed(lambda d: d[: len(d) // 2]), ""),
    "zip without files": (as_zip(lambda p: in_zip(p, {})), ""),
    "zip of ratio 1,000": (zip_with(**{"cat/bomb.png": bytes(20 << 20)}), "cat/bomb.png"),
    "zip in zip": (zip_with(**{"cat/inner.png": b"PK\x03\x04" + bytes(1000)}), "cat/inner.png"),
    "zip whose size is too small": (zip_changed(lying_size), "cat/00.png"),
    "zip whose size is too large": (zip_changed(lambda d: lying_size(d, 10**6)), "cat/00.png"),
    "zip whose size is four gigabytes": (zip_changed(lambda d: lying_size(d, 2**32 - 2)), "cat/00.png"),
    "zip of a million entries": (zip_changed(million_entries), "1,000,000"),
    "zip with a password": (zip_changed(flag_encrypted), "cat/00.png"),
    "zip with a damaged member": (zip_changed(flip_member), "cat/00.png"),
    "zip with a link": (as_zip(link_in_zip), "cat/link.png"),
    "zip with a name twice": (as_zip(doubled_in_zip), "cat/00.png"),
    "zip that leads out": (zip_with(**{"../evil.png": b"x"}), "../evil.png"),
    "zip that leads out by a backslash": (zip_with(**{"cat\\..\\..\\evil.png": b"x"}), "evil.png"),
    "zip from the root": (zip_with(**{"/etc/evil.png": b"x"}), "/etc/evil.png"),
    "zip from a drive": (zip_with(**{"C:/evil.png": b"x"}), "C:/evil.png"),
    "tar that is text": (tar_with(change=lambda d: b"no tar " * 200), ""),
    "tar of nothing": (tar_with(change=lambda d: b""), ""),
    "tar cut": (tar_with(change=cut_in), ""),
    "tar with a broken header": (tar_with(change=broken_tar_header), ""),
    "tar.gz cut": (tar_with(name="bad.tar.gz", change=cut_in), ""),
    "tar.gz that is no gzip": (tar_with(name="bad.tar.gz", change=lambda d: b"plain" * 100), ""),
    "tar.gz with a wrong checksum": (tar_with(name="bad.tar.gz", change=lambda d: flipped(d, -6)), ""),
    "tar.gz of ratio 1,000": (gz_bomb, ""),
    "tar with a link": (tar_with(add_link), "cat/link.png"),
    "tar with a device": (tar_with(add_device), "cat/device.png"),
    "tar that leads out": (tar_with(add_outside), "../cat/evil.png"),
    "tar with a file of 8 GB": (tar_with(add_huge), "cat/huge.png"),
    "tar with a header of 8 GB": (tar_with(add_huge_header), ""),
}


@pytest.mark.parametrize("case", ARCHIVES)
def test_a_malformed_archive_is_refused_by_name(tmp_path, case):
    make, member = ARCHIVES[case]
    path = make(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    message = refusal(path)
    assert path.name in message
    assert member in message
    assert sorted(tmp_path.rglob("*")) == before  # nothing was unpacked


def npy_of(descr, shape, body=b"", version=1):
    head = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H" if version == 1 else "<I", len(head)) + head + body


def saved(array, **options):
    out = io.BytesIO()
    np.save(out, array, **options)
    return out.getvalue()


ARRAYS = {
    "empty": b"",
    "text": b"x,y\n1,2\n",
    "a magic alone": b"\x93NUMPY",
    "32 gigabytes": npy_of("'<f8'", "(4000000000,)", bytes(100)),
    "a shape beyond counting": npy_of("'<f8'", "(10000000000000000000000, 10000000000000)"),
    "a negative shape": npy_of("'<f8'", "(-1,)", bytes(8)),
    "too many bytes": npy_of("'<f8'", "(1,)", bytes(80)),
    "too few bytes": saved(np.arange(100.0))[:-8],
    "objects": saved(np.array([{}, []], dtype=object), allow_pickle=True),
    "a record": saved(np.zeros(3, dtype=[("a", "f8"), ("b", "i4")])),
    "dates": saved(np.array(["2020-01-01"], dtype="M8[D]")),
    "complex numbers": saved(np.zeros(3, dtype=complex)),
    "a header that is code": b"\x93NUMPY\x01\x00" + struct.pack("<H", 30) + b"__import__('os').system('x')\n".ljust(30),
    "a header of 4 GB": b"\x93NUMPY\x02\x00" + struct.pack("<I", 2**32 - 1) + b"{",
    "a later version": npy_of("'<f8'", "(1,)", bytes(8), version=9),
    "a single value": saved(np.array(3.0)),
}


@pytest.mark.parametrize("case", ARRAYS)
def test_a_malformed_array_is_refused_by_name(tmp_path, case):
    (tmp_path / "x.npy").write_bytes(ARRAYS[case])
    np.save(tmp_path / "y.npy", np.arange(3))
    assert "x.npy" in refusal(tmp_path / "x.npy", target=str(tmp_path / "y.npy"))
    path = in_zip(tmp_path / "set.npz", {"x.npy": ARRAYS[case], "y.npy": saved(np.arange(3))})
    message = refusal(path)
    assert "set.npz" in message and "'x'" in message
