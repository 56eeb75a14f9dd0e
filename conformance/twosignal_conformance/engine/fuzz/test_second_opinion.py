"""The second opinion: asked at the end of the run, sends nothing, and never blames the server."""

from __future__ import annotations

from twosignal_conformance.engine.api_client import ApiClient
from twosignal_conformance.engine.extras import SECOND_OPINION_NEEDS, require_installed
from twosignal_conformance.engine.fuzz._sample import Sample
from twosignal_conformance.engine.judgement import covers


class DisagreementError(Exception):
    """Two engines judge one exchange differently: an error of the suite or of the document."""


@covers(profile="standard", last=True)
def test_two_engines_judge_alike(client: ApiClient, sample: Sample) -> None:
    """Bodies of requests that were accepted, and of all kinds of responses."""
    require_installed(SECOND_OPINION_NEEDS, "the second opinion")
    from twosignal_conformance.engine.fuzz._second_opinion import Engine, disagreements

    if client.settings.dry:
        return
    found = list(dict.fromkeys(disagreements(client.contract, sample.exchanges, Engine(client.contract))))
    if found:
        raise DisagreementError(f"two engines disagree on {len(found)} bodies: {' | '.join(found[:3])}")
