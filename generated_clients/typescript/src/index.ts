/** What the package offers. */

export { type CallOptions, Client, type TraceQuery } from './client.js';
export { ApiError, type ErrorDetails, type ErrorKind, NetworkError, TwoSignalError } from './errors.js';
export type { Session, TracePage, Verdict } from './responses.js';
export type { ClientOptions, Sleep } from './settings.js';
export type {
  Evaluator,
  EvaluatorResult,
  Event,
  Health,
  OtlpExportRequest,
  RouteDecision,
  Score,
  ScoreRequest,
  SpanBody,
  SpanCreateEvent,
  SpanType,
  Status,
  Template,
  TemplateRequest,
  TemplateSummary,
  TemplateVersion,
  Trace,
  TraceBody,
  TraceCreateEvent,
  Usage,
  ValidateRequest,
} from './generated/types.gen.js';
