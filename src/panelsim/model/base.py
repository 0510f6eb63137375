"""The base of every noun: frozen, closed to unknown fields."""

from pydantic import BaseModel, ConfigDict

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
