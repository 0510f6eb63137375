"""A drafted persona as a YAML file that a person can read, judge and approve."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import yaml

from panelsim.model.draft import Draft, DraftField, DraftItem
from panelsim.reporting.words import MISSING, one_line

Lines = Iterator[str]

WIDTH = 10_000
"""No line is broken: a comment stands behind some."""
LEVELS = ("hexaco", "decision")
JOURNEY = ("research", "trusted_sources", "influencers")


class DraftFacts(NamedTuple):
    """How a draft was made."""

    draft_id: str
    model: str
    day: str
    """YYYY-MM-DD."""
    version: str
    """Of panelsim."""


def render_draft(draft: Draft, facts: DraftFacts) -> str:
    """The file's text. What could not be asked for stands there empty, with the reason."""
    return "\n".join([*_head(draft, facts), *_body(draft), *_provenance(draft, facts)]) + "\n"


def left_out(draft: Draft) -> tuple[str, ...]:
    """What was not answered and what was dropped, one sentence each."""
    told: list[str] = []
    for field in draft.fields:
        if field.missing is not None:
            told.append(f"{field.name}: nothing stands there, {MISSING[field.missing.reason]}")
        told += [f"{field.name}: left out {what}" for what in field.left_out]
    return tuple(told)


def _head(draft: Draft, facts: DraftFacts) -> Lines:
    notes = ", ".join(note.id for note in draft.request.notes) or "none"
    yield f"# Drafted by the model {facts.model} on {facts.day} with panelsim {facts.version}."
    yield f"# Draft {facts.draft_id}; ICP {draft.request.icp.id}; notes: {notes}."
    yield "# Behind each field: what it rests on, and the key of the call that said it (the store has it)."
    yield "# No person has said so: read it, mend it, then: panelsim persona approve FILE"
    yield from _pair("id", draft.request.id)
    yield from _pair("name", draft.request.role)
    yield from _pair("title", draft.request.role)
    yield "version: 1"
    yield "status: draft  # until a person approves it"
    yield f"icps: [{draft.request.icp.id}]"


def _body(draft: Draft) -> Lines:
    for name in ("committee_role", "authority"):
        yield from _one(draft.field(name), name)
    for name in ("function", "responsibilities", "kpis", "goals"):
        yield from _one(draft.field(name), name) if name == "function" else _list(draft.field(name), name)
    yield from _list(draft.field("pains"), "pains")
    for name in ("motivations", "fears"):
        yield from _list(draft.field(name), name)
    yield "journey:"
    for part in JOURNEY:
        yield from _list(draft.field(f"journey.{part}"), part, indent="  ")
    for name in ("channels", "objections", "triggers"):
        yield from _list(draft.field(name), name)
    for group in LEVELS:
        yield from _levels(draft, group)
    yield from _one(draft.field("communication_style"), "communication_style")


def _one(field: DraftField, name: str) -> Lines:
    """A field that is one text."""
    if not field.items:
        yield f"# {name}: (empty: {_why(field)})  {_keys(field)}"
        return
    (item,) = field.items[:1]
    yield f"{name}: {_scalar(item.text)}  # {_rests(item)}; {_keys(field)}"


def _list(field: DraftField, name: str, indent: str = "") -> Lines:
    if not field.items:
        yield f"{indent}{name}: []  # empty: {_why(field)}; {_keys(field)}"
        return
    yield f"{indent}{name}:  # {field.basis}; {_keys(field)}"
    for item in field.items:
        if item.quote and item.ground is not None:
            yield f"{indent}  - text: {_scalar(item.text)}"
            yield f"{indent}    quote: {_scalar(item.quote)}"
            yield f"{indent}    source: {_scalar(_source(item))}"
        else:
            yield f"{indent}  - {_scalar(item.text)}  # {_rests(item)}"


def _levels(draft: Draft, group: str) -> Lines:
    """Trait levels or decision parameters; an unanswered one is left out, which means the middle."""
    fields = [field for field in draft.fields if field.name.startswith(f"{group}.")]
    stated = [(field, field.level) for field in fields if field.level is not None]
    yield f"{group}:" if stated else f"# {group}: (empty: nothing was answered)"
    for field, level in stated:
        yield f"  {field.name.partition('.')[2]}: {level:g}  # invented; {_keys(field)}"
    for field in fields:
        if field.level is None:
            yield f"  # {field.name.partition('.')[2]}: (empty: {_why(field)})  {_keys(field)}"


def _provenance(draft: Draft, facts: DraftFacts) -> Lines:
    groups: dict[str, list[DraftField]] = {}
    for field in draft.fields:
        if field.items or field.level is not None:
            groups.setdefault(field.name.partition(".")[0], []).append(field)
    inferred = {
        name: fields for name, fields in groups.items() if all(field.basis == "inferred" for field in fields)
    }
    invented = [name for name in groups if name not in inferred]
    yield "provenance:"
    for name, fields in inferred.items():
        grounds = [ground for field in fields for ground in field.grounds]
        sources = dict.fromkeys(f"note {ground.note} ({ground.source})" for ground in grounds)
        yield from _entry(
            {
                "fields": (name,),
                "basis": "inferred",
                "source": "; ".join(sources),
                "date": max(ground.date for ground in grounds),
            }
        )
    if invented:
        yield from _entry(
            {
                "fields": tuple(invented),
                "basis": "invented",
                "source": f"model {facts.model}, draft {facts.draft_id} of {facts.day}",
            }
        )


def _entry(value: Mapping[str, str | tuple[str, ...]]) -> Lines:
    for at, (name, part) in enumerate(value.items()):
        shown = f"[{', '.join(part)}]" if isinstance(part, tuple) else _scalar(part)
        yield f"  {'  ' if at else '- '}{name}: {shown}"


def _pair(name: str, text: str) -> Lines:
    yield f"{name}: {_scalar(text)}"


def _scalar(text: str) -> str:
    """`text` as a YAML scalar on one line, quoted where it would be read as something else."""
    dumped: str = yaml.safe_dump(one_line(text), allow_unicode=True, width=WIDTH)
    return dumped.splitlines()[0]


def _rests(item: DraftItem) -> str:
    return f"rests on {item.ground.note}#{item.ground.place}" if item.ground else "invented"


def _source(item: DraftItem) -> str:
    if (ground := item.ground) is None:
        return ""
    return f"{ground.who}, {ground.source}, {ground.date} ({ground.note}#{ground.place})"


def _why(field: DraftField) -> str:
    return MISSING[field.missing.reason] if field.missing else "nothing was said"


def _keys(field: DraftField) -> str:
    return " ".join(key[:18] for key in field.call_keys)
