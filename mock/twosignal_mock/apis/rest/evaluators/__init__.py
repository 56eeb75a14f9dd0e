"""Evaluators: run at once on one output, and beside the requests on what is ingested."""

from twosignal_mock.apis.rest.evaluators._catalogue import EVALUATION, EVALUATORS, Catalogue
from twosignal_mock.apis.rest.evaluators._handlers import handlers, label_of, text_or_none
from twosignal_mock.apis.rest.evaluators._outgoing import WebhookPolicy
from twosignal_mock.apis.rest.evaluators._patterns import forget_patterns
from twosignal_mock.apis.rest.evaluators._pending import evaluate_later
from twosignal_mock.apis.rest.evaluators._values import Config, EvaluatorError, Subject, TooMuchWorkError, Verdict

__all__ = [
    "EVALUATION",
    "EVALUATORS",
    "Catalogue",
    "Config",
    "EvaluatorError",
    "Subject",
    "TooMuchWorkError",
    "Verdict",
    "WebhookPolicy",
    "evaluate_later",
    "forget_patterns",
    "handlers",
    "label_of",
    "text_or_none",
]
