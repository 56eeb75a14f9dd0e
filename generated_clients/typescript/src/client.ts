/** The client: one method for each operation of the contract, and a walk over all pages. */

import type { Operation, Sending } from './attempt.js';
import { type Batch, batches, bodyOf, encode, halves } from './batches.js';
import { ApiError, field, TwoSignalError, unsent } from './errors.js';
import { type ErrorCause, type OperationId, policy } from './generated/policy.gen.js';
import * as operations from './generated/sdk.gen.js';
import type * as types from './generated/types.gen.js';
import * as responses from './responses.js';
import type { Session, TracePage, Verdict } from './responses.js';
import { withRetries } from './retry.js';
import { type ClientOptions, type Settings, settings } from './settings.js';

/** Filters, limit and cursor of the query. */
export type TraceQuery = NonNullable<types.ListTracesData['query']>;

type TemplateQuery = NonNullable<types.GetPromptTemplatesData['query']>;

/** All parameters or fields, so that the compiler names the line here that does not pass on one which is new in the contract. */
type Every<T> = { [Name in keyof Required<T>]: T[Name] };

/** Options of one call. */
export interface CallOptions {
  /** Ends the call, its waits included; the call throws the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** In a row, and always with a new cursor: then a walk ends. Filters of an honest server skip fewer traces. */
const EMPTY_PAGES = 1000;

export class Client {
  // Private fields of the language, so that printing a client never shows them.
  readonly #settings: Settings;
  #session: Session | undefined;

  constructor(options: ClientOptions = {}) {
    this.#settings = settings(options);
  }

  /** Where requests go, without /api/v1. */
  get baseUrl(): string {
    return this.#settings.baseUrl;
  }

  health(options?: CallOptions): Promise<types.Health> {
    return this.#send('getHealth', {}, (sending) => operations.getHealth(sending), responses.health, options);
  }

  /** The number of accepted events. They are sent in order, in as few requests as possible; each is stored once. */
  async ingest(events: readonly types.Event[], options?: CallOptions): Promise<number> {
    let accepted = 0;
    for (const batch of batches(events)) {
      accepted += await this.#sendBatch(batch, options);
    }
    return accepted;
  }

  /** The number of accepted spans. */
  ingestOtlp(request: types.OtlpExportRequest, options?: CallOptions): Promise<number> {
    const post = operations.ingestOtlpTraces;
    return this.#post('ingestOtlpTraces', request, (sending) => post(sending), responses.accepted, options);
  }

  /** One page. */
  async listTraces(query: TraceQuery = {}, options?: CallOptions): Promise<TracePage> {
    const get = operations.listTraces;
    return this.#send('listTraces', query, (sending) => get({ ...sending, query }), responses.page, options);
  }

  /** Every trace, newest first; a page is fetched when it is needed, with `limit` traces, or as many as a page may have. */
  async *iterateTraces(
    query: Omit<TraceQuery, 'cursor'> = {},
    options?: CallOptions,
  ): AsyncGenerator<types.Trace, void, void> {
    const limit = query.limit ?? policy.operations.listTraces.bounds['limit']?.most;
    const seen = new Set<string>();
    let cursor: string | null | undefined;
    let empty = 0;
    while (cursor !== null) {
      const page: TracePage = await this.listTraces({ ...query, limit, cursor }, options);
      yield* page.traces;
      cursor = page.nextCursor;
      empty = page.traces.length === 0 ? empty + 1 : 0;
      if (cursor !== null && (cursor === '' || seen.has(cursor) || empty >= EMPTY_PAGES)) {
        const problem = empty >= EMPTY_PAGES ? `${empty} pages in a row are empty` : 'a cursor is empty or came a second time';
        const message = `${problem}: expected a new cursor or null; the walk would never end`;
        throw new TwoSignalError({ kind: 'response', code: '', message });
      }
      seen.add(cursor ?? '');
    }
  }

  /** The stored score. When the response is lost it may be stored twice. */
  async createScore(request: types.ScoreRequest, options?: CallOptions): Promise<types.Score> {
    return this.#post('createScore', request, (sending) => operations.createScore(sending), responses.score, options);
  }

  /** The model to use for an input. */
  routeModel(input: string, configName?: string, options?: CallOptions): Promise<types.RouteDecision> {
    const request: Every<types.RouteRequest> = { input, configName };
    return this.#post('routeModel', request, (sending) => operations.routeModel(sending), responses.decision, options);
  }

  listTemplates(options?: CallOptions): Promise<types.TemplateSummary[]> {
    const get = operations.getPromptTemplates;
    return this.#send('getPromptTemplates', {}, (sending) => get(sending), responses.templates, options);
  }

  /** A template with one version, the latest unless `version` names another. */
  resolveTemplate(name: string, version?: number, options?: CallOptions): Promise<types.Template> {
    const query: Every<TemplateQuery> = { name, version };
    const get = operations.getPromptTemplates;
    return this.#send('getPromptTemplates', query, (sending) => get({ ...sending, query }), responses.template, options);
  }

  /** The template with the version that was made. When the response is lost there may be one version more. */
  pushTemplate(request: types.TemplateRequest, options?: CallOptions): Promise<types.Template> {
    const post = operations.pushPromptTemplate;
    return this.#post('pushPromptTemplate', request, (sending) => post(sending), responses.template, options);
  }

  /** Whether an output passes, and what each evaluator says. */
  validate(request: types.ValidateRequest, options?: CallOptions): Promise<Verdict> {
    const post = operations.validateOutput;
    return this.#post('validateOutput', request, (sending) => post(sending), responses.verdict, options);
  }

  /** A session, which the client remembers until `logout`. */
  async login(email: string, password: string, options?: CallOptions): Promise<Session> {
    const request: Every<types.LoginRequest> = { email, password };
    const post = operations.login;
    return (this.#session = await this.#post('login', request, (sending) => post(sending), responses.session, options));
  }

  /** The session with new tokens. Not sent again when the response is lost: the token may be used up. */
  async refresh(options?: CallOptions): Promise<Session> {
    const { refresh_token } = this.#signedIn('invalid-refresh-token');
    const post = operations.refreshSession;
    const once = { ...options, again: false };
    const request: Every<types.RefreshRequest> = { refresh_token };
    const send = (sending: Parameters<typeof post>[0]) => post(sending);
    return (this.#session = await this.#post('refreshSession', request, send, responses.session, once));
  }

  /** Ends the session. An access token that has expired is changed for a new one first. */
  async logout(options?: CallOptions): Promise<void> {
    if (this.#signedIn('invalid-access-token').expires_at * 1000 <= Date.now()) {
      await this.refresh(options);
    }
    await this.#send('logout', {}, (sending) => operations.logout(sending), responses.signedOut, options);
    this.#session = undefined;
  }

  /** What JSON.stringify and Node's inspect show. */
  toJSON(): { baseUrl: string } {
    return { baseUrl: this.baseUrl };
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `Client { baseUrl: '${this.baseUrl}' }`;
  }

  async #sendBatch(batch: Batch, options?: CallOptions): Promise<number> {
    const body = { batch: batch.map(({ event }) => event) };
    try {
      const more = { ...options, text: bodyOf(batch) };
      const post = operations.ingestTraces;
      return await this.#send('ingestTraces', {}, (sending) => post({ ...sending, body }), responses.accepted, more);
    } catch (error) {
      const parts = error instanceof ApiError && error.kind === 'too-large' ? halves(batch) : undefined;
      if (parts === undefined) {
        throw error;
      }
      return (await this.#sendBatch(parts[0], options)) + (await this.#sendBatch(parts[1], options));
    }
  }

  /** What is read of the response to a request with a body. */
  async #post<B, T, R>(
    id: OperationId,
    body: B,
    operation: (sending: Sending & { body: B }) => ReturnType<Operation<T>>,
    reader: responses.Reader<T, R>,
    options?: Sent,
  ): Promise<R> {
    const more = { ...options, text: encode(id, body) };
    return this.#send(id, body, (sending) => operation({ ...sending, body }), reader, more);
  }

  /** What is read of the response. `values` are the parameters or the body, as far as they have bounds. */
  async #send<T, R>(
    id: OperationId,
    values: unknown,
    operation: Operation<T>,
    reader: responses.Reader<T, R>,
    options: Sent = {},
  ): Promise<R> {
    checkValues(id, values);
    const { signal, text, again } = options;
    const secrets = [this.#settings.apiKey, this.#session?.access_token ?? '', this.#session?.refresh_token ?? ''];
    const call = { id, operation, reader, text, signal, secrets, secret: this.#secretOf(id) };
    return withRetries(call, this.#settings, again);
  }

  /** The key or token that opens an operation, empty when it needs none. */
  #secretOf(id: OperationId): string {
    const { scheme } = policy.operations[id];
    if (scheme === 'accessToken') {
      return this.#signedIn('invalid-access-token').access_token;
    }
    if (scheme !== null && this.#settings.apiKey === '') {
      throw unsent(
        'unauthorized',
        'missing-key',
        'there is no API key: expected one from the project settings; set apiKey or TWOSIGNAL_API_KEY',
      );
    }
    return scheme === null ? '' : this.#settings.apiKey;
  }

  #signedIn(cause: ErrorCause): Session {
    if (this.#session === undefined) {
      throw unsent('unauthorized', cause, 'nobody is signed in: expected a session; call login first');
    }
    return this.#session;
  }
}

/** Options of a call, and what only the client itself sets. */
interface Sent extends CallOptions {
  text?: string | undefined;
  /** Whether to send again after a broken connection. */
  again?: boolean | undefined;
}

/** Throws for a parameter or a field that is outside of its bounds, and for a list that is none. */
function checkValues(id: OperationId, values: unknown): void {
  const { bounds, lists } = policy.operations[id];
  for (const [name, { least, most, whole }] of Object.entries(bounds)) {
    const value = field(values, name) ?? least;
    if (typeof value !== 'number' || !(value >= least && value <= most && (!whole || Number.isInteger(value)))) {
      throw wrong(name, value, `${whole ? 'a whole number' : 'a number'} from ${least} to ${most}`);
    }
  }
  for (const name of lists) {
    const value = field(values, name) ?? [];
    // One text alone would be sent as a list of one, or of many where it has commas.
    if (!Array.isArray(value) || value.some((each) => typeof each !== 'string')) {
      throw wrong(name, value, 'a list of texts');
    }
  }
}

function wrong(name: string, value: unknown, expected: string): TwoSignalError {
  const found = typeof value === 'number' ? value : `of type ${typeof value}`;
  return unsent('validation', 'invalid-value', `${name} is ${found}: expected ${expected}; nothing was sent`);
}
