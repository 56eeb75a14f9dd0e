/** One sandbox: where a client finds it, what moves it, and what happened in it. */

import { setTimeout as sleep } from 'node:timers/promises'; // a test's fake timers leave these alone

import type { Connection } from './control';
import type {
  Account,
  Clock,
  ClockSetting,
  Credentials,
  Expectation,
  Fault,
  Journal,
  JournalEntry,
  Ledger,
  NewFault,
  Outcome,
  Snapshot,
  State,
  Verification,
} from './control.gen';

const PAGE = 1000;
/** Milliseconds between two looks into the journal. */
const LOOK = 20;
/** Milliseconds that `waitFor` waits when it is not told. */
const PATIENCE = 5000;

/** A trace as the mock has it: with what the API cannot show. */
export interface StoredTrace {
  readonly id: string;
  readonly spans: readonly Readonly<Record<string, unknown>>[];
  readonly scores: readonly Readonly<Record<string, unknown>>[];
  readonly [field: string]: unknown;
}

/** Which requests are waited for: values that their entries have, such as `{ operation: 'ingestTraces', status: 201 }`. */
export type Expected = Partial<Pick<JournalEntry, 'operation' | 'method' | 'path' | 'status' | 'cause' | 'attempt'>>;

/** The requests that were waited for did not come; the message lists those that did. */
export class WaitError extends Error {
  override readonly name = 'WaitError';
}

/** Other requests came than a test expected. */
export class VerificationError extends Error {
  override readonly name = 'VerificationError';
}

/** The clock of a sandbox: rate windows, `Retry-After`, tokens and lag follow it. Instants are ISO 8601 with a zone. */
export class ClockControl {
  constructor(private readonly connection: Connection) {}

  /** What it shows. */
  async now(): Promise<Date> {
    return shown(await this.connection.call<Clock>('GET', '/clock'));
  }

  /** Stops it, at an instant or as it is. */
  freeze(at?: string | Date): Promise<Date> {
    return this.set('frozen', at);
  }

  /** Lets it run, from an instant or as it is. */
  run(at?: string | Date): Promise<Date> {
    return this.set('running', at);
  }

  /** Makes it the machine's clock again. */
  follow(): Promise<Date> {
    return this.set('real');
  }

  /** Moves it forward. */
  async advance(seconds: number): Promise<Date> {
    return shown(await this.connection.call<Clock>('POST', '/clock/advance', { seconds }));
  }

  private async set(kind: ClockSetting['kind'], at?: string | Date): Promise<Date> {
    const setting: ClockSetting = { kind };
    if (at !== undefined) setting.at = at instanceof Date ? at.toISOString() : at;
    return shown(await this.connection.call<Clock>('PUT', '/clock', setting));
  }
}

/** Trouble to order for requests to come. */
export class FaultControl {
  constructor(private readonly connection: Connection) {}

  /** Orders trouble, such as `{ kind: 'status', status: 429, retry_after: 2, times: 1 }`; gives the rule. */
  add(fault: NewFault): Promise<Fault> {
    return this.connection.call('POST', '/faults', fault);
  }

  /** All rules, with what they have seen and done. */
  async list(): Promise<Fault[]> {
    return (await this.connection.call<{ faults: Fault[] }>('GET', '/faults')).faults;
  }

  /** Takes a rule back. */
  remove(id: string): Promise<void> {
    return this.connection.call('DELETE', `/faults/${encodeURIComponent(id)}`);
  }

  /** Takes all rules back. */
  clear(): Promise<void> {
    return this.connection.call('DELETE', '/faults');
  }
}

/** A sandbox. Its key makes a client speak to it. */
export class Sandbox {
  readonly clock: ClockControl;
  readonly faults: FaultControl;

  constructor(
    private readonly connection: Connection,
    private readonly credentials: Credentials,
  ) {
    this.clock = new ClockControl(connection);
    this.faults = new FaultControl(connection);
  }

  /** The base URL of the API; it is the same for all sandboxes. */
  get url(): string {
    return this.connection.url;
  }

  get id(): string {
    return this.credentials.id;
  }

  get apiKey(): string {
    return this.credentials.api_key;
  }

  /** The user who can sign in. */
  get email(): string {
    return this.credentials.email;
  }

  get password(): string {
    return this.credentials.password;
  }

  /** The variables by which clients find it. */
  get environment(): { TWOSIGNAL_BASE_URL: string; TWOSIGNAL_API_KEY: string } {
    return { TWOSIGNAL_BASE_URL: this.url, TWOSIGNAL_API_KEY: this.apiKey };
  }

  /** All requests that the journal still has, oldest first; with `since` those of a higher sequence. */
  async journal(since = 0): Promise<JournalEntry[]> {
    const found: JournalEntry[] = [];
    for (;;) {
      const page = await this.connection.call<Journal>('GET', '/journal', undefined, { since, limit: PAGE });
      found.push(...page.entries);
      since = page.next;
      if (page.entries.length === 0 || since >= page.last) return found;
    }
  }

  /**
   * How many requests came as expected: `{ operation: 'createScore', body: { name: 'accuracy' }, count: 3 }`. Throws
   * VerificationError when they are too few or too many; its message names those that came nearest, and what differs.
   */
  async verify(expected: Expectation): Promise<number> {
    const answer = await this.connection.call<Verification>('POST', '/journal/verification', expected);
    if (!answer.verified) throw new VerificationError(unverified(expected, answer));
    return answer.found;
  }

  /** Forgets the requests so far. */
  clearJournal(): Promise<void> {
    return this.connection.call('DELETE', '/journal');
  }

  /**
   * Waits until so many requests of a kind have come, and gives them: for a client that sends in the background.
   * Throws WaitError after `timeout` milliseconds.
   */
  async waitFor(expected: Expected, { count = 1, timeout = PATIENCE } = {}): Promise<JournalEntry[]> {
    const end = performance.now() + timeout;
    for (;;) {
      const all = await this.journal();
      const found = all.filter((entry) => matches(entry, expected));
      if (found.length >= count) return found;
      if (performance.now() >= end) throw new WaitError(missed(expected, count, found.length, all));
      await sleep(LOOK);
    }
  }

  /** What happened to every id that was sent: all, or those of one outcome. */
  async ledger(outcome?: Outcome): Promise<Account[]> {
    const found: Account[] = [];
    for (;;) {
      const query = { outcome, offset: found.length, limit: PAGE };
      const { entries } = await this.connection.call<Ledger>('GET', '/ledger', undefined, query);
      found.push(...entries);
      if (entries.length < PAGE) return found;
    }
  }

  /** The counts of the ledger. */
  async ledgerSummary(): Promise<Ledger['summary']> {
    return (await this.connection.call<Ledger>('GET', '/ledger', undefined, { limit: 0 })).summary;
  }

  /** A trace with its spans and scores. Throws ControlError when there is none of that id. */
  trace(id: string): Promise<StoredTrace> {
    return this.connection.call('GET', `/traces/${encodeURIComponent(id)}`);
  }

  /** Makes the sandbox as it was when it was new; keys and user stay. */
  async reset(): Promise<void> {
    await this.connection.call('POST', '/reset');
  }

  /** Keeps a copy of what is stored; gives its name. */
  async snapshot(name?: string): Promise<string> {
    return (await this.connection.call<Snapshot>('POST', '/snapshots', name === undefined ? {} : { name })).name;
  }

  /** Puts what a snapshot holds in the place of what is stored. */
  async restore(name: string): Promise<void> {
    await this.connection.call('POST', `/snapshots/${encodeURIComponent(name)}/restore`);
  }

  /** What is stored, to be imported later. */
  exportState(): Promise<State> {
    return this.connection.call('GET', '/state');
  }

  /** Puts an export in the place of what is stored. */
  importState(state: State): Promise<void> {
    return this.connection.call('PUT', '/state', state);
  }

  /** One more user of the sandbox, who can sign in; what is not given is made. */
  async addUser(email?: string, password?: string): Promise<{ id: string; email: string; password: string }> {
    return this.connection.call('POST', '/users', { email, password });
  }

  /** One more API key for the sandbox. */
  async addKey(apiKey?: string): Promise<string> {
    const wanted = apiKey === undefined ? {} : { api_key: apiKey };
    return (await this.connection.call<{ api_key: string }>('POST', '/keys', wanted)).api_key;
  }

  /** Has an API key refused as revoked. */
  revokeKey(apiKey: string): Promise<void> {
    return this.connection.callServer('DELETE', `/keys/${encodeURIComponent(apiKey)}`);
  }

  /** Removes it with everything in it. The one that the server started with can only be reset. */
  drop(): Promise<void> {
    return this.connection.callServer('DELETE', `/sandboxes/${encodeURIComponent(this.id)}`);
  }
}

function shown(clock: Clock): Date {
  return new Date(clock.now);
}

function matches(entry: JournalEntry, expected: Expected): boolean {
  return Object.entries(expected).every(
    ([name, value]) => value === undefined || entry[name as keyof Expected] === value,
  );
}

function unverified(expected: Expectation, answer: Verification): string {
  const { count, at_least, at_most, ...which } = expected;
  const lines = [`expected ${answer.expected} requests with ${JSON.stringify(which)}; got ${answer.found}`];
  for (const miss of answer.near_misses) {
    lines.push(`  near miss: ${miss.method} ${miss.path} (entry ${miss.sequence} of the journal)`);
    lines.push(...miss.differences.map((difference) => `    ${difference}`));
  }
  return lines.join('\n');
}

function missed(expected: Expected, count: number, found: number, all: readonly JournalEntry[]): string {
  const came = all.map(
    (entry) => `  ${entry.method} ${entry.path} ${entry.status ?? 'cut'} (${entry.operation ?? 'no operation'})`,
  );
  const wanted = `got ${found} of ${count} requests with ${JSON.stringify(expected)}`;
  return came.length === 0 ? `${wanted}; none came` : [`${wanted}; these came:`, ...came].join('\n');
}
