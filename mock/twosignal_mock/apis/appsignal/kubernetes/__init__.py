"""Kubernetes: nodes and pods of clusters, out of metrics of the OpenTelemetry collector or AppSignal's agent."""

from twosignal_mock.apis.appsignal.kubernetes._handlers import handlers
from twosignal_mock.apis.appsignal.kubernetes._reports import Measurement, keep_pods, read_cluster

__all__ = ["Measurement", "handlers", "keep_pods", "read_cluster"]
