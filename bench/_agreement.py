"""Whether two runs on one machine say the same: each figure within what both of them stated as its spread."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import NamedTuple

from bench._kinds import KINDS, RATE, Name
from bench._record import Record
from bench._statistics import Figure
from bench._targets import TARGETS, rate_ratio
from bench.servers import DURABLE

_TARGETS = "what was to be reached"
_RATIOS = "how many times as fast is ours"


class Compared(NamedTuple):
    """The figures of one kind that both runs measured."""

    says: str
    least: float
    compared: int
    apart: Sequence[str]
    """A line for each figure whose two intervals do not meet."""


class Agreement(NamedTuple):
    """What a comparison says."""

    summary: str
    kinds: Sequence[Compared]

    @property
    def apart(self) -> Sequence[str]:
        """The lines of all kinds."""
        return [line for kind in self.kinds for line in kind.apart]


def agreement(record: Record, before: Record) -> Agreement:
    """Compares all figures that both runs measured."""
    kinds = [*_kinds(record, before)]
    compared, apart = sum(kind.compared for kind in kinds), sum(len(kind.apart) for kind in kinds)
    where = "the same machine" if record.about["machine"] == before.about["machine"] else "another machine"
    what = "the same sources" if _digest(record) == _digest(before) else "other sources"
    share = f" ({100 * (compared - apart) // compared} %)" if compared else ""  # cut, so that 100 % means all
    return Agreement(
        f"{compared - apart} of {compared} figures{share} agree with the run of {before.about['date']} on {where} and "
        f"{what}.",
        kinds,
    )


def _digest(record: Record) -> object:
    return record.about["sources"]["digest"]


def _kinds(record: Record, before: Record) -> Iterator[Compared]:
    now, then = (_of_targets(run) for run in (record, before))
    yield _compared(_TARGETS, RATE.ratio, now, then)
    yield _compared(_RATIOS, RATE.ratio, _of_rates(record), _of_rates(before))
    for kind in KINDS:
        yield _compared(kind.says, kind.least, kind.each(record), kind.each(before))


def _of_targets(record: Record) -> Mapping[Name, Figure]:
    return {(each.says,): came for each in TARGETS if (came := each.measured(record)) is not None}


def _of_rates(record: Record) -> Mapping[Name, Figure]:
    places = product(record.names("rounds", "workload"), record.names("rounds", "subject"))
    return {
        (workload, subject): came
        for workload, subject in places
        if subject != DURABLE and (came := rate_ratio(record, str(workload), DURABLE, str(subject))) is not None
    }


def _compared(says: str, least: float, now: Mapping[Name, Figure], then: Mapping[Name, Figure]) -> Compared:
    both = [name for name in now if name in then]
    apart = [
        f"{', '.join(str(part) for part in name)}: {_shown(now[name])}, before {_shown(then[name])} ({says})"
        for name in both
        if not now[name].agrees(then[name])
    ]
    return Compared(says, least, len(both), apart)


def _shown(value: Figure) -> str:
    digits = 0 if value.median >= 100 else 2
    return f"{value.median:,.{digits}f} ± {100 * value.spread:.0f} %"
