"""One copy of the product on this machine: its places, keys and servers, put together."""

from dataclasses import dataclass
from functools import cached_property

from launcher.accounts import service_account
from launcher.binaries import postgres_programs, valkey_program
from launcher.environment import Services, django_environment, embedded_services
from launcher.keys import Keys, keys_of
from launcher.places import Places
from launcher.postgres import Postgres
from launcher.programs import Programs, product_venv
from launcher.settings import Settings
from launcher.valkey import Valkey
from launcher.venv import Venv


@dataclass(frozen=True)
class Product:
    """Knows everything that a command needs; starts nothing by itself."""

    places: Places
    settings: Settings

    @property
    def venv(self) -> Venv:
        """The environment whose wheels hold the servers."""
        return product_venv(self.places.root)

    @cached_property
    def keys(self) -> Keys:
        """The keys of this copy, made on first use."""
        return keys_of(self.places.secrets)

    @property
    def postgres(self) -> Postgres | None:
        """The embedded PostgreSQL, or None when the operator brings one."""
        if self.settings.own_database:
            return None
        return embedded_postgres(self.places, venv=self.venv, keys=self.keys)

    @property
    def valkey(self) -> Valkey | None:
        """The embedded Valkey, or None when the operator brings a Redis."""
        if self.settings.own_redis:
            return None
        return embedded_valkey(self.places, venv=self.venv)

    @property
    def services(self) -> Services:
        """Where the database and the broker are reached, embedded or not."""
        embedded = embedded_services(
            keys=self.keys,
            postgres=self.places.state / "pg" / "s",
            valkey=self.places.state / "valkey" / "v.sock",
        )
        return Services(
            admin_url=self.settings.own_database or embedded.admin_url,
            redis_url=self.settings.own_redis or embedded.redis_url,
        )

    @property
    def environment(self) -> dict[str, str]:
        """The environment of Django's processes."""
        return django_environment(
            self.places, self.settings, keys=self.keys, services=self.services
        )

    @property
    def programs(self) -> Programs:
        """The processes of this copy."""
        return Programs(self.places, self.settings, self.keys, self.environment)


def embedded_postgres(
    places: Places, *, venv: Venv, keys: Keys, durable: bool = True
) -> Postgres:
    """Return the PostgreSQL whose data lies in the data folder."""
    account = service_account()
    return Postgres(
        home=places.state / "pg",
        programs=postgres_programs(venv.packages, state=places.state, account=account),
        log=places.log("postgres"),
        password=keys.admin_password,
        account=account,
        durable=durable,
    )


def embedded_valkey(places: Places, *, venv: Venv) -> Valkey:
    """Return the Valkey whose data lies in the data folder."""
    return Valkey(
        home=places.state / "valkey",
        program=valkey_program(venv.packages),
        log=places.log("valkey"),
    )
