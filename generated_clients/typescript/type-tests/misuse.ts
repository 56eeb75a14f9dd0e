// Each line below an expectation must not compile: TypeScript reports an expectation that nothing fails.
import { Client, type ClientOptions, type Event, type SpanBody, TwoSignalError } from 'twosignal-client';

const client = new Client({ baseUrl: 'http://127.0.0.1:3000/api/v1', timeout: 5 });
const timestamp = '2026-03-14T10:00:00Z';

// Wrong fields
// @ts-expect-error no such option
const options: ClientOptions = { apikey: 'ts_local_development' };
// @ts-expect-error camelCase is what clients send; other spellings are not offered
const span: SpanBody = { traceId: 't', name: 'n', type: 'LLM', start_time: timestamp };
// @ts-expect-error events have a body, not data
const event: Event = { id: 'e', type: 'trace-create', timestamp, data: { id: 't', name: 'n' } };
// @ts-expect-error a trace has no model
const mixed: Event = { id: 'e', type: 'trace-create', timestamp, body: { id: 't', name: 'n', model: 'm' } };
// @ts-expect-error scores have no field of that name
void client.createScore({ traceId: 't', evaluatorName: 'e', value: 1, comment: 'c' });
// @ts-expect-error no such filter
void client.listTraces({ tag: ['production'] });
// @ts-expect-error the walk finds its cursors itself
void client.iterateTraces({ cursor: 'c' });

// Wrong enum values
// @ts-expect-error no such type of event
const unknown: Event = { id: 'e', type: 'trace-update', timestamp, body: { id: 't', name: 'n' } };
// @ts-expect-error no such type of span
const kind: SpanBody = { traceId: 't', name: 'n', type: 'GENERATION' };
// @ts-expect-error no such status
void client.listTraces({ status: 'FAILED' });
// @ts-expect-error no such mode
void client.validate({ output: '', evaluators: [{ type: 'CONTAINS', config: { value: 'x', mode: 'some' } }] });
// @ts-expect-error no such evaluator
void client.validate({ output: '', evaluators: [{ type: 'VIBES' }] });
// @ts-expect-error no such kind
if (new TwoSignalError({ kind: 'network', code: '', message: '' }).kind === 'timeout') throw span;

// Wrong types
// @ts-expect-error instants are text, as on the wire
void client.listTraces({ startDate: new Date() });
// @ts-expect-error costs are numbers
const cost: SpanBody = { traceId: 't', name: 'n', type: 'LLM', cost: '0.1' };
// @ts-expect-error null is allowed where the contract says so, and here it does not
void client.createScore({ traceId: null, evaluatorName: 'e', value: 1 });
// @ts-expect-error totalCost is decimal text and no number
const total: number = (await client.listTraces()).traces[0]?.totalCost ?? 0;

// Missing arguments
// @ts-expect-error nothing to send
void client.ingest();
// @ts-expect-error a score needs a value
void client.createScore({ traceId: 't', evaluatorName: 'e' });
// @ts-expect-error a span belongs to a trace
const orphan: SpanBody = { name: 'n', type: 'LLM' };
// @ts-expect-error events have an id
const nameless: Event = { type: 'trace-create', timestamp, body: { id: 't', name: 'n' } };
// @ts-expect-error sign-in needs a password
void client.login('someone@example.com');
// @ts-expect-error a template has content
void client.pushTemplate({ name: 'reply' });

export const seen = [options, event, mixed, unknown, kind, cost, total, orphan, nameless];
