"""Files that were sent, by the bot or by people: by their id and by their path, as photos and as documents."""

import mimetypes
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from bot.sandbox.telegram.params import Upload
from bot.sandbox.telegram.photos import sizes_of
from bot.sandbox.telegram.refusals import bad_request

DOWNLOAD_BYTES = 20 << 20


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
    """Everything that was sent; the same again is another file. An id is too long for the data of a button."""

    def __init__(self) -> None:
        self._by_id: dict[str, Stored] = {}
        self._by_path: dict[str, Stored] = {}
        self._fields: dict[str, dict[str, Any]] = {}

    def keep_document(self, upload: Upload) -> dict[str, Any]:
        """Keep a file of any kind; returns the field of the message that shows it."""
        extension = upload.name.rpartition(".")[2] if "." in upload.name else "bin"
        stored = self._store(upload, "documents", extension)
        mime_type = mimetypes.guess_type(upload.name)[0] or upload.mime_type or "application/octet-stream"
        shown = {"file_name": upload.name, "mime_type": mime_type, **stored.as_file()}
        self._fields[stored.file_id] = {"document": shown}
        return {"document": shown}

    def keep_photo(self, upload: Upload) -> dict[str, Any]:
        """Keep a picture in all its sizes; returns the field of the message that shows it.

        Raises:
            Refusal: it cannot be a photo.
        """
        photo = []
        for size in sizes_of(upload.content):
            stored = self._store(Upload(upload.name, "", size.content), "photos", size.extension)
            photo.append({**stored.as_file(), "width": size.width, "height": size.height})
        for shown in photo:
            self._fields[str(shown["file_id"])] = {"photo": photo}
        return {"photo": photo}

    def keep(self, kind: str, upload: Upload) -> dict[str, Any]:
        """Keep a `photo` or a `document`."""
        ways: dict[str, Callable[[Upload], dict[str, Any]]] = {
            "document": self.keep_document,
            "photo": self.keep_photo,
        }
        return ways[kind](upload)

    def again(self, kind: str, file_id: str) -> dict[str, Any]:
        """Return the field of a message that shows what was sent before; any size stands for the whole photo.

        Raises:
            Refusal: there is no such file, or it was sent as something else.
        """
        if file_id.startswith(("http://", "https://")):
            raise bad_request("failed to get HTTP URL content")
        fields = self._fields.get(file_id)
        if fields is None:
            raise bad_request("wrong file identifier/HTTP URL specified")
        if kind not in fields:
            raise bad_request("type of file mismatch")
        return dict(fields)

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

    def _store(self, upload: Upload, folder: str, extension: str) -> Stored:
        number = len(self._by_path)
        digest = sha256(upload.content + str(number).encode()).hexdigest()
        path = f"{folder}/file_{number}.{extension}"
        stored = Stored(f"{folder}-{digest}", digest[:16], path, upload)
        self._by_id[stored.file_id] = self._by_path[path] = stored
        return stored
