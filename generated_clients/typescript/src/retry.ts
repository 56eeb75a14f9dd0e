/** When a request is sent again, and after how long. Every number comes from policy.gen.ts. */

import { attempt, type Call, type Outcome } from './attempt.js';
import { policy } from './generated/policy.gen.js';
import type { Settings } from './settings.js';

/** The result of a call, sent as often as the contract asks; otherwise throws the error of the last attempt. */
export async function withRetries<T, R>(call: Call<T, R>, settings: Settings, again = true): Promise<R> {
  let retries = 0;
  let waited = 0;
  for (;;) {
    const outcome = await attempt(call, settings);
    if (outcome.done) {
      return outcome.value;
    }
    const { error } = outcome;
    let wait: number;
    if (error.status !== undefined && policy.waitStatuses.includes(error.status)) {
      wait = requestedWait(outcome) ?? delay(0);
      waited += wait;
      if (waited > settings.longestWait) {
        throw error;
      }
    } else if (backsOff(error.status, error.kind === 'network' && again) && retries < policy.mostRetries) {
      wait = delay(retries);
      retries += 1;
    } else {
      throw error;
    }
    await settings.sleep(wait, call.signal);
  }
}

function backsOff(status: number | undefined, network: boolean): boolean {
  return network || (status !== undefined && policy.backoffStatuses.includes(status));
}

/** Seconds before a retry; the last one holds for all that follow. */
function delay(retries: number): number {
  return policy.backoffDelays[retries] ?? policy.backoffDelays.at(-1) ?? 1;
}

/** Seconds that the response asks to wait, undefined when none of its headers does. */
function requestedWait<R>(outcome: Outcome<R> & { done: false }): number | undefined {
  const { headers } = outcome;
  const now = Date.parse(headers?.get('Date') ?? '') || Date.now();
  const waits = policy.waitHeaders.map((name) => seconds(headers?.get(name) ?? '', now));
  return waits.find((wait) => wait !== undefined && wait > 0);
}

/** From here on a number is a Unix time (in seconds: of 2001; in milliseconds: of 1973) and no delay. */
const UNIX_SECONDS = 1e9;
const UNIX_MILLISECONDS = 1e11;

/** Seconds that a header means: a number of them, a Unix time, or an HTTP date. */
function seconds(value: string, now: number): number | undefined {
  if (/^\d+(\.\d+)?$/.test(value)) {
    const number = Number(value);
    if (number < UNIX_SECONDS) {
      return number;
    }
    return (number < UNIX_MILLISECONDS ? number * 1000 : number) / 1000 - now / 1000;
  }
  return value.endsWith('GMT') && !Number.isNaN(Date.parse(value)) ? (Date.parse(value) - now) / 1000 : undefined;
}
