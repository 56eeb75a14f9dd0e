"""The blind part of the page: mutants of a server that the suite was not tuned to, and the control on some of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache

from bench.detection._control import EXAMPLES, control_at
from bench.detection._results import Result, Results
from tests.conformance.independent import results as found
from tests.conformance.independent.__main__ import change, sample
from tests.conformance.independent.mutants import Mutant, make_mutants
from tests.conformance.independent.results import CLASSES, Survivor, is_reserved, read_survivors, tally
from tests.conformance.independent.trials import AREAS, people, sources
from tests.conformance.independent.warm import serving

CONTROLLED = 20
"""The control is tried on one mutant of so many: each costs it the better part of a minute."""

HONEST = "honest"
"""Name of the independent server itself among the runs of the control."""

_PLAN = "enterprise"

_INTRODUCTION = """\
## Servers that the suite was not tuned to

**Which figures are blind.** The {broken} broken servers above are not: rows, checks and bank grew together, so their
share says that nothing was lost, and little about servers that nobody has seen. The mutants below are blind until
somebody looks at them. Each is one small mechanical mistake in an independent server, which was written from
openapi.yaml and the documentation alone. Two thirds may be looked at: {classified} that survived some suite were,
checks were written since, and the share there is blind no longer. The last third is **held in reserve**: which of its
mutants survive nobody looks at, and their share is blind. A mutant is caught when the run fails any clause of level
`must` or `should`, or cannot go on with the server.

Before anybody looked, on 2026-11-30, the suite of that day caught 26 of 57 mutants drawn by chance, 65 % of the 40 that
count; and of 129 mistakes that people made in another such server and that the documentation decides, 89 (69 %).

{judged} of {all} mutants were judged by this suite ({profiles}).

| area | looked at: caught of all | of those that count | in reserve, blind: of all | Schemathesis, a sample |
|---|---|---|---|---|"""

_AFTER = """
*Of those that count*: without those that survived and are the same, legal or not observable from outside, as classified
by hand; what nobody has classified counts as missed. The control is tried on every {every}th mutant with {examples}
examples for each operation and phase; it is told the operations that the mutated module is about. What it reports of
the honest server, too, does not count{alarms}.

### Survivors

{survivors}
"""


def control_mutant(name: str, seed: int) -> Result:
    """What Schemathesis alone says of a mutant, by its id, or of the honest server."""
    mutant = None if name == HONEST else _by_id()[name]
    with serving(sources(mutant), _PLAN) as url:
        if not url:
            return Result("control-mutant", name, seed, False, "stillborn", 0)
        told = control_at(url, people(_PLAN), seed, AREAS[mutant.file].operations if mutant else ())
    return Result("control-mutant", name, seed, told.caught, " ".join(told.checks), 0)


def controlled() -> list[str]:
    """Whom the control is tried on."""
    return [HONEST, *(mutant.id for mutant in sample(0, CONTROLLED))]


def section(broken: int, mutants: found.Results, control: Results) -> Iterable[str]:
    """The lines of the section; what was not run is told as such."""
    everything, survivors = list(_by_id().values()), read_survivors()
    judged = [mutant for mutant in everything if mutant in mutants]
    profiles = sorted({str(mutants[mutant]["profile"]) for mutant in judged})
    yield from _INTRODUCTION.format(
        broken=broken,
        classified=len(survivors),
        judged=f"{len(judged):,}",
        all=f"{len(everything):,}",
        profiles=", ".join(profiles) or "none yet",
    ).splitlines()
    alarms = _alarms(control)
    for name, rows in [*_by_area(everything).items(), ("all", everything)]:
        reserve = [mutant for mutant in rows if is_reserved(mutant, survivors)]
        open_ones = [mutant for mutant in rows if not is_reserved(mutant, survivors)]
        ours = tally(mutants, open_ones, survivors)
        blind = tally(mutants, reserve, survivors)
        told = (ours.raw, ours.counted, blind.raw, _control_of(rows, control, alarms))
        yield f"| {name} | {' | '.join(_share(*pair) for pair in told)} |"
    yield from _AFTER.format(
        every=CONTROLLED,
        examples=EXAMPLES,
        alarms=f" ({', '.join(sorted(alarms))})" if alarms else "",
        survivors="\n".join(_survivors(everything, mutants, survivors)),
    ).splitlines()
    yield ""


@cache
def _by_id() -> Mapping[str, Mutant]:
    return {mutant.id: mutant for mutant in make_mutants()}


def _by_area(mutants: Iterable[Mutant]) -> dict[str, list[Mutant]]:
    rows: dict[str, list[Mutant]] = defaultdict(list)
    for mutant in mutants:
        rows[AREAS[mutant.file].name].append(mutant)
    return rows


def _alarms(control: Results) -> set[str]:
    return {name for row in control.of("control-mutant") if row.server == HONEST for name in row.by.split()}


def _control_of(mutants: Sequence[Mutant], control: Results, alarms: set[str]) -> tuple[int, int]:
    wanted = {mutant.id for mutant in mutants}
    rows = [row for row in control.of("control-mutant") if row.server in wanted and row.by != "stillborn"]
    return sum(bool(set(row.by.split()) - alarms) for row in rows), len(rows)


def _share(caught: int, judged: int) -> str:
    return f"{caught:,} of {judged:,} ({100 * caught / judged:.0f} %)" if judged else "not run"


def _survivors(mutants: Iterable[Mutant], results: found.Results, survivors: Mapping[str, Survivor]) -> Iterator[str]:
    """Those that were looked at, by class; of the reserve nobody learns more than the number."""
    rows = [
        mutant
        for mutant in mutants
        if mutant in results and results[mutant]["verdict"] == "survived" and not is_reserved(mutant, survivors)
    ]
    if not rows:
        yield "None was judged yet, or none survived."
        return
    yield "| mutant | change | class | clause | why |"
    yield "|---|---|---|---|---|"
    for kind in (*CLASSES, ""):
        for mutant in rows:
            row = survivors.get(mutant.id)
            if (row.kind if row else "") == kind:
                told = f"{row.kind} | {row.clause} | {row.why}" if row else "not classified yet | |"
                yield f"| {mutant.name} | `{_plain(change(mutant.before, mutant.after))}` | {told} |"


def _plain(text: str) -> str:
    return text.replace("|", "\\|").replace("`", "'")
