"""`backup` and `restore`: one private file with the database, the keys and the files."""

import contextlib
import hashlib
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from launcher.backup_files import (
    FILES,
    INDEX,
    add_files,
    keep_aside,
    next_part,
    take_files,
    write_index,
)
from launcher.environment import DATABASE
from launcher.files import locked, read_json, write_json, write_private
from launcher.keys import parse_keys
from launcher.places import Places
from launcher.postgres import Postgres
from launcher.prepare import run_prepare
from launcher.product import Product
from launcher.running import end_leftovers, is_running
from launcher.supervisor import stop_servers
from launcher.terminal import Fault, Progress, megabytes

FORMAT = 2
WITHOUT_FILES = 1  # the format before there were files; it still restores
MANIFEST, SECRETS, DUMP = "manifest.json", "secrets.json", "database.dump"
DEMO = "demo.json"  # the demo sign-ins; {} without a demo
PARTS = (SECRETS, DEMO, DUMP, INDEX)  # in this order; the files follow
# What a restore replaces. The queue goes too: it holds nothing but numbers of jobs.
REPLACED = ("pg", "valkey", SECRETS, DEMO, FILES)
ALL_ASIDE = "all-aside"  # marks that from here on everything in place is new


def backup(product: Product, target: Path, *, progress: Progress) -> None:
    """Write a backup to `target`; the product may run or not.

    The database is read in one snapshot, and no file that it knows is left out, so that
    the backup is consistent.
    """
    if not product.places.secrets.exists():
        raise Fault(f"There is nothing to back up in {product.places.state}.")
    folder = Path(tempfile.mkdtemp(prefix="backup-", dir=product.places.state))
    try:
        shutil.copyfile(product.places.secrets, folder / SECRETS)
        write_json(folder / DEMO, read_json(product.places.demo))
        keep_aside(product.places.files, folder / FILES)
        with _server_up(product) as server:
            _dump(server, folder / DUMP)
        keep_aside(product.places.files, folder / FILES)
        write_index(folder / FILES, folder / INDEX)
        manifest = {
            "format": FORMAT,
            "made": datetime.now(tz=UTC).isoformat(timespec="seconds"),
            "sha256": {name: _digest(folder / name) for name in PARTS},
        }
        (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
        _pack(folder, target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    size = megabytes(target.stat().st_size)
    progress.say(f"The backup is in {target} ({size}). It holds keys: keep it private.")


def restore(product: Product, source: Path, *, progress: Progress) -> None:
    """Replace the data of a stopped product by a backup.

    The file is checked before anything is touched; the old data stay aside until the
    new ones are complete, and come back if anything fails.
    """
    places = product.places.make()
    with locked(places.lock, wait=False) as ours:
        if not ours:
            raise Fault("Sightline runs; stop it first: ./sightline stop")
        if product.postgres is None:
            raise Fault("Your own PostgreSQL is in use; restore it with pg_restore.")
        end_leftovers(places)
        undo_interrupted_restore(places)
        folder = Path(tempfile.mkdtemp(prefix="restore-", dir=places.state))
        try:
            _unpack(source, folder)
            _check(product.postgres, folder, source=source)
            progress.say("The backup is complete and undamaged")
            _replace(product, folder, progress=progress)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    progress.say("Restored; start with: ./sightline up")


def undo_interrupted_restore(places: Places) -> None:
    """Bring the old data back if a restore was killed half-way."""
    aside = places.kept_aside
    if not aside.exists():
        return
    if (aside / ALL_ASIDE).exists():
        for name in REPLACED:
            _remove(places.state / name)
        # From here on nothing in place may be removed, even if we are killed now.
        (aside / ALL_ASIDE).unlink()
    _move(aside, places.state)
    shutil.rmtree(aside)


def _replace(product: Product, folder: Path, *, progress: Progress) -> None:
    places, aside = product.places, product.places.kept_aside
    stop_servers(product)
    aside.mkdir(mode=0o700)
    try:
        _move(places.state, aside)
        (aside / ALL_ASIDE).touch()
        for name in (SECRETS, DEMO):
            text = (folder / name).read_text(encoding="utf-8")
            write_private(places.state / name, text)
        (folder / FILES).rename(places.files)
        # Its passwords are now those of the backup.
        _load(Product(places, product.settings), folder / DUMP, progress=progress)
    except BaseException:
        undo_interrupted_restore(places)
        raise
    done = aside.with_name("restored-over")
    aside.rename(done)
    shutil.rmtree(done)


def _move(source: Path, target: Path) -> None:
    for name in REPLACED:
        if (source / name).exists():
            (source / name).rename(target / name)


def _load(product: Product, dump: Path, *, progress: Progress) -> None:
    """Make a new cluster with the roles, and load the dump into it."""
    server = product.postgres
    if server is None:
        return
    server.start()
    try:
        run_prepare(product, progress, "--roles-only")
        create_database(server)
        words = ["--dbname", DATABASE, "--exit-on-error", "--single-transaction"]
        answer = server.run("pg_restore", *words, dump)
    finally:
        server.stop()
    if answer.returncode != 0:
        raise Fault(f"The backup could not be loaded: {_last(answer.stderr)}")


def create_database(server: Postgres) -> None:
    """Make the product's database, empty, unless there is one."""
    ask = f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'"  # noqa: S608 - constant
    if server.run("psql", "-d", "postgres", "-AtXc", ask).stdout.strip():
        return
    answer = server.run("createdb", "--owner", "ws_owner", DATABASE)
    if answer.returncode != 0:
        raise Fault(f"The database could not be made: {_last(answer.stderr)}")


@contextlib.contextmanager
def _server_up(product: Product) -> Iterator[Postgres]:
    server = product.postgres
    if server is None:
        raise Fault("Your own PostgreSQL is in use; back it up with pg_dump.")
    was_up = server.is_ready()
    server.start()
    try:
        yield server
    finally:
        if not was_up and not is_running(product.places):
            server.stop()


def _dump(server: Postgres, target: Path) -> None:
    with target.open("wb") as out:
        words = ["--format=custom", "--dbname", DATABASE]
        answer = server.run("pg_dump", *words, output=out)
    if answer.returncode != 0:
        raise Fault(f"The database could not be read: {_last(answer.stderr)}")


def _pack(folder: Path, target: Path) -> None:
    """Write the archive beside its place, private from the first byte, then rename."""
    target.parent.mkdir(parents=True, exist_ok=True)
    new = target.with_name(f".{target.name}.{os.getpid()}")
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as out:
            with tarfile.open(fileobj=out, mode="w") as archive:
                for name in (MANIFEST, *PARTS):
                    archive.add(folder / name, arcname=name)
                add_files(archive, folder / FILES, folder / INDEX)
            out.flush()
            os.fsync(out.fileno())
        new.replace(target)
    finally:
        new.unlink(missing_ok=True)


def _unpack(source: Path, folder: Path) -> None:
    """Take out the parts we know, in their order; nothing else is looked at."""
    try:
        with tarfile.open(source, mode="r:") as archive:
            _take(archive, MANIFEST, folder)
            for name in _parts_of(folder, source=source):
                _take(archive, name, folder)
            (folder / INDEX).touch()  # empty in a backup without files
            take_files(archive, folder / INDEX, folder / FILES)
    except (OSError, tarfile.TarError, KeyError, EOFError) as error:
        if isinstance(error, FileNotFoundError):
            raise Fault(f"{source} does not exist.") from error
        raise Fault(f"{source} is damaged or no backup of Sightline.") from error


def _take(archive: tarfile.TarFile, name: str, folder: Path) -> None:
    with next_part(archive, name) as part, (folder / name).open("wb") as out:
        shutil.copyfileobj(part, out)


def _parts_of(folder: Path, *, source: Path) -> tuple[str, ...]:
    """Return the parts that a backup of its format has; refuse an unknown format."""
    version = read_json(folder / MANIFEST).get("format")
    if version == WITHOUT_FILES:
        return PARTS[:-1]
    if version in {FORMAT, None}:  # without any, the manifest is damaged: see _check
        return PARTS
    raise Fault(f"{source} has format {version}, this Sightline reads {FORMAT}.")


def _check(server: Postgres, folder: Path, *, source: Path) -> None:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        sums = dict(manifest["sha256"])
    except (ValueError, KeyError, TypeError) as error:
        raise Fault(f"{source} is damaged: its manifest cannot be read.") from error
    for name in _parts_of(folder, source=source):
        if sums.get(name) != _digest(folder / name):
            raise Fault(f"{source} is damaged: {name} is not what was saved.")
    text = (folder / SECRETS).read_text(encoding="utf-8")
    parse_keys(text, where=f"{SECRETS} in {source}")
    if server.run("pg_restore", "--list", folder / DUMP).returncode != 0:
        raise Fault(f"{source} is damaged: its database cannot be read.")


def _digest(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _last(said: bytes) -> str:
    lines = said.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "no reason given"
