"""Check-ins: the schedules of jobs."""

from twosignal_mock.apis.appsignal.check_ins._handlers import handlers
from twosignal_mock.apis.appsignal.check_ins._schedule import ScheduleError, next_run, zone_names

__all__ = ["ScheduleError", "handlers", "next_run", "zone_names"]
