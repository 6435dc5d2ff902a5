"""Makes the database ready: roles, database, migrations, and the demo if asked for."""

import os
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.demo.seed import seed_demo
from config.env import PREFIX, env_secret
from tenants.services.master_key import WrongMasterKey, remember_master_key
from tenants.services.roles import (
    Login,
    RolesNotReady,
    prepare_database,
    prepare_roles,
)


class Command(BaseCommand):
    """May be repeated at every start; says what it does, one line each."""

    help = "Create roles and database, migrate, and seed the demo (SIGHTLINE_DEMO)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Add --roles-only, which is what tests need."""
        parser.add_argument("--roles-only", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        """Run the steps in order."""
        try:
            self._roles()
        except RolesNotReady as error:
            raise CommandError(str(error)) from error
        if options["roles_only"]:
            return
        self._say("Migrating the database")
        call_command("migrate", database="owner", verbosity=0, interactive=False)
        try:
            remember_master_key()
        except WrongMasterKey as error:
            raise CommandError(str(error)) from error
        # Our API answers in JSON only: the browsable API's files are never served.
        call_command(
            "collectstatic",
            verbosity=0,
            interactive=False,
            ignore_patterns=["rest_framework*"],
        )
        if settings.DEMO:
            self._say("Seeding the demo plant")
            seed_demo(
                demo_file=os.environ.get(PREFIX + "DEMO_FILE", ""),
                inventory=os.environ.get(PREFIX + "PLANT_INVENTORY", ""),
                webhook_url=os.environ.get(PREFIX + "DEMO_WEBHOOK_URL", ""),
                webhook_secret=env_secret("DEMO_WEBHOOK_SECRET", ""),
            )

    def _roles(self) -> None:
        admin_url = env_secret("ADMIN_DATABASE_URL", "")
        if not admin_url:
            self._say("Using the database roles that are there")
            return
        self._say("Preparing database roles")
        logins = [
            Login.from_url(env_secret(name))
            for name in (
                "OWNER_DATABASE_URL",
                "DATABASE_URL",
                "DISPATCH_DATABASE_URL",
            )
        ]
        prepare_roles(admin_url, logins=logins)
        prepare_database(admin_url, owner=logins[0])

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
