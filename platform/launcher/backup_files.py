"""The sealed files in a backup: kept aside by links, listed with checksums, streamed.

They are sealed already and are never opened here. Memory stays flat however many and
however large they are.
"""

import errno
import hashlib
import os
import re
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from launcher.terminal import Fault

FILES = "files"  # the folder, in the data folder and in the archive
INDEX = "files.sha256"  # a line for each file, as sha256sum writes it
ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
LINE = re.compile(rf"([0-9a-f]{{64}})  ({FILES}/{ID}/{ID})\n")
PIECE = 1024 * 1024


def keep_aside(source: Path, target: Path) -> None:
    """Link the files that are there now into `target`, where no removal reaches them.

    Called before and after the database is read: what its snapshot knows was there at
    one of the two moments. Files never change, so a link is as good as a copy.
    """
    for path in _files(source):
        kept = target / path.relative_to(source)
        kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            os.link(path, kept)
        except (FileExistsError, FileNotFoundError):
            continue  # linked before, or removed just now
        except OSError as error:
            if error.errno not in {errno.EXDEV, errno.EPERM, errno.EMLINK}:
                raise
            shutil.copyfile(path, kept)  # the folder is on another disk


def write_index(folder: Path, index: Path) -> None:
    """List the files below `folder` with their checksums."""
    with index.open("w", encoding="ascii") as out:
        for path in _files(folder):
            with path.open("rb") as content:
                digest = hashlib.file_digest(content, "sha256").hexdigest()
            out.write(f"{digest}  {FILES}/{path.relative_to(folder).as_posix()}\n")


def add_files(archive: tarfile.TarFile, folder: Path, index: Path) -> None:
    """Append the files to the archive, in the order of the index."""
    for _, name in _lines(index):
        path = folder.parent / name
        info = tarfile.TarInfo(name)
        info.size, info.mode = path.stat().st_size, 0o600
        with path.open("rb") as content:
            archive.addfile(info, content)
        _forget(archive)


def take_files(archive: tarfile.TarFile, index: Path, folder: Path) -> None:
    """Take the listed files out, each checked; nothing else in the archive is looked at.

    Raises KeyError when one is not where the index says, Fault when one is damaged.
    """
    folder.mkdir(mode=0o700)
    for digest, name in _lines(index):
        target = folder.parent / name
        target.parent.mkdir(mode=0o700, exist_ok=True)
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        seen = hashlib.sha256()
        with os.fdopen(handle, "wb") as out, next_part(archive, name) as content:
            while piece := content.read(PIECE):
                seen.update(piece)
                out.write(piece)
        if seen.hexdigest() != digest:
            raise Fault(f"The backup is damaged: {name} is not what was saved.")


def next_part(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    """Return the next file of an archive, which must have this name; else KeyError."""
    member = archive.next()
    _forget(archive)
    if member is None or member.name != name or not member.isreg():
        raise KeyError(name)
    content = archive.extractfile(member)
    if content is None:
        raise KeyError(name)
    return content


def _forget(archive: tarfile.TarFile) -> None:
    """Let the archive not remember every file that it has seen."""
    archive.members.clear()  # type: ignore[attr-defined]  # the stubs do not know it


def _files(folder: Path) -> Iterator[Path]:
    """Yield the complete files of all workspaces; a half-written one has another name."""
    for workspace in _entries(folder):
        if re.fullmatch(ID, workspace.name) and workspace.is_dir(follow_symlinks=False):
            for entry in _entries(Path(workspace.path)):
                if re.fullmatch(ID, entry.name) and entry.is_file(
                    follow_symlinks=False
                ):
                    yield Path(entry.path)


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    if folder.is_dir():
        with os.scandir(folder) as entries:
            yield from entries


def _lines(index: Path) -> Iterator[tuple[str, str]]:
    with index.open(encoding="ascii") as lines:
        for line in lines:
            found = LINE.fullmatch(line)
            if found is None:  # a name from elsewhere would be written elsewhere
                raise Fault("The backup is damaged: its list of files cannot be read.")
            yield found[1], found[2]
