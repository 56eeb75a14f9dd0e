"""What evaluators make of a trace, by the numbers of the public pages; plain functions of a config and a trace."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

Json = dict[str, Any]
Verdict = tuple[float, str]

_GOOD, _BAD = {"great", "excellent", "wonderful", "love"}, {"terrible", "awful", "horrible", "hate"}
_EMAIL = re.compile(r"[\w.]+@[\w.]+\.\w+")


def _binary(passed: bool) -> Verdict:
    return (1.0 if passed else 0.0), "it is so" if passed else "it is not so"


def _contains(config: Json, text: str, _trace: Json) -> Verdict:
    return _binary((config["value"].lower() in text.lower()) is not config.get("negate", False))


def _between(value: float, target: float, most: float) -> Verdict:
    if value <= target:
        return 1.0, "below the target"
    return max(0.0, (most - value) / (most - target)), "above the target"


def _cost(config: Json, _text: str, trace: Json) -> Verdict:
    most = config["max_cost_usd"]
    return _between(trace["cost"], config.get("target_cost_usd", most / 2), most)


def _latency(config: Json, _text: str, trace: Json) -> Verdict:
    most = config["max_ms"]
    return _between(trace["duration"], config.get("target_ms", most / 2), most)


def _sla(config: Json, _text: str, trace: Json) -> Verdict:
    for tier in sorted(config["tiers"], key=lambda tier: tier["max_ms"]):
        if trace["duration"] <= tier["max_ms"]:
            return float(tier["score"]), tier["name"]
    return 0.0, "beyond all tiers"


def _sentiment(config: Json, text: str, _trace: Json) -> Verdict:
    words = re.findall(r"\w+", text.lower())
    good, bad = sum(word in _GOOD for word in words), sum(word in _BAD for word in words)
    found = "neutral" if good == bad else "positive" if good > bad else "negative"
    return _binary(found == config["target"])


def _toxicity(config: Json, text: str, _trace: Json) -> Verdict:
    words = ["idiot", *config.get("custom_words", [])]
    return 1 - sum(word in text.lower() for word in words) / len(words), "words"


def _tools(config: Json, text: str, _trace: Json) -> Verdict:
    allowed = config.get("allowed_functions")
    try:
        calls = json.loads(text)["tool_calls"]
    except (ValueError, KeyError, TypeError):
        return _binary(False)
    return _binary(allowed is None or all(call["function"]["name"] in allowed for call in calls))


def _pii(_config: Json, text: str, _trace: Json) -> Verdict:
    return max(0.0, round(1 - 0.2 * len(_EMAIL.findall(text)), 2)), "personal data"


def _injection(_config: Json, _text: str, trace: Json) -> Verdict:
    return _binary("ignore all previous instructions" not in trace["input"].lower())


def _bias(config: Json, text: str, _trace: Json) -> Verdict:
    found = [term for term in config.get("custom_terms", []) if term in text]
    return (0.5 if found else 1.0), "phrases"


def _compliance(config: Json, text: str, _trace: Json) -> Verdict:
    kept = [phrase in text for phrase in config.get("required_phrases", [])]
    kept += [phrase not in text for phrase in config.get("prohibited_phrases", [])]
    return sum(kept) / len(kept), "rules"


def _workflow(config: Json, text: str, _trace: Json) -> Verdict:
    steps = config["expected_steps"]
    return sum(step in text for step in steps) / len(steps), "steps"


def _length(config: Json, text: str, _trace: Json) -> Verdict:
    return _binary(config.get("min", 0) <= len(text) <= config.get("max", float("inf")))


def _regex(config: Json, text: str, _trace: Json) -> Verdict:
    return _binary(re.search(config["pattern"], text, re.IGNORECASE) is not None)


def _model(_config: Json, _text: str, _trace: Json) -> Verdict:
    return 0.75, "no model was asked"


def _webhook(config: Json, _text: str, trace: Json) -> Verdict:
    body = {name: trace.get(name) for name in ("traceId", "spanId")}
    body |= {"input": trace["sent_input"], "output": trace["sent_output"], "metadata": config, "expectedOutput": None}
    request = Request(config["url"], json.dumps(body).encode(), {"content-type": "application/json"}, method="POST")  # noqa: S310
    for name, value in config.get("headers", {}).items():
        request.add_header(name, value)
    for _ in range(config.get("retries", 1) + 1):
        try:
            with urlopen(request, timeout=config.get("timeoutMs", 10_000) / 1000) as response:  # noqa: S310
                score = json.loads(response.read())["score"]
            return (score, "the endpoint said so") if isinstance(score, float | int) else (0.0, "no score")
        except HTTPError as error:
            if error.code < 500:
                break
        except (URLError, OSError, ValueError, KeyError):
            pass
        time.sleep(0.01)
    return 0.0, "the endpoint failed"


RULES: dict[str, Callable[[Json, str, Json], Verdict]] = {
    "CONTAINS": _contains,
    "COST": _cost,
    "LATENCY": _latency,
    "RESPONSE_TIME_SLA": _sla,
    "SENTIMENT": _sentiment,
    "TOXICITY": _toxicity,
    "TOOL_CALL_VALIDATION": _tools,
    "PII_DETECTION": _pii,
    "PROMPT_INJECTION": _injection,
    "BIAS_DETECTION": _bias,
    "COMPLIANCE_CHECK": _compliance,
    "WORKFLOW_ADHERENCE": _workflow,
    "LENGTH": _length,
    "REGEX_MATCH": _regex,
    "LLM_JUDGE": _model,
    "WEBHOOK": _webhook,
}
TYPES = (*RULES, "JSON_SCHEMA", "EXACT_MATCH", "STARTS_WITH", "ENDS_WITH", "LEVENSHTEIN", "SIMILARITY",
         "GROUNDEDNESS", "FACTUAL_ACCURACY", "CUSTOM")  # fmt: skip


def judge(kind: str, config: Json, trace: Json) -> Json | None:
    """Value, label and reasoning; None of what is judged elsewhere."""
    output = trace["sent_output"]
    text = output if isinstance(output, str) else json.dumps(output, separators=(",", ":"))
    rule = RULES.get(kind)
    if rule is None:
        return None
    try:
        value, reasoning = rule(config, text, trace)
    except (KeyError, TypeError, re.error) as error:
        value, reasoning = 0.0, f"it cannot judge: {error!r}"
    return {"value": value, "label": "pass" if value >= 1 else "fail", "reasoning": reasoning}
