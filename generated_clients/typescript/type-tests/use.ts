// What must compile, under the strictest options that a user may have.
import {
  ApiError,
  Client,
  type Event,
  type Session,
  type Trace,
  type TraceQuery,
  TwoSignalError,
} from 'twosignal-client';

const client = new Client({
  apiKey: 'ts_local_development',
  sleep: () => Promise.resolve(),
  fetch: (input, init) => fetch(input, init),
});
const events: readonly Event[] = [
  {
    id: 'e',
    type: 'trace-create',
    timestamp: '2026-03-14T10:00:00Z',
    body: { id: 't', name: 'n', metadata: { any: { thing: [1, 2n ** 64n] } }, endTime: null },
  },
  {
    id: 'f',
    type: 'span-create',
    timestamp: '2026-03-14T10:00:00Z',
    body: { traceId: 't', name: 'n', type: 'TOOL', usage: null, input: { any: 'value' } },
  },
];

export async function use(query: TraceQuery, signal: AbortSignal): Promise<Session | undefined> {
  const accepted: number = await client.ingest(events, { signal });
  const traces: Trace[] = [];
  for await (const trace of client.iterateTraces({ limit: accepted, status: 'OK' })) traces.push(trace);
  const end: string | null | undefined = traces[0]?.endTime;
  const cost: string | undefined = (await client.listTraces({ ...query, cursor: 'c' })).traces[0]?.totalCost;
  const { pass } = await client.validate({
    output: { end, cost },
    evaluators: [{ type: 'LENGTH', config: { max: 5 } }, { type: 'CUSTOM' }],
  });
  await client.ingestOtlp({
    resourceSpans: [
      { scopeSpans: [{ spans: [{ traceId: '0', spanId: '1', startTimeUnixNano: '1773482400000000000' }] }] },
    ],
  });
  const versions: number[] = (await client.listTemplates()).map(({ latestVersion }) => latestVersion);
  try {
    return pass && versions.length > 0 ? await client.login('someone@example.com', 'secret') : undefined;
  } catch (error) {
    if (error instanceof ApiError) return void error.status.toFixed();
    if (error instanceof TwoSignalError && error.kind === 'network') return undefined;
    throw error;
  }
}
