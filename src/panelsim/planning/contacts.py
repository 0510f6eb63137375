"""Contacts to draft personas: columns told apart, contacts grouped by function and seniority."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple, get_args

from panelsim.errors import InputError
from panelsim.model.contacts import ContactRules, Standing, Statement, TitleRule, Use
from panelsim.model.persona import Pain, Persona, Provenance
from panelsim.model.table import Table
from panelsim.planning.redaction import Kind, Names, holds_personal, redact

MOST_STATEMENTS = 6
"""Texts of one field that a draft keeps, the most common first."""
LONGEST = 300
"""Characters of one text; what is longer is a story and no statement."""
PERSONAL_SHARE = 0.2
"""Share of a column's cells with an e-mail address, a link or a phone number from which on it is dropped."""
LOOKED_AT = 2_000
"""Cells of a column that are searched for personal data to judge it as a whole."""
_TAKEN_OUT = re.compile(r"\[(?:e-mail|link|phone|name)\]")
USES: tuple[Use, ...] = get_args(Use)
STATEMENTS: tuple[Statement, ...] = get_args(Statement)


class Columns(NamedTuple):
    """What each column of an export is read for."""

    uses: Mapping[str, str]
    """Use or persona field to column."""
    by_name: tuple[str, ...]
    """Dropped for their names."""
    by_content: tuple[tuple[str, Kind], ...]
    """Dropped for what their cells hold."""
    unused: tuple[str, ...]

    @property
    def personal(self) -> tuple[str, ...]:
        """Dropped columns."""
        return (*self.by_name, *(name for name, _ in self.by_content))


class Group(NamedTuple):
    """Contacts of one function at one seniority."""

    function: TitleRule
    seniority: TitleRule
    standing: Standing
    contacts: int
    told: Standing | None
    """What most of their own buying roles say; None if none is stated."""
    in_market: float | None
    """Share of those with a lifecycle stage that are looking now; None if none is stated."""
    statements: Mapping[Statement, tuple[str, ...]]

    @property
    def id(self) -> str:
        """`sales-vp`."""
        return f"{self.function.name}-{self.seniority.name}"


class Import(NamedTuple):
    """What an export comes to."""

    columns: Columns
    contacts: int
    dropped: int
    """Cells of personal columns that held anything."""
    redacted: Counter[Kind]
    groups: tuple[Group, ...]
    """Large enough to be written, the largest first."""
    small: tuple[Group, ...]
    unplaced: int
    """Contacts of no known function."""
    unplaced_titles: tuple[tuple[str, int], ...]
    """The most common of their titles, redacted; only those that several hold."""


def read_contacts(table: Table, rules: ContactRules, mapped: Mapping[str, str], least: int) -> Import:
    """The contacts of `table` in groups. `mapped` says which column fills a use or a field of a persona.

    Groups of fewer than `least` contacts are not written: a persona of one person is that person.
    InputError if a column is unknown or personal, or none tells what people do.
    """
    columns = tell_columns(table, rules, mapped)
    if not {"title", "department"} & set(columns.uses):
        raise InputError(
            f"{table.name}: no column is known to hold a job title or a department, expected one of "
            f"{', '.join(rules.columns.title)}; name it with --map COLUMN=title"
        )
    names = Names(cell for name in columns.personal if _is_name(name) for cell in table.columns[name])
    redacted: Counter[Kind] = Counter()
    cells = {
        # what only sorts a contact into a group is written nowhere
        use: table.columns[name] if use in USES else _clean(table.columns[name], names, redacted)
        for use, name in columns.uses.items()
    }
    return _grouped(table, columns, rules, cells, names, redacted, least)


def tell_columns(table: Table, rules: ContactRules, mapped: Mapping[str, str]) -> Columns:
    """What each column is for. InputError if `mapped` asks for one that is not there or is personal."""
    by_name = tuple(name for name in table.columns if _is_personal(name, rules))
    uses: dict[str, str] = {}
    for use, column in mapped.items():
        table.column(column)  # refuses an unknown one
        if column in by_name:
            raise InputError(
                f"{table.name}: column {column!r} holds personal data and is never read, "
                f"expected another for {use}"
            )
        uses[use] = column
    folded = {_folded(name): name for name in table.columns if name not in by_name}
    for use in USES:
        found = next(
            (folded[_folded(one)] for one in getattr(rules.columns, use) if _folded(one) in folded), None
        )
        if use not in uses and found is not None and found not in uses.values():
            uses[use] = found
    by_content = tuple(
        (name, kind)
        for name, cells in table.columns.items()
        if name not in by_name and name not in uses.values() and (kind := _personal_kind(cells)) is not None
    )
    known = {*by_name, *uses.values(), *(name for name, _ in by_content)}
    return Columns(uses, by_name, by_content, tuple(name for name in table.columns if name not in known))


def draft_persona(group: Group, icp: str, file: str, columns: Columns, date: str) -> Persona:
    """A draft with what the contacts tell and nothing else; `date` is when they were read, YYYY-MM-DD."""
    standing = group.told or group.standing
    texts = group.statements
    return Persona(
        id=group.id,
        name=f"{group.seniority.title}, {group.function.title}",
        title=f"{group.seniority.title}, {group.function.title}",
        status="draft",
        icps=(icp,),
        committee_role=standing.role,
        authority=standing.authority,
        function=group.function.title,
        responsibilities=texts.get("responsibilities", ()),
        kpis=texts.get("kpis", ()),
        goals=texts.get("goals", ()),
        pains=tuple(Pain(text=text) for text in texts.get("pains", ())),
        fears=texts.get("fears", ()),
        objections=texts.get("objections", ()),
        triggers=texts.get("triggers", ()),
        in_market_share=0.5 if group.in_market is None else round(group.in_market, 2),
        provenance=tuple(_provenance(group, file, columns, date)),
    )


def _provenance(group: Group, file: str, columns: Columns, date: str) -> Iterator[Provenance]:
    of = f"{file}, {group.contacts} contacts"
    yield Provenance(
        fields=("function",), basis="observed", source=f"{of}: their titles and departments", date=date
    )
    how = "their own buying roles" if group.told else "guessed from function and seniority"
    yield Provenance(
        fields=("committee_role", "authority"), basis="inferred", source=f"{of}: {how}", date=date
    )
    if group.in_market is not None:
        column = columns.uses["lifecycle"]
        source = f"{of}: share of those with a {column} whose stage says that they look"
        yield Provenance(fields=("in_market_share",), basis="inferred", source=source, date=date)
    for field in group.statements:
        source = f"{of}: column {columns.uses[field]!r}"
        yield Provenance(fields=(field,), basis="observed", source=source, date=date)


def _grouped(
    table: Table,
    columns: Columns,
    rules: ContactRules,
    cells: Mapping[str, Sequence[str]],
    names: Names,
    redacted: Counter[Kind],
    least: int,
) -> Import:
    places: dict[tuple[str, str], list[int]] = {}
    unplaced: list[int] = []
    for at in range(len(table.rows)):
        said = {use: column[at] for use, column in cells.items()}
        function = _first(rules.functions, said.get("title", ""), said.get("department", ""))
        if function is None:
            unplaced.append(at)
            continue
        seniority = _first(rules.seniorities, said.get("title", ""), said.get("seniority", ""))
        places.setdefault((function.name, (seniority or rules.seniorities[-1]).name), []).append(at)
    groups = [_group(key, rows, rules, cells) for key, rows in places.items()]
    groups.sort(key=lambda group: (-group.contacts, group.id))
    titles = Counter(cells["title"][at] for at in unplaced) if "title" in cells else Counter[str]()
    return Import(
        columns=columns,
        contacts=len(table.rows),
        dropped=sum(1 for name in columns.personal for cell in table.columns[name] if cell),
        redacted=redacted,
        groups=tuple(group for group in groups if group.contacts >= least),
        small=tuple(group for group in groups if group.contacts < least),
        unplaced=len(unplaced),
        unplaced_titles=tuple(
            (redact(title, names).text, n)
            for title, n in titles.most_common(5)
            if title and n >= max(2, least)
        ),
    )


def _group(
    key: tuple[str, str], rows: Sequence[int], rules: ContactRules, cells: Mapping[str, Sequence[str]]
) -> Group:
    function = next(rule for rule in rules.functions if rule.name == key[0])
    seniority = next(rule for rule in rules.seniorities if rule.name == key[1])
    standing = next(
        rule
        for rule in rules.roles
        if rule.function in ("", function.name) and rule.seniority in ("", seniority.name)
    )
    stages = [cells["lifecycle"][at].casefold() for at in rows] if "lifecycle" in cells else []
    known = [stage for stage in stages if stage]
    looking = {stage.casefold() for stage in rules.in_market}
    statements = {
        field: found
        for field in STATEMENTS
        if field in cells and (found := _statements(cells[field][at] for at in rows))
    }
    return Group(
        function=function,
        seniority=seniority,
        standing=standing,
        contacts=len(rows),
        told=_told(rows, rules, cells),
        in_market=sum(stage in looking for stage in known) / len(known) if known else None,
        statements=statements,
    )


def _told(rows: Sequence[int], rules: ContactRules, cells: Mapping[str, Sequence[str]]) -> Standing | None:
    if "buying_role" not in cells:
        return None
    known = {_folded(name): name for name in rules.buying_roles}
    said = Counter(
        known[folded]
        for at in rows
        for part in re.split(r"[;,|]", cells["buying_role"][at])
        if (folded := _folded(part)) in known
    )
    return rules.buying_roles[said.most_common(1)[0][0]] if said else None


def _statements(cells: Iterator[str]) -> tuple[str, ...]:
    """The different statements in cells, the most common first; ; or a new line parts several in one."""
    said: Counter[str] = Counter()
    wording: dict[str, str] = {}
    for cell in cells:
        for part in re.split(r"[;\n]+", cell):
            text = " ".join(part.split()).strip(" .-•*")
            key = text.casefold().rstrip("?!")
            if any(map(str.isalpha, _TAKEN_OUT.sub("", text))) and len(text) <= LONGEST:
                said[key] += 1
                wording.setdefault(key, text)
    return tuple(wording[key] for key, _ in said.most_common(MOST_STATEMENTS))


def _first(rules: Sequence[TitleRule], *texts: str) -> TitleRule | None:
    """The first rule with a word in the first text, else in the next one."""
    for text in texts:
        found = next((rule for rule in rules if rule.words and _fits(rule, text)), None)
        if found is not None:
            return found
    return None


@lru_cache(maxsize=50_000)
def _fits(rule: TitleRule, text: str) -> bool:
    return _pattern(rule.words).search(text) is not None and not (
        rule.but_not and _pattern(rule.but_not).search(text)
    )


@lru_cache(maxsize=256)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    anyone = "|".join(re.escape(word).replace(r"\ ", r"[\s_]+") for word in words)
    return re.compile(rf"(?<![^\W_])(?:{anyone})(?![^\W_])", re.IGNORECASE)


def _clean(cells: Sequence[str], names: Names, redacted: Counter[Kind]) -> list[str]:
    cleaned = []
    for cell in cells:
        text, found = redact(cell, names)
        redacted.update(found)
        cleaned.append(text)
    return cleaned


def _folded(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())


def _is_personal(name: str, rules: ContactRules) -> bool:
    folded = _folded(name)
    is_one = folded in {_folded(one) for one in rules.personal.whole}
    return is_one or any(_folded(part) in folded for part in rules.personal.holds)


def _is_name(column: str) -> bool:
    """Whether a personal column holds names of people, which are then looked for in the other columns."""
    folded = _folded(column)
    if folded.endswith(("id", "url")) or any(part in folded for part in ("email", "phone")):
        return False
    parts = ("name", "contact", "owner", "assistant", "reportsto", "createdby", "modifiedby")
    return any(part in folded for part in parts)


def _personal_kind(cells: Sequence[str]) -> Kind | None:
    """What most personal cells of a column hold, if they are more than a few of them."""
    filled = [cell for cell in cells if cell][:LOOKED_AT]
    kinds = Counter(kind for cell in filled if (kind := holds_personal(cell)) is not None)
    if not kinds or kinds.total() < PERSONAL_SHARE * len(filled):
        return None
    return kinds.most_common(1)[0][0]
