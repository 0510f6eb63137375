"""The base of every noun: frozen, closed to unknown fields; and the form of ids."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
"""Lower-case letters, digits, dot, dash, underscore; at most 64 characters."""

_ALL_FIELDS: dict[type[BaseModel], set[str]] = {}


class Frozen(BaseModel):
    """An immutable value that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Many(Frozen):
    """A value that exists a hundred thousand times.

    pydantic keeps in every instance which fields were given, 700 bytes that nobody here asks for: they share
    one set that names all.
    """

    def model_post_init(self, _context: object, /) -> None:
        """Puts the shared set in place of the instance's own."""
        kind = type(self)
        names = _ALL_FIELDS.get(kind)
        if names is None:
            names = _ALL_FIELDS[kind] = set(kind.model_fields)
        object.__setattr__(self, "__pydantic_fields_set__", names)

    @classmethod
    def made(cls, values: Mapping[str, object]) -> Self:
        """An instance of `values` that are known to be complete and valid; nothing is checked."""
        one = cls.__new__(cls)
        names = _ALL_FIELDS.get(cls)
        if names is None:
            names = _ALL_FIELDS[cls] = set(cls.model_fields)
        _set(one, "__dict__", values)
        _set(one, "__pydantic_fields_set__", names)
        _set(one, "__pydantic_extra__", None)
        _set(one, "__pydantic_private__", None)
        return one


_set = object.__setattr__
