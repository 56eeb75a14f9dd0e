// Sends one nested trace through npm @opentelemetry/exporter-trace-otlp-http, unchanged, and prints what it sent as JSON.
// Takes TWOSIGNAL_BASE_URL, TWOSIGNAL_API_KEY, and COMPRESSION: none or gzip.

import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

const exporter = new OTLPTraceExporter({
  url: `${process.env.TWOSIGNAL_BASE_URL}/api/v1/otel/traces`,
  headers: { Authorization: `Bearer ${process.env.TWOSIGNAL_API_KEY}` },
  compression: process.env.COMPRESSION,
});
const provider = new NodeTracerProvider({
  resource: resourceFromAttributes({ 'service.name': 'storefront', 'service.version': '3.0', replicas: 2 }),
  spanProcessors: [new BatchSpanProcessor(exporter)],
});
const tracer = provider.getTracer('storefront.agent', '0.9');

const root = tracer.startSpan('plan-trip', { kind: SpanKind.SERVER });
const below = trace.setSpan(context.active(), root);
const chat = tracer.startSpan(
  'chat',
  {
    kind: SpanKind.CLIENT,
    attributes: {
      'gen_ai.system': 'anthropic',
      'gen_ai.request.model': 'claude-sonnet-4-20250514',
      'gen_ai.usage.input_tokens': 900,
      'gen_ai.usage.output_tokens': 100,
      stops: ['Oslo', 'Bergen'],
      temperature: 0.5,
      cached: false,
    },
  },
  below,
);
chat.addEvent('first-token', { milliseconds: 41 });
chat.end();
const book = tracer.startSpan('book', { kind: SpanKind.INTERNAL, links: [{ context: chat.spanContext() }] }, below);
const pay = tracer.startSpan('pay', { kind: SpanKind.PRODUCER }, trace.setSpan(below, book));
pay.recordException(new Error('card declined'));
pay.setStatus({ code: SpanStatusCode.ERROR, message: 'card declined' });
pay.end();
book.end();
root.setStatus({ code: SpanStatusCode.OK });
root.end();

await provider.forceFlush();
await provider.shutdown();
// Each span has a clock of its own, set to the millisecond: a child may end a little after its root.
const times = [root, chat, book, pay].map(({ name, startTime, endTime }) => ({ name, startTime, endTime }));
console.log(JSON.stringify({ traceId: root.spanContext().traceId, times }));
