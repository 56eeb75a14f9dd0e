/** Does one scenario with the client; generated_clients/README.md describes what comes in and what goes out. Not published. */

import { text } from 'node:stream/consumers';

import {
  Client,
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

interface Action {
  action: string;
  times?: number;
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
  { query, take, walk }: { query: TraceQuery; take?: number; walk?: boolean },
): Promise<unknown> {
  if (walk === false) {
    const { traces, nextCursor } = await client.listTraces(query);
    return { ids: traces.map(({ id }) => id), nextCursor };
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

async function result(client: Client, { action, times = 1, ...fields }: Action): Promise<unknown> {
  try {
    let last: unknown;
    for (let time = 0; time < times; time += 1) {
      last = await ACTIONS[action]?.(client, fields as never);
    }
    return last;
  } catch (error) {
    if (!(error instanceof TwoSignalError)) {
      throw error;
    }
    const { kind, code, status = null, message } = error;
    return { error: { kind, code, status, message } };
  }
}

const scenario = JSON.parse(await text(process.stdin)) as { do: Action[] };
if (scenario.do.some(({ action }) => !Object.hasOwn(ACTIONS, action))) {
  process.exit(NOT_SUPPORTED);
}
const client = new Client();
const results: unknown[] = [];
for (const action of scenario.do) {
  results.push(await result(client, action));
}
console.log(JSON.stringify({ results }));
