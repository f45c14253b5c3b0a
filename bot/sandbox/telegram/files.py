"""Uploaded files, by their id and by their path."""

import struct
from dataclasses import dataclass
from hashlib import sha256

from bot.sandbox.telegram.params import Upload
from bot.sandbox.telegram.refusals import bad_request

DOWNLOAD_BYTES = 20 << 20
PHOTO_BYTES = 10 << 20
_PHOTO_SIDES = 10_000
_PHOTO_RATIO = 20

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8"
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
"""The JPEG markers that carry the size."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that was sent."""

    file_id: str
    unique_id: str
    path: str
    upload: Upload

    def as_file(self) -> dict[str, str | int]:
        """The fields that every kind of file has."""
        return {
            "file_id": self.file_id,
            "file_unique_id": self.unique_id,
            "file_size": len(self.upload.content),
        }


class Files:
    """Everything that was uploaded."""

    def __init__(self) -> None:
        self._by_id: dict[str, Stored] = {}
        self._by_path: dict[str, Stored] = {}

    def store(self, upload: Upload, folder: str) -> Stored:
        """Keep a file; the same content again is the same file."""
        digest = sha256(upload.content).hexdigest()
        extension = upload.name.rpartition(".")[2] if "." in upload.name else "bin"
        path = f"{folder}/file_{len(self._by_path)}.{extension}"
        stored = Stored(f"{folder}-{digest[:40]}", digest[:16], path, upload)
        self._by_id[stored.file_id] = self._by_path[path] = stored
        return stored

    def by_id(self, file_id: str) -> Stored:
        """Return the file with this id.

        Raises:
            Refusal: there is none.
        """
        if not file_id:
            raise bad_request("file_id not specified")
        if file_id not in self._by_id:
            raise bad_request("wrong file_id or the file is temporarily unavailable")
        return self._by_id[file_id]

    def by_path(self, path: str) -> Stored | None:
        """Return the file that is downloaded from this path."""
        return self._by_path.get(path)


def photo_size(content: bytes) -> tuple[int, int]:
    """Return the width and height of a PNG or JPEG.

    Raises:
        Refusal: it is neither, or a photo must not be that large or that narrow.
    """
    if len(content) > PHOTO_BYTES:
        size = len(content)
        raise bad_request(
            f"file of size {size} bytes is too big for a photo; the maximum size is {PHOTO_BYTES} bytes"
        )
    sides = _png_size(content) or _jpeg_size(content)
    if sides is None:
        raise bad_request("IMAGE_PROCESS_FAILED")
    if sum(sides) > _PHOTO_SIDES or max(sides) > _PHOTO_RATIO * min(sides):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    return sides


def _png_size(content: bytes) -> tuple[int, int] | None:
    if not content.startswith(_PNG) or len(content) < 24:  # noqa: PLR2004 - signature, length, IHDR, two numbers
        return None
    width, height = struct.unpack_from(">II", content, 16)
    return width, height


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    at = 2
    while content.startswith(_JPEG) and at + 9 <= len(content) and content[at] == 0xFF:  # noqa: PLR2004 - a marker
        length, height, width = struct.unpack_from(">HxHH", content, at + 2)
        if content[at + 1] in _FRAMES:
            return width, height
        at += 2 + length
    return None
