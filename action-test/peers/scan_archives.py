"""Prints archives that Python's own modules and zip tools write of ordinary files, by name, in base64."""
import base64
import bz2
import gzip
import io
import json
import lzma
import os
import pickle
import shutil
import sys
import tarfile
import tempfile
import zipfile
import zlib

json.load(sys.stdin)
FILES = {
    "model.pkl": pickle.dumps({"weights": list(range(1000))}),
    "folder/numbers.bin": os.urandom(70_000),
    "folder/größe.txt": "Grüße\n".encode() * 5000,
    "empty": b"",
    "/".join(["long"] * 40): b"a long name",
}


CHECKS = (lzma.CHECK_NONE, lzma.CHECK_CRC32, lzma.CHECK_CRC64, lzma.CHECK_SHA256)


class Unseekable(io.RawIOBase):
    """A stream that zipfile cannot go back in, so that sizes follow behind the bytes."""

    def __init__(self):
        self.bytes = b""

    def writable(self):
        return True

    def write(self, part):
        self.bytes += bytes(part)
        return len(part)


def zipped(compression, seekable=True, wide=False):
    file = io.BytesIO() if seekable else Unseekable()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in FILES.items():
            with archive.open(name, "w", force_zip64=wide) as member:
                member.write(content)
    return file.getvalue() if seekable else file.bytes


def tarred(form):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=form) as archive:
        for name, content in FILES.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return file.getvalue()


def made_by_shutil(form):
    with tempfile.TemporaryDirectory() as folder:
        for name, content in FILES.items():
            path = os.path.join(folder, "model", name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(content)
        made = shutil.make_archive(os.path.join(folder, "made"), form, os.path.join(folder, "model"))
        with open(made, "rb") as file:
            return file.read()


appended = io.BytesIO(zipped(zipfile.ZIP_DEFLATED))
with zipfile.ZipFile(appended, "a") as archive:
    archive.writestr("one more", "text")
    archive.comment = b"a comment"
archives = {
    "stored": zipped(zipfile.ZIP_STORED),
    "deflated": zipped(zipfile.ZIP_DEFLATED),
    "streamed": zipped(zipfile.ZIP_DEFLATED, seekable=False),
    "stored and streamed": zipped(zipfile.ZIP_STORED, seekable=False),
    "zip64": zipped(zipfile.ZIP_DEFLATED, wide=True),
    "zip64 and streamed": zipped(zipfile.ZIP_DEFLATED, seekable=False, wide=True),
    "by bzip2": zipped(zipfile.ZIP_BZIP2),
    "by bzip2 and streamed": zipped(zipfile.ZIP_BZIP2, seekable=False),
    "by LZMA": zipped(zipfile.ZIP_LZMA),
    "by LZMA and streamed": zipped(zipfile.ZIP_LZMA, seekable=False),
    "appended to": appended.getvalue(),
    "ustar": tarred(tarfile.USTAR_FORMAT),
    "gnu": tarred(tarfile.GNU_FORMAT),
    "pax": tarred(tarfile.PAX_FORMAT),
    "gzip": gzip.compress(FILES["model.pkl"]),
    "zlib": zlib.compress(FILES["model.pkl"]),
    **{f"bzip2 {level}": bz2.compress(FILES["model.pkl"], level) for level in (1, 9)},
    **{f"xz {check}": lzma.compress(FILES["model.pkl"], check=check) for check in CHECKS},
    **{f"lzma {preset}": lzma.compress(FILES["model.pkl"], lzma.FORMAT_ALONE, preset=preset) for preset in (0, 6, 9)},
    **{f"shutil {form}": made_by_shutil(form) for form in ("zip", "tar", "gztar", "bztar", "xztar")},
}
print(json.dumps([{"name": name, "bytes": base64.b64encode(made).decode()} for name, made in archives.items()]))
