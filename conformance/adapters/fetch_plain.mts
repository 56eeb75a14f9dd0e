// `fetch` with nothing around it, in TypeScript: copy it, and put your client in the place of `call`. Node 22.18 or newer runs
// it as it is; an older one what `tsc` makes of it. One request for each action, no second attempt, no look at sizes.
import { randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';

type Fields = Record<string, any>;

const NOT_SUPPORTED = 64;
const base = process.env['TWOSIGNAL_BASE_URL'] ?? '';
const key = process.env['TWOSIGNAL_API_KEY'] ?? '';

/** The server refused. */
class Refused extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, body: string) {
    const { code, message } = parsed(body)?.error ?? { code: '', message: body.slice(0, 200) };
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** The body of a success; throws Refused, or what `fetch` throws. */
async function call(method: string, path: string, body?: unknown, query: Fields = {}): Promise<Fields> {
  const address = `${base}/api/v1${path}?${new URLSearchParams(query)}`;
  const headers: Record<string, string> = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const response = await fetch(address, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const received = await response.text();
  if (!response.ok) throw new Refused(response.status, received);
  return parsed(received) ?? {};
}

function parsed(body: string): Fields | undefined {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** The events of traces, a trace before its spans and a span before those below it. */
function* events(traces: Fields[]): Generator<Fields> {
  for (const { spans = [], ...trace } of traces) {
    const id = randomUUID();
    yield event('trace-create', { id, startTime: new Date().toISOString(), ...trace });
    yield* spanEvents(spans, { traceId: id });
  }
}

function* spanEvents(spans: Fields[], belongs: Fields): Generator<Fields> {
  for (const { spans: inner = [], error, ...span } of spans) {
    const [id, now] = [randomUUID(), new Date().toISOString()];
    const failed = error === undefined ? {} : { status: 'ERROR', errorMessage: error };
    yield event('span-create', { id, startTime: now, endTime: now, ...span, ...failed, ...belongs });
    yield* spanEvents(inner, { ...belongs, parentSpanId: id });
  }
}

function event(type: string, body: Fields): Fields {
  return { id: randomUUID(), type, timestamp: new Date().toISOString(), body };
}

/** Ids of the traces of all pages. */
async function walk({ query = {} }: Fields): Promise<Fields> {
  const asked: Fields = { ...query, ...(query.tags === undefined ? {} : { tags: query.tags.join(',') }) };
  const ids: string[] = [];
  for (;;) {
    const { data } = await call('GET', '/traces', undefined, asked);
    ids.push(...data.traces.map((trace: Fields) => trace.id));
    if (!data.nextCursor) return { ids };
    asked.cursor = data.nextCursor;
  }
}

const ACTIONS: Record<string, (fields: Fields) => Promise<Fields>> = {
  emit: ({ traces }) => call('POST', '/traces', { batch: [...events(traces)] }),
  list: walk,
  score: (fields) => call('POST', '/scores', fields),
  route: (fields) => call('POST', '/route-model', fields),
  validate: async (fields) => (await call('POST', '/validate', fields)).data,
};

async function perform({ action, times = 1, ...fields }: Fields): Promise<unknown> {
  try {
    let result;
    for (let time = 0; time < times; time++) result = await ACTIONS[action]!(fields);
    return result;
  } catch (error) {
    const { status = null, code = '', message } = error as Partial<Refused>;
    return { error: { kind: status === null ? 'network' : 'unexpected', status, code, message } };
  }
}

const actions: Fields[] = JSON.parse(await text(process.stdin)).do;
if (!actions.every(({ action }) => action in ACTIONS)) process.exit(NOT_SUPPORTED);
const results = [];
for (const action of actions) results.push(await perform(action));
console.log(JSON.stringify({ results }));
