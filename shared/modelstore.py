"""The model store: versioned artifacts at an fsspec URL, each with a manifest of checksums.

    <url>/<name>/<version>/<files>, and manifest.json, written last

An artifact is a folder of files. Its version follows from its content, so storing the same content
twice changes nothing. Nothing in here is ever unpickled or otherwise run.
"""

import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

import fsspec

MANIFEST = "manifest.json"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")


class ArtifactMissing(Exception):
    """The store has no such artifact; the message says which command makes one."""


class ArtifactCorrupt(Exception):
    """A file of the artifact is not what its manifest says; the message names it."""


@dataclass(frozen=True)
class FileEntry:
    """Checksum (hexadecimal) and bytes of one file."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Manifest:
    """What an artifact consists of. `files` by relative path; `metadata` is the maker's own."""

    name: str
    version: str
    created_at: str
    files: Mapping[str, FileEntry]
    metadata: Mapping[str, str]


class ModelStore:
    """Artifacts below `url`: a directory's path, file://, s3://, or whatever fsspec knows.

    All methods block. Errors of the store itself are OSErrors.
    """

    def __init__(self, url: str, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.url = url
        place = url if "://" in url else str(Path(url).expanduser().absolute())
        self._files, self._root = fsspec.core.url_to_fs(place)
        self._clock = clock

    def put(self, name: str, folder: Path, metadata: Mapping[str, str] | None = None) -> str:
        """Stores every file of `folder` and returns the artifact's version."""
        files = {
            path.relative_to(folder).as_posix(): _entry_of(path)
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.name != MANIFEST
        }
        version = version_of(files)
        target = self._path(name, version)
        if self._files.exists(f"{target}/{MANIFEST}"):
            return version
        for relative in files:
            remote = f"{target}/{relative}"
            self._files.makedirs(self._files._parent(remote), exist_ok=True)
            self._files.put_file(str(folder / relative), remote)
        created_at = self._clock().astimezone(UTC).isoformat()
        manifest = Manifest(name, version, created_at, files, dict(metadata or {}))
        # A reader sees the whole manifest or none.
        part = f"{target}/{MANIFEST}.part"
        self._files.pipe_file(part, json.dumps(asdict(manifest), indent=2).encode())
        self._files.mv(part, f"{target}/{MANIFEST}")
        return version

    def fetch(self, name: str, version: str, cache: Path) -> Path:
        """A local folder with the artifact, every file checked; copied into `cache` if need be.

        Raises ArtifactMissing or ArtifactCorrupt.
        """
        local = cache / name / version
        if (local / MANIFEST).is_file():
            try:
                verify(local)
                return local
            except ArtifactCorrupt:
                shutil.rmtree(local)
        manifest = self.manifest(name, version)
        local.parent.mkdir(parents=True, exist_ok=True)
        incoming = Path(tempfile.mkdtemp(prefix=f".{version}.", dir=local.parent))
        try:
            self._download(manifest, incoming)
            verify(incoming)
            try:
                incoming.replace(local)
            except OSError:
                # Another process was faster; what it put there counts if it is whole.
                verify(local)
        finally:
            shutil.rmtree(incoming, ignore_errors=True)
        return local

    def versions(self, name: str, metadata: Mapping[str, str] | None = None) -> list[str]:
        """Versions of the artifact that are completely stored, the oldest first; with `metadata`
        those whose maker said at least that of them."""
        wanted = (metadata or {}).items()
        folder = self._path(name)
        self._files.invalidate_cache()
        if not self._files.exists(folder):
            return []
        candidates = [PurePosixPath(path).name for path in self._files.ls(folder, detail=False)]
        manifests = [
            self.manifest(name, version)
            for version in candidates
            if self._files.exists(f"{folder}/{version}/{MANIFEST}")
        ]
        ordered = sorted(manifests, key=lambda m: (m.created_at, m.version))
        return [m.version for m in ordered if wanted <= m.metadata.items()]

    def names(self) -> list[str]:
        """Of all artifacts; none while there is no store."""
        self._files.invalidate_cache()
        try:
            found = self._files.ls(self._root, detail=False)
        except FileNotFoundError:
            return []
        names = (PurePosixPath(path).name for path in found)
        return sorted(name for name in names if _NAME.fullmatch(name))

    def latest(self, name: str, metadata: Mapping[str, str] | None = None) -> str | None:
        """The version stored last, of those with this metadata; None if there is none."""
        return next(reversed(self.versions(name, metadata)), None)

    def require_latest(self, name: str) -> str:
        """The version stored last; raises ArtifactMissing."""
        version = self.latest(name)
        if version is None:
            raise self._missing(name)
        return version

    def _path(self, name: str, version: str | None = None) -> str:
        for part in (name, version):
            if part is not None and not _NAME.fullmatch(part):
                raise ValueError(f"not a name for an artifact or version: {part!r}")
        return "/".join(filter(None, (self._root.rstrip("/"), name, version)))

    def manifest(self, name: str, version: str) -> Manifest:
        path = f"{self._path(name, version)}/{MANIFEST}"
        try:
            content = self._files.cat_file(path)
        except FileNotFoundError:
            raise self._missing(f"{name}@{version}") from None
        manifest = _parse_manifest(content, path)
        if (manifest.name, manifest.version) != (name, version):
            raise ArtifactCorrupt(f"{path}: the manifest of another artifact")
        return manifest

    def _download(self, manifest: Manifest, folder: Path) -> None:
        source = self._path(manifest.name, manifest.version)
        for relative in [*manifest.files, MANIFEST]:
            target = folder / relative
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._files.get_file(f"{source}/{relative}", str(target))
            except FileNotFoundError:
                raise ArtifactCorrupt(f"{source}/{relative}: the file is gone") from None

    def _missing(self, what: str) -> ArtifactMissing:
        return ArtifactMissing(f"no {what} in the model store {self.url}: `make train` makes one")


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a fetched artifact. Raises OSError or ArtifactCorrupt."""
    path = folder / MANIFEST
    return _parse_manifest(path.read_bytes(), str(path))


def verify(folder: Path) -> None:
    """Checks every file against the manifest; raises ArtifactCorrupt naming the first bad one."""
    manifest = read_manifest(folder)
    for relative, expected in manifest.files.items():
        path = folder / relative
        if not path.is_file():
            raise ArtifactCorrupt(f"{path}: the file is gone")
        if _entry_of(path) != expected:
            raise ArtifactCorrupt(f"{path}: content differs from the manifest's sha256")
    if version_of(manifest.files) != manifest.version:
        raise ArtifactCorrupt(f"{folder / MANIFEST}: the version does not follow from the files")


def version_of(files: Mapping[str, FileEntry]) -> str:
    """12 hexadecimal digits that follow from the files' names and content."""
    lines = "".join(f"{entry.sha256}  {path}\n" for path, entry in sorted(files.items()))
    return hashlib.sha256(lines.encode()).hexdigest()[:12]


def _entry_of(path: Path) -> FileEntry:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return FileEntry(digest, path.stat().st_size)


def _parse_manifest(content: bytes, where: str) -> Manifest:
    try:
        data: dict[str, Any] = json.loads(content)
        files = {path: FileEntry(**entry) for path, entry in data["files"].items()}
        manifest = Manifest(**{**data, "files": files})
    except (ValueError, TypeError, KeyError, AttributeError):
        raise ArtifactCorrupt(f"{where}: not a manifest") from None
    for path in manifest.files:
        if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
            raise ArtifactCorrupt(f"{where}: a file outside the artifact")
    return manifest
