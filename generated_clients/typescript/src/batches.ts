/** Encoded bodies and batches that are within the limits of policy.gen.ts: bytes of the body, and events. */

import { unsent } from './errors.js';
import { type OperationId, policy } from './generated/policy.gen.js';
import type { Event } from './generated/types.gen.js';
import { stringify } from './json.js';

/** An event, encoded once: the bytes that were counted are those that are sent, each time. */
interface Encoded {
  readonly event: Event;
  readonly text: string;
}

/** Events of one request. */
export type Batch = readonly Encoded[];

/** The encoded body of a request, which fits its operation. */
export function encode(id: OperationId, value: unknown): string {
  const text = encoded(value);
  checkSize(id, bytesOf(text), 'the request');
  return text;
}

/** Events in their order, as many in a batch as fit. */
export function batches(events: readonly Event[]): Batch[] {
  const { bytes: mostBytes, events: mostEvents } = policy.operations.ingestTraces;
  const made: Encoded[][] = [];
  let bytes = 0;
  let number = 0;
  for (const event of events) {
    const text = encoded(event);
    const more = bytesOf(text);
    number += 1;
    checkSize('ingestTraces', EMPTY + more, `event number ${number}`);
    const batch = made.at(-1);
    if (batch !== undefined && batch.length < (mostEvents ?? Infinity) && bytes + COMMA + more <= (mostBytes ?? Infinity)) {
      batch.push({ event, text });
      bytes += COMMA + more;
    } else {
      made.push([{ event, text }]);
      bytes = EMPTY + more;
    }
  }
  return made;
}

/** The body of an ingestion with these events. */
export function bodyOf(batch: Batch): string {
  return `${HEAD}${batch.map(({ text }) => text).join(',')}${TAIL}`;
}

/** The two halves of a batch, undefined when there are none. */
export function halves(batch: Batch): [Batch, Batch] | undefined {
  const middle = Math.ceil(batch.length / 2);
  return batch.length > 1 ? [batch.slice(0, middle), batch.slice(middle)] : undefined;
}

const HEAD = '{"batch":[';
const TAIL = ']}';
const COMMA = 1;
const EMPTY = HEAD.length + TAIL.length;
const UTF8 = new TextEncoder();

function encoded(value: unknown): string {
  try {
    return stringify(value);
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw unsent('validation', 'invalid-value', `the request cannot be written as JSON: ${said}; send plain values`);
  }
}

function bytesOf(text: string): number {
  return UTF8.encode(text).length;
}

function checkSize(id: OperationId, bytes: number, what: string): void {
  const most = policy.operations[id].bytes ?? Infinity;
  if (bytes > most) {
    throw unsent(
      'too-large',
      'body-too-large',
      `${what} makes a body of ${bytes} bytes, at most ${most} may be sent: send less`,
    );
  }
}
