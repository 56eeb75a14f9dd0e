/** The one family of errors. No text in it holds a key or a token: `redact` takes them out of messages of servers and of fetch. */

import { type ErrorCause, policy } from './generated/policy.gen.js';

/** What went wrong, for programs; generated_clients/README.md lists the kinds. */
export type ErrorKind =
  | 'validation'
  | 'unauthorized'
  | 'not-found'
  | 'too-large'
  | 'rate-limited'
  | 'server'
  | 'unexpected'
  | 'response'
  | 'network';

export interface ErrorDetails {
  kind: ErrorKind;
  /** Of the response, also one that nobody knows; empty when there is none. */
  code: string;
  message: string;
  status?: number | undefined;
  requestId?: string | undefined;
}

/** Every error of this package; one that is no ApiError and no NetworkError was found before anything was sent. */
export class TwoSignalError extends Error {
  override readonly name: string = 'TwoSignalError';
  readonly kind: ErrorKind;
  readonly code: string;
  /** HTTP status, undefined when there was no response. */
  readonly status: number | undefined;
  /** The response's X-Request-Id, if it has one. */
  readonly requestId: string | undefined;

  constructor(details: ErrorDetails) {
    super(details.message);
    this.kind = details.kind;
    this.code = details.code;
    this.status = details.status;
    this.requestId = details.requestId;
  }
}

/** The response is an error, or a success that cannot be read. */
export class ApiError extends TwoSignalError {
  override readonly name = 'ApiError';
  declare readonly status: number;
}

/** No response came: the connection could not be made or broke, or time ran out. */
export class NetworkError extends TwoSignalError {
  override readonly name = 'NetworkError';
}

/** The error of a request that is not sent. */
export function unsent(kind: ErrorKind, cause: ErrorCause, message: string): TwoSignalError {
  return new TwoSignalError({ kind, code: policy.errorCodes[cause], message });
}

/** The error of a response whose body was read as far as it could be. */
export function errorOf(place: string, response: Response, body: unknown, secrets: readonly string[]): ApiError {
  const error = field(body, 'error');
  const code = text(field(error, 'code'));
  const said = text(field(error, 'message')) || 'the response holds no error object';
  return new ApiError({
    kind: kindOf(response.status),
    code: redact(code, secrets),
    message: redact(`${place} got ${response.status} ${code}: ${said}`, secrets),
    status: response.status,
    requestId: requestId(response, secrets),
  });
}

/** The error of a success that is not what the contract says. */
export function unreadable(place: string, response: Response, expected: string, secrets: readonly string[]): ApiError {
  const { status } = response;
  const message = `${place} got ${status} without ${expected}: is this the server that the base URL should name?`;
  return new ApiError({ kind: 'response', code: '', message, status, requestId: requestId(response, secrets) });
}

/** A field of what may be an object. */
export function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** The text with every secret taken out, also where somebody has put it into quotes or into a URL. */
export function redact(message: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret !== '')
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)])
    .reduce((left, form) => left.replaceAll(form, '[secret]'), message);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function requestId(response: Response, secrets: readonly string[]): string | undefined {
  const id = response.headers.get('X-Request-Id');
  return id === null ? undefined : redact(id, secrets);
}

function kindOf(status: number): ErrorKind {
  return policy.kinds[status] ?? (status >= 500 ? 'server' : 'unexpected');
}
