/** The options of a client: checked once, when it is made, with defaults from the environment and the contract. */

import { unsent } from './errors.js';
import { policy } from './generated/policy.gen.js';

/** Ends after so many seconds; rejects with the signal's reason when it is aborted before. */
export type Sleep = (seconds: number, signal?: AbortSignal) => Promise<void>;

export interface ClientOptions {
  /** With or without /api/v1; TWOSIGNAL_BASE_URL when absent, then the contract's first server. */
  baseUrl?: string | undefined;
  /** TWOSIGNAL_API_KEY when absent. */
  apiKey?: string | undefined;
  /** Seconds for one attempt, its response included; 30 when absent. */
  timeout?: number | undefined;
  /** Seconds that one call may wait after responses of 429, all waits together; 300 when absent. */
  longestWait?: number | undefined;
  /** Waits between attempts; for tests. */
  sleep?: Sleep | undefined;
  /** Sends; for tests, proxies and the like. */
  fetch?: typeof fetch | undefined;
}

export interface Settings {
  baseUrl: string;
  fetch: typeof fetch;
  /** Seconds for one attempt, its response's body included. */
  timeout: number;
  /** Seconds that the waits of one call after 429 may add up to. */
  longestWait: number;
  sleep: Sleep;
  /** Empty when there is none. */
  apiKey: string;
}

export function settings(options: ClientOptions): Settings {
  const { fetch: given } = options;
  return {
    baseUrl: origin(options.baseUrl ?? (environment('TWOSIGNAL_BASE_URL') || policy.defaultBaseUrl)),
    apiKey: key(options.apiKey ?? environment('TWOSIGNAL_API_KEY')),
    timeout: seconds('timeout', options.timeout ?? 30, 0.001),
    longestWait: seconds('longestWait', options.longestWait ?? 300, 0),
    sleep: options.sleep ?? sleep,
    // As a plain call: browsers refuse fetch as a method of anything but the window.
    fetch: (input, init) => (given ?? fetch)(input, init),
  };
}

/** The default of `sleep`: a timer. */
const sleep: Sleep = (seconds, signal) =>
  new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const done = (): void => {
      signal?.removeEventListener('abort', stop);
      resolve();
    };
    // A timer may fire up to a millisecond early.
    const timer = setTimeout(done, Math.ceil(seconds * 1000) + 1);
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted) {
      stop();
    }
  });

/** Whether a header can hold a secret: otherwise fetch would quote it in its error. */
export function isSendable(secret: string): boolean {
  return !/[^\x21-\x7e]/.test(secret);
}

/** Of what is no URL every library has its own idea, so only what all of them read alike is let through. */
const ADDRESS = /^https?:\/\/[^/?#@\\\x00-\x20\x7f]+(\/([^?#%\\\x00-\x20\x7f]|%[0-9a-f]{2})*)?$/i;

/** The base URL without the prefix that every path has. */
function origin(url: string): string {
  const trimmed = String(url).trim();
  let parsed: URL | undefined;
  try {
    parsed = ADDRESS.test(trimmed) ? new URL(trimmed) : undefined;
  } catch {
    // Its error would quote the URL.
  }
  if (parsed === undefined) {
    // It is not quoted: it may hold a password.
    const expected = `expected one such as ${policy.defaultBaseUrl}, without user, password, query and fragment`;
    throw unsent('validation', 'invalid-value', `the base URL is none: ${expected}; set baseUrl or TWOSIGNAL_BASE_URL`);
  }
  const plain = `${parsed.origin}${parsed.pathname}`.replace(/\/+$/, '');
  return plain.endsWith(policy.prefix) ? plain.slice(0, -policy.prefix.length).replace(/\/+$/, '') : plain;
}

function key(given: string): string {
  const text = String(given).trim();
  if (!isSendable(text)) {
    throw unsent(
      'validation',
      'invalid-value',
      'the API key holds what no header can: expected only visible ASCII characters; copy it again',
    );
  }
  return text;
}

/** More than three weeks. Timers count milliseconds in 32 bits; a longer one would fire at once. */
const LONGEST_TIMER = 2 ** 31 / 1000 - 1;

function seconds(name: string, value: number, least: number): number {
  if (!(value >= least)) {
    throw unsent('validation', 'invalid-value', `${name} is ${value}: expected seconds, ${least} or more`);
  }
  return Math.min(value, LONGEST_TIMER);
}

/** A variable of Node's, Deno's or Bun's environment; browsers have none. */
function environment(name: string): string {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env?.[name]?.trim() ?? '';
}
