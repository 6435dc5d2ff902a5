"""People: one account a person, known by e-mail address."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower

from common.ids import uuid7


class UserManager(BaseUserManager["User"]):
    """Makes accounts."""

    def create_user(self, *, email: str, name: str, password: str | None) -> "User":
        """Make an account; without a password nobody can sign in to it."""
        user = self.model(email=self.normalize_email(email).lower(), name=name)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person. What they may do is in their memberships, never here."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(Lower("email"), name="one_account_per_email"),
        ]

    def __str__(self) -> str:
        """Return the person's name, or the address where no name is known."""
        return self.name or self.email

    def get_full_name(self) -> str:
        """Return the person's name."""
        return self.name
