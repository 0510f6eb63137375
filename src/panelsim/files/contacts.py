"""Reading the rules by which contacts become draft personas."""

from panelsim.errors import InputError
from panelsim.files.document import parse_document
from panelsim.files.faults import validate
from panelsim.files.folders import files_in, read_text
from panelsim.files.profiles import shown
from panelsim.model.contacts import ContactRules


def read_contact_rules() -> ContactRules:
    """The rules of `personas/imports/contacts.yaml`, one's own before the shipped. InputError if unsound."""
    path = files_in("personas").get("imports/contacts")
    if path is None:
        raise InputError("personas/imports/contacts.yaml is missing, expected the rules of contact imports")
    document = parse_document(read_text(path), shown(path))
    return validate(ContactRules, document, document.value)
