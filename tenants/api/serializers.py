"""What goes in is exactly what is described; what comes out never holds a secret."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from rest_framework import serializers

LARGEST_PAGE, PAGE = 100, 50
AnyField: TypeAlias = "serializers.Field[Any, Any, Any, Any]"
UNKNOWN = "This name is not known here. Known: {known}."
# How a field looks in JSON: the first that fits. Text for all others.
IN_JSON: tuple[tuple[type[AnyField], tuple[type, ...], str], ...] = (
    (serializers.BooleanField, (bool,), "true or false"),
    (serializers.IntegerField, (int,), "a whole number"),
    (serializers.FloatField, (int, float), "a number"),
    (serializers.ListField, (list,), "a list"),
    (serializers.BaseSerializer, (dict,), "an object"),
    (serializers.Field, (str,), "a text"),
)


def refuse_unknown(given: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    """Raise ValidationError that names whatever nobody has described."""
    said = UNKNOWN.format(known=", ".join(known) or "nothing")
    errors = {name: [said] for name in given if name not in known}
    if errors:
        raise serializers.ValidationError(errors)


class Body(serializers.Serializer[Any]):
    """The JSON of a request: no field besides those described, no type for another."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the checked values; raises ValidationError."""
        refuse_unknown(data, self.fields)
        errors = {
            name: [f"This must be {words}."]
            for name, value in data.items()
            if (words := _misfit(self.fields[name], value))
        }
        if errors:
            raise serializers.ValidationError(errors)
        return super().to_internal_value(data)


class Nothing(Body):
    """An act that needs no values: no body, or an empty object."""


class Filters(serializers.Serializer[Any]):
    """The parameters of a list. `source` of a field names what is compared."""

    cursor = serializers.CharField(
        required=False, max_length=400, help_text="`next` of the page before."
    )
    limit = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=LARGEST_PAGE,
        default=PAGE,
        help_text="How many items at most.",
    )


class FieldError(serializers.Serializer[Any]):
    """What is wrong with one field or parameter."""

    field = serializers.CharField()
    detail = serializers.CharField()


class Problem(serializers.Serializer[Any]):
    """An error, after RFC 9457."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = FieldError(many=True)  # type: ignore[assignment]  # a field of the answer


class Named(serializers.Serializer[Any]):
    """A row that is mentioned: its id and what people call it."""

    id = serializers.UUIDField()
    name = serializers.CharField()


def _misfit(field: AnyField, value: object) -> str:
    """Return what a field should be in JSON, or "" if the value is that."""
    if value is None and field.allow_null:
        return ""
    kinds, words = next((k, w) for base, k, w in IN_JSON if isinstance(field, base))
    fits = isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool))
    return "" if fits else words
