/** Does one scenario with the client, or many cases; generated_clients/README.md describes what comes in and what goes out. Not published. */

import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';

import {
  Client,
  type ClientOptions,
  type Event,
  type SpanBody,
  type TraceBody,
  type OtlpExportRequest,
  type ScoreRequest,
  type TemplateRequest,
  TwoSignalError,
  type ValidateRequest,
} from './index.js';
import type { TraceQuery } from './index.js';
import { parse, stringify } from './json.js';

interface Action {
  action: string;
  times?: number;
}
/** The settings of a client, and what is done with it. */
interface Case {
  client: ClientOptions;
  do: Action[];
}
/** A trace as a program records it, without ids and times. */
type Recorded = Pick<TraceBody, 'name' | 'tags' | 'metadata'> & { spans?: RecordedSpan[] };
type RecordedSpan = Omit<SpanBody, 'id' | 'traceId' | 'parentSpanId'> & { error?: string; spans?: RecordedSpan[] };
type Place = Pick<SpanBody, 'traceId' | 'parentSpanId'>;
type Do = (client: Client, action: never) => Promise<unknown>;

const NOT_SUPPORTED = 64;

const ACTIONS: Readonly<Record<string, Do>> = {
  health: (client) => client.health(),
  ingest: async (client, { events }: { events: Event[] }) => ({ accepted: await client.ingest(events) }),
  emit: async (client, { traces }: { traces: Recorded[] }) => ({ accepted: await client.ingest(traces.flatMap(traceEvents)) }),
  otlp: async (client, { request }: { request: OtlpExportRequest }) => ({ accepted: await client.ingestOtlp(request) }),
  list,
  score: (client, score: ScoreRequest) => client.createScore(score),
  route: (client, { input, configName }: { input: string; configName?: string }) =>
    client.routeModel(input, configName),
  templates,
  validate: (client, request: ValidateRequest) => client.validate(request),
  login: async (client) => {
    const { TWOSIGNAL_EMAIL = '', TWOSIGNAL_PASSWORD = '' } = process.env;
    return { email: (await client.login(TWOSIGNAL_EMAIL, TWOSIGNAL_PASSWORD)).user.email };
  },
  refresh: async (client) => ({ email: (await client.refresh()).user.email }),
  logout: async (client) => {
    await client.logout();
    return { success: true };
  },
};

/** A trace's events, with ids and times of their own: itself, then its spans, each before those inside it. */
function traceEvents({ spans = [], ...fields }: Recorded): Event[] {
  const body = { id: crypto.randomUUID(), startTime: now(), ...fields };
  const event: Event = { id: crypto.randomUUID(), type: 'trace-create', timestamp: now(), body };
  return [event, ...spans.flatMap((span) => spanEvents(span, { traceId: body.id }))];
}

function spanEvents({ spans = [], error, ...fields }: RecordedSpan, place: Place): Event[] {
  const id = crypto.randomUUID();
  const failed = error === undefined ? {} : { status: 'ERROR' as const, errorMessage: error };
  const body = { id, startTime: now(), endTime: now(), ...fields, ...failed, ...place };
  const event: Event = { id: crypto.randomUUID(), type: 'span-create', timestamp: now(), body };
  return [event, ...spans.flatMap((span) => spanEvents(span, { ...place, parentSpanId: id }))];
}

function now(): string {
  return new Date().toISOString();
}

async function list(
  client: Client,
  { query, take, walk, whole }: { query: TraceQuery; take?: number; walk?: boolean; whole?: boolean },
): Promise<unknown> {
  if (walk === false) {
    const { traces, nextCursor } = await client.listTraces(query);
    return { ids: traces.map(({ id }) => id), nextCursor, ...(whole === true ? { traces } : {}) };
  }
  const ids: string[] = [];
  for await (const { id } of client.iterateTraces(query)) {
    ids.push(id);
    if (ids.length === take) {
      break;
    }
  }
  return { ids };
}

async function templates(
  client: Client,
  { name, version, push }: { name?: string; version?: number; push?: TemplateRequest },
): Promise<unknown> {
  if (push !== undefined) {
    return client.pushTemplate(push);
  }
  return name === undefined ? { templates: await client.listTemplates() } : client.resolveTemplate(name, version);
}

/** What comes of an action. Whatever is shown of its error is noted. */
async function result(client: Client, { action, times = 1, ...fields }: Action, shown: string[] = []): Promise<unknown> {
  try {
    let last: unknown;
    for (let time = 0; time < times; time += 1) {
      last = await ACTIONS[action]?.(client, fields as never);
    }
    return last;
  } catch (error) {
    shown.push(...texts(error));
    return described(error);
  }
}

function described(error: unknown): unknown {
  if (!(error instanceof TwoSignalError)) {
    throw error;
  }
  const { kind, code, status = null, message } = error;
  return { error: { kind, code, status, message } };
}

/** What comes of a case, with a client of its own that notes its waits and does not wait. */
async function tried({ client: options, do: actions }: Case): Promise<unknown> {
  const waits: number[] = [];
  const shown: string[] = [];
  const results: unknown[] = [];
  try {
    const client = new Client({ ...options, sleep: async (seconds) => void waits.push(seconds) });
    shown.push(...texts(client));
    for (const action of actions) {
      results.push(await result(client, special(action) as Action, shown));
    }
  } catch (error) {
    results.push(described(error));
    shown.push(...texts(error));
  }
  return { results, waits, shown };
}

/** Whatever Node shows of a client or of an error. */
function texts(thing: unknown): string[] {
  const more = thing instanceof Error ? [thing.message, thing.stack ?? ''] : [];
  return [inspect(thing, { depth: 9, showHidden: true }), JSON.stringify(thing), String(thing), ...more];
}

/** A value with the numbers that JSON cannot say. */
function special(value: unknown): unknown {
  if (typeof value === 'string') {
    return /^\$(NaN|-?Infinity)$/.test(value) ? Number(value.slice(1)) : value;
  }
  if (Array.isArray(value)) {
    return value.map(special);
  }
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).map(([name, item]) => [name, special(item)]))
    : value;
}

const wanted = parse(await text(process.stdin)) as { do: Action[] } | { cases: Case[] };
const actions = 'cases' in wanted ? wanted.cases.flatMap((each) => each.do) : wanted.do;
if (actions.some(({ action }) => !Object.hasOwn(ACTIONS, action))) {
  process.exit(NOT_SUPPORTED);
}
if ('cases' in wanted) {
  const cases: unknown[] = [];
  for (const each of wanted.cases) {
    cases.push(await tried(each));
  }
  console.log(stringify({ cases }));
} else {
  const client = new Client();
  const results: unknown[] = [];
  for (const action of wanted.do) {
    results.push(await result(client, action));
  }
  console.log(stringify({ results }));
}
