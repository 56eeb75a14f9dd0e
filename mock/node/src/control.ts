/** Calls of the control API, which has no part in what a test measures: never faulted, limited or journalled. */

import type { Error as ErrorBody } from './control.gen';

const ROOT = '/__mock/v1';

/** The control API could not do it; the message says what was sent, what was expected and what to do. */
export class ControlError extends Error {
  override readonly name = 'ControlError';
}

export type Query = Readonly<Record<string, string | number | undefined>>;

/** Calls to one server; with `sandbox` about that one, else about the one that the server started with. */
export class Connection {
  constructor(
    readonly url: string,
    private readonly token: string | undefined,
    private readonly sandbox?: string,
  ) {}

  /** The same server, about another sandbox. */
  about(sandbox: string): Connection {
    return new Connection(this.url, this.token, sandbox);
  }

  /** What an operation of the sandbox gives; nothing when it gives nothing. Throws ControlError. */
  call<T>(method: string, path: string, body?: unknown, query: Query = {}): Promise<T> {
    return this.callServer(method, path, body, { sandbox: this.sandbox, ...query });
  }

  /** What an operation without a sandbox gives. Throws ControlError. */
  async callServer<T>(method: string, path: string, body?: unknown, query: Query = {}): Promise<T> {
    const address = new URL(`${this.url}${ROOT}${path}`);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) address.searchParams.set(name, String(value));
    }
    const headers: Record<string, string> = { 'content-type': 'application/json' };
    if (this.token !== undefined) headers['authorization'] = `Bearer ${this.token}`;
    let response: Response;
    try {
      response = await fetch(address, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    } catch (error) {
      throw new ControlError(`${method} ${path}: no mock answers at ${this.url}; was it stopped?`, { cause: error });
    }
    const text = await response.text();
    if (!response.ok) throw new ControlError(`${method} ${path}: ${messageOf(text) ?? `status ${response.status}`}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }
}

function messageOf(text: string): string | undefined {
  try {
    return (JSON.parse(text) as ErrorBody).error.message;
  } catch {
    return undefined;
  }
}
