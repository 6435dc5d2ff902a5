"""The database roles: who owns, who works, who looks across, who dispatches."""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import sql

OWNER: Final = "ws_owner"
APPLICATION: Final = "ws_app"
ROLLUP: Final = "ws_rollup"
DISPATCH: Final = "ws_dispatch"

# The owner bypasses row-level security, because a migration that is subject to it
# silently changes nothing; it is used by migrations only. Nobody else bypasses.
OPTIONS: Final[dict[str, str]] = {
    OWNER: "LOGIN CREATEDB BYPASSRLS NOSUPERUSER NOCREATEROLE",
    APPLICATION: "LOGIN NOCREATEDB NOBYPASSRLS NOSUPERUSER NOCREATEROLE",
    DISPATCH: "LOGIN NOCREATEDB NOBYPASSRLS NOSUPERUSER NOCREATEROLE",
    ROLLUP: "NOLOGIN NOCREATEDB NOBYPASSRLS NOSUPERUSER NOCREATEROLE",
}


class RolesNotReady(RuntimeError):
    """The database server cannot hold our roles; the text says why."""


@dataclass(frozen=True, slots=True)
class Login:
    """Role name, password and database of one connection address."""

    role: str
    password: str
    database: str

    @classmethod
    def from_url(cls, url: str) -> "Login":
        """Read a postgresql:// address."""
        parts = urlsplit(url)
        return cls(
            unquote(parts.username or ""),
            unquote(parts.password or ""),
            unquote(parts.path.lstrip("/")),
        )


def prepare_roles(admin_url: str, *, logins: list[Login]) -> None:
    """Create or correct the roles; may be repeated, keeps everything else.

    `logins` are the owner's, the application's and the dispatcher's; each must use
    the role name that policies and grants name.
    """
    expected = [OWNER, APPLICATION, DISPATCH]
    if [login.role for login in logins] != expected:
        raise RolesNotReady(f"The database roles must be named {', '.join(expected)}.")
    try:
        with psycopg.connect(admin_url, autocommit=True) as connection:
            passwords = {login.role: login.password for login in logins}
            for role, options in OPTIONS.items():
                _role(connection, role, options, passwords.get(role))
            # Without INHERIT FALSE the roll-up's policy would widen every query.
            connection.execute(
                f"GRANT {ROLLUP} TO {APPLICATION} WITH INHERIT FALSE, SET TRUE"
            )
    except psycopg.errors.InsufficientPrivilege as error:
        raise RolesNotReady(
            "The administrator's database account may not create roles with BYPASSRLS."
        ) from error


def prepare_database(admin_url: str, *, owner: Login) -> None:
    """Create the database, owned by the owner role, if it is not there."""
    with psycopg.connect(admin_url, autocommit=True) as connection:
        found = connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [owner.database]
        ).fetchone()
        if found is None:
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(
                    sql.Identifier(owner.database), sql.Identifier(owner.role)
                )
            )


def _role(
    connection: "psycopg.Connection[Any]",
    role: str,
    options: str,
    password: str | None,
) -> None:
    found = connection.execute(
        "SELECT 1 FROM pg_roles WHERE rolname = %s", [role]
    ).fetchone()
    statement = sql.SQL("{} ROLE {} " + options).format(
        sql.SQL("ALTER" if found else "CREATE"), sql.Identifier(role)
    )
    if password is not None:
        statement += sql.SQL(" PASSWORD {}").format(sql.Literal(password))
    connection.execute(statement)
