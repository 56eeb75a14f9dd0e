"""The ledger: every id that came is stored, refused, or its answer was lost; none is counted twice or dropped."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twosignal_mock.engine.sandbox import Ledger, LedgerEntry, Outcome

STORED, REFUSED, LOST = Outcome.STORED, Outcome.REFUSED, Outcome.RESPONSE_LOST


def told(ledger: Ledger, story: str) -> None:
    """Let the id `e` live through: s(tored), r(efused), l(ost after it was kept), b(efore: lost and not kept)."""
    for step in story:
        match step:
            case "s":
                ledger.stored(["e"])
            case "r":
                ledger.refused(["e"], "rate-limit", 429)
            case "l":
                ledger.response_lost(["e"], "fault-1")
            case "b":
                ledger.response_lost(["e"], "fault-1", kept=False)


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        ("s", LedgerEntry(STORED, 1, 1)),
        ("r", LedgerEntry(REFUSED, 1, 0, "rate-limit", 429)),
        ("l", LedgerEntry(LOST, 1, 1, rule="fault-1")),
        ("b", LedgerEntry(LOST, 1, 0, rule="fault-1")),
        ("rs", LedgerEntry(STORED, 2, 1, "rate-limit", 429)),
        ("ls", LedgerEntry(STORED, 2, 2, rule="fault-1")),
        ("bs", LedgerEntry(STORED, 2, 1, rule="fault-1")),
        ("ss", LedgerEntry(STORED, 2, 2)),
        ("sr", LedgerEntry(STORED, 2, 1, "rate-limit", 429)),
        ("sl", LedgerEntry(STORED, 2, 2, rule="fault-1")),
        ("lr", LedgerEntry(LOST, 2, 1, "rate-limit", 429, "fault-1")),
        ("br", LedgerEntry(REFUSED, 2, 0, "rate-limit", 429, "fault-1")),
        ("rb", LedgerEntry(LOST, 2, 0, "rate-limit", 429, "fault-1")),
    ],
    ids=[
        "stored", "refused", "stored but the answer lost", "lost before it was stored", "refused then stored",
        "lost then sent again", "lost before then stored", "stored twice", "refused after it was stored",
        "answer lost after it was stored", "refused after a lost answer", "refused after a loss before",
        "lost after a refusal",
    ],
)  # fmt: skip
def test_an_id_ends_as_its_sender_could_know(story: str, expected: LedgerEntry) -> None:
    ledger = Ledger()
    told(ledger, story)
    assert ledger.get("e") == expected
    assert ledger.entries() == [("e", expected)]


def test_an_id_that_stands_twice_in_a_body_came_once() -> None:
    ledger = Ledger()
    ledger.stored(["e", "e"])
    assert ledger.get("e") == LedgerEntry(STORED, 1, 1)


def test_a_batch_of_old_and_new_ids_counts_each() -> None:
    ledger = Ledger()
    ledger.refused(["a", "b"], "internal", 500)
    ledger.stored(["b", "c"])
    assert [(id_, entry.outcome, entry.attempts) for id_, entry in ledger.entries()] == [
        ("a", REFUSED, 1), ("b", STORED, 2), ("c", STORED, 1)
    ]  # fmt: skip


def test_the_summary_counts_every_id_once() -> None:
    ledger = Ledger()
    ledger.stored(["a", "b"])
    ledger.stored(["b"])
    ledger.refused(["c"], "internal", 500)
    ledger.response_lost(["d"], "fault-1")
    ledger.response_lost(["e"], "fault-1", kept=False)
    assert ledger.summary() == {
        "ids": 5,
        "stored": 2,
        "refused": 1,
        "response_lost": 2,
        "response_lost_and_not_kept": 1,
        "sent_again": 1,
        "kept_again": 1,
        "forgotten_settled": 0,
        "forgotten_open": 0,
    }


def test_accounts_can_be_asked_for_by_outcome_and_page() -> None:
    ledger = Ledger()
    ledger.stored(["a"])
    ledger.refused(["b", "c", "d"], "internal", 500)
    assert [id_ for id_, _ in ledger.entries(REFUSED, offset=1, limit=1)] == ["c"]
    assert [id_ for id_, _ in ledger.entries(STORED)] == ["a"]


def test_when_it_is_full_the_oldest_settled_ids_go_first() -> None:
    ledger = Ledger(32)
    ledger.refused(["open"], "internal", 500)
    ledger.stored([f"e{i}" for i in range(40)])
    assert ledger.get("open") is not None
    assert ledger.get("e39") is not None
    assert ledger.get("e0") is None
    assert len(ledger) <= 32
    assert ledger.summary()["forgotten_open"] == 0


steps = st.tuples(st.sampled_from("srlb"), st.lists(st.integers(0, 60), min_size=1, max_size=30))


@given(st.lists(steps, max_size=40))
def test_nothing_goes_unaccounted_for(story: list[tuple[str, list[int]]]) -> None:
    ledger = Ledger(20)
    for number, (step, names) in enumerate(story):
        # Names of their own for each step: an id that was forgotten and comes again would be new.
        ids = [f"{number}-{name}" for name in names]
        match step:
            case "s":
                ledger.stored(ids)
            case "r":
                ledger.refused(ids, "internal", 500)
            case _:
                ledger.response_lost(ids, "fault-1", kept=step == "l")
        assert len(ledger) <= 20
    summary = ledger.summary()
    assert summary["ids"] == sum(len(set(names)) for _, names in story)
    assert summary["stored"] + summary["refused"] + summary["response_lost"] == len(ledger)
