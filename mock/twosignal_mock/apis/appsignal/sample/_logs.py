"""The log lines of the sample: what each call of a service logs, in the words of a web framework."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from twosignal_mock.apis.appsignal.sample._messages import Message, log_record, logs_export
from twosignal_mock.apis.appsignal.sample._traffic import SERVICES, Finished

_SLOW = 500
"""Milliseconds from which on a call is worth a warning."""
_REFUSED, _FAILED, _FINE = 401, 500, 200
"""Statuses; only a login is refused."""
_USERS = 500


def log_exports(random: Random, calls: Sequence[Finished]) -> Iterator[tuple[int, Message]]:
    """The lines of some calls, an export for each site that has any."""
    for site, service in enumerate(SERVICES):
        records = [record for call in calls if call.site == site for record in _records(random, call)]
        if records:
            resource = {"service.name": service, "host.name": random.choice(("web-1", "web-2"))}
            yield site, logs_export(resource, "rails", records)


def _records(random: Random, call: Finished) -> Iterator[Message]:
    status = _FINE if not call.failed else _REFUSED if "login" in call.action else _FAILED
    user, end = random.randrange(1, _USERS), call.start + call.milliseconds
    common: dict[str, str | int | float] = {"action": call.action, "namespace": call.namespace, "user.id": user}
    yield log_record(call.start, "debug", f"Started {call.action}", common)
    if call.failed:
        yield log_record(end, "error", f"{call.action} failed for user {user}", common | {"status_code": status})
    severity = "warn" if call.milliseconds > _SLOW else "info"
    done = common | {"status_code": status, "duration": round(call.milliseconds, 2)}
    yield log_record(end, severity, f"Completed {status} in {round(call.milliseconds)}ms", done)
