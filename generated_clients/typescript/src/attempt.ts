/** One request and its outcome. Nothing is sent again here; retry.ts decides that. */

import { errorOf, NetworkError, redact, type TwoSignalError, unreadable } from './errors.js';
import { type OperationId, policy } from './generated/policy.gen.js';
import { parse } from './json.js';
import type { Reader } from './responses.js';
import type { Settings } from './settings.js';

/** What every call of a generated operation gets. */
export interface Sending {
  baseUrl: string;
  fetch: typeof fetch;
  signal: AbortSignal;
  auth: string;
  /** The generated client would read JSON by JSON.parse, which changes large numbers. */
  parseAs: 'text';
  /** A redirect is a response that the contract does not know; following one would turn a POST into a GET. */
  redirect: 'manual';
  /** Gives the body as it was encoded, even if the value has changed since. */
  bodySerializer: () => string;
}

/** A generated operation with its body or query. */
export type Operation<T> = (
  sending: Sending,
) => Promise<{ data?: T | undefined; error?: unknown; response?: Response }>;

export interface Call<T, R> {
  id: OperationId;
  operation: Operation<T>;
  reader: Reader<T, R>;
  /** The encoded body, undefined when there is none. */
  text: string | undefined;
  /** API key or token, empty when the operation takes none. */
  secret: string;
  /** What no message may hold. */
  secrets: readonly string[];
  signal: AbortSignal | undefined;
}

export type Outcome<R> =
  | { done: true; value: R }
  | { done: false; error: TwoSignalError; headers: Headers | undefined };

/** The outcome of one request. Throws nothing but the reason of the caller's own signal. */
export async function attempt<T, R>(call: Call<T, R>, settings: Settings): Promise<Outcome<R>> {
  call.signal?.throwIfAborted();
  const clock = new AbortController();
  const stop = (): void => clock.abort();
  call.signal?.addEventListener('abort', stop);
  const timer = setTimeout(stop, settings.timeout * 1000);
  // Not every fetch ends with its signal: that of Node 20 waits for ever for a body that says gzip and is none.
  const ended = new Promise<never>((_, reject) => clock.signal.addEventListener('abort', () => reject(clock.signal.reason)));
  // The generated client does not hand on a response whose body breaks off.
  const seen: { response?: Response } = {};
  const watched: typeof fetch = async (input, init) => (seen.response = await settings.fetch(input, init));
  const sending = {
    baseUrl: settings.baseUrl,
    fetch: watched,
    signal: clock.signal,
    auth: call.secret,
    parseAs: 'text',
    redirect: 'manual',
    bodySerializer: () => call.text ?? '',
  } as const;
  try {
    const result = await Promise.race([call.operation(sending), ended]);
    call.signal?.throwIfAborted();
    return seen.response === undefined ? notReceived(call, result.error) : received(call, seen.response, result);
  } catch (cause) {
    call.signal?.throwIfAborted();
    // An error whose body breaks off is still one: its status says enough.
    if (seen.response !== undefined && !seen.response.ok) {
      return received(call, seen.response, {});
    }
    const what = seen.response === undefined ? 'no response came' : 'the response was not complete';
    return notReceived(call, clock.signal.aborted ? `${what} in ${settings.timeout} s` : cause);
  } finally {
    clearTimeout(timer);
    call.signal?.removeEventListener('abort', stop);
  }
}

function received<T, R>(
  call: Call<T, R>,
  response: Response,
  body: { data?: T | undefined; error?: unknown },
): Outcome<R> {
  const { headers } = response;
  if (!response.ok) {
    return { done: false, error: errorOf(place(call.id), response, body.error, call.secrets), headers };
  }
  const value = read(call.reader, body.data);
  return value === undefined
    ? { done: false, error: unreadable(place(call.id), response, call.reader.expected, call.secrets), headers }
    : { done: true, value };
}

/** What a body holds, undefined when it is not what the contract says. */
function read<T, R>(reader: Reader<T, R>, text: unknown): R | undefined {
  let value: unknown;
  try {
    value = parse(String(text));
  } catch {
    return undefined;
  }
  // A reader looks for each thing that it needs. It may take for granted that there is an object to look at.
  return typeof value === 'object' && value !== null ? reader.read(value as T) : undefined;
}

function notReceived<T, R>(call: Call<T, R>, cause: unknown): Outcome<R> {
  const message = redact(`${place(call.id)} got no response: ${reason(cause)}; is the server there?`, call.secrets);
  return { done: false, error: new NetworkError({ kind: 'network', code: '', message }), headers: undefined };
}

function place(id: OperationId): string {
  const { method, path } = policy.operations[id];
  return `${method} ${path}`;
}

/** The message of fetch, with the cause that Node hides below "fetch failed". The error may hold the request, so it is not handed on. */
function reason(cause: unknown): string {
  if (!(cause instanceof Error)) {
    return String(cause);
  }
  return cause.cause instanceof Error ? `${cause.message}: ${cause.cause.message}` : cause.message;
}
