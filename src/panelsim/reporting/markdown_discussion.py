"""The discussion in Markdown."""

from panelsim.model.discussion_report import Aired, DiscussionAnswer, DiscussionMethod, MemberRow, Shifts
from panelsim.model.plan import Turn
from panelsim.model.report import Report, Respondents, Transcripts
from panelsim.reporting import discussion_words, words
from panelsim.reporting.discussion_words import Talk, talk_of
from panelsim.reporting.markdown_tables import Lines, escaped, table


def answer(section: DiscussionAnswer, report: Report) -> Lines:
    """The verdict, what was talked about, and why."""
    lines = ["", f"**{discussion_words.VERDICTS[section.word]}.** {escaped(section.sentence)}", ""]
    lines += [f"> {escaped(one.text)}\n" for one in report.stimuli]
    lines += [f"{n}. {escaped(text)}" for n, text in enumerate(section.questions, start=1)]
    lines += [""] if section.questions else []
    lines += [f"**Do next:** {escaped(section.next_step)}", ""]
    return [*lines, *(f"- {escaped(reason)}" for reason in section.reasons)]


def shifts(section: Shifts) -> Lines:
    """Figures over all members, then member by member."""
    lines = [escaped(discussion_words.lede(section)), ""]
    if section.movement is not None:
        header, *rows = discussion_words.figures(section.movement)
        lines += [*table(header, [[escaped(cell) for cell in row] for row in rows]), ""]
    columns = ("Member", "Group", "Before", "After", "Shift", "Again", "Unrelated", "Drew")
    lines += table((*columns, "Came closer to", "Named"), [_row(row) for row in section.rows], 2)
    lines += ["", *(_group(section, at) for at in range(len(section.groups)))]
    if section.omitted:
        lines += ["", f"{words.count(section.omitted, 'more member')} in `responses.csv`."]
    return [*lines, "", escaped(discussion_words.TOLD_OF)]


def _row(row: MemberRow) -> list[str]:
    one = row.shift
    value, interval = discussion_words.shift(row)
    marked = f"**{value}**" if one.has_moved else value
    return [
        f"{escaped(row.name)}, {escaped(row.title)}",
        escaped(one.group),
        discussion_words.rating(one.before),
        discussion_words.rating(one.after),
        f"{marked}<br>{interval}" if interval else marked,
        discussion_words.rating(one.retest),
        discussion_words.rating(one.unrelated),
        discussion_words.drew(row),
        escaped(words.listed(row.towards)) or "–",
        escaped(words.listed(row.named)) or "–",
    ]


def _group(section: Shifts, at: int) -> str:
    group = section.groups[at]
    rating = discussion_words.rating
    members = f"{group.complete} of {words.count(group.members, 'member')} complete"
    mean = f"mean {rating(group.before)} before, {rating(group.after)} after"
    apart = f"apart {rating(group.distance_before)} before, {rating(group.distance_after)} after"
    net = f"{discussion_words.net(group)} net of the control"
    return f"- {escaped(group.group)}: {members}; {mean}, {net}; {apart}"


def aired(section: Aired) -> Lines:
    """Objections in private and aloud."""
    objected = words.count(section.objections, "member")
    lines = [f"{objected} objected in private; {section.kept_in_all} of them said nothing like it aloud.", ""]
    for row in section.kept:
        who = f"{row.name}, {row.title} ({row.kept.respondent})"
        lines += [
            f"> {escaped(row.kept.text)}<br>",
            f"> — {escaped(who)}, simulated, call `{words.short(row.kept.call_key)}`",
            "",
        ]
    if section.expected:
        lines += table(
            ["Persona", "Expected", "Private", "Aloud", "Both"],
            [
                [
                    escaped(one.title),
                    escaped(one.expected),
                    f"{one.private} of {one.of}",
                    f"{one.public} of {one.of}",
                    str(one.both),
                ]
                for one in section.expected
            ],
            2,
        )
        lines.append("")
    return [*lines, escaped(discussion_words.APART)]


def method(section: DiscussionMethod) -> Lines:
    """The design and the rule."""
    rows = [f"- {label}: {escaped(text)}" for label, text in discussion_words.method_rows(section)]
    return ["Set before the run.", "", *rows]


def talks(section: Transcripts, report: Report) -> Lines:
    """What every group said."""
    people = {
        person.id: person
        for one in report.record
        if isinstance(one, Respondents)
        for person in one.respondents
    }
    lines: Lines = []
    for transcript in section.transcripts:
        lines += _talk(talk_of(transcript, people))
    if section.omitted:
        lines += [words.sessions_shown(len(section.transcripts), section.sessions), ""]
    return lines[:-1]


def _talk(talk: Talk) -> Lines:
    lines = [f"### Group {escaped(talk.group)} (simulated)", "", "In private:", ""]
    for one in talk.private:
        said = [
            f"{label}: {escaped(turn.text)} {_key(turn)}"
            for label, turn in (("first thought", one.reaction), ("first objection", one.objection))
            if turn is not None
        ]
        rated = ", ".join(f"{figure} {label}" for label, figure, _ in one.ratings)
        said += [f"rated: {rated}"] if rated else []
        lines.append(f"- **{escaped(one.person.name)}**, {escaped(one.person.title)}: {'; '.join(said)}")
    for round_ in talk.rounds:
        lines += ["", f"**Round {round_.number}.** *{escaped(round_.question)}*", ""]
        for person, turn in round_.turns:
            lines += [f"**{escaped(person.name)}**: {escaped(turn.text)} {_key(turn)}", ""]
    return lines + ([*(f"- {escaped(line)}" for line in talk.unheard), ""] if talk.unheard else [])


def _key(turn: Turn) -> str:
    return f"`{words.short(turn.call_key)}`"
