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

/** Seconds that the response asks to wait by the first header that can be read, never less than the first delay. */
function requestedWait<R>(outcome: Outcome<R> & { done: false }): number | undefined {
  const { headers } = outcome;
  const now = httpDate(headers?.get('Date') ?? '', Date.now()) ?? Date.now();
  const waits = policy.waitHeaders.map((name) => seconds(name, headers?.get(name) ?? '', now));
  const wait = waits.find((each) => each !== undefined);
  return wait === undefined ? undefined : Math.max(wait, delay(0));
}

/** From 2001 to 5138, and how many make a second. Every other number is a wait, most of them a very long one. */
const UNIX_TIMES = [
  { least: 1e9, most: 1e11, unit: 1 },
  { least: 1e12, most: 1e14, unit: 1000 },
] as const;

/** Seconds that a header means: a number of them, for the reset perhaps a Unix time, or an HTTP date. */
function seconds(name: string, text: string, now: number): number | undefined {
  const value = text.trim();
  if (!/^\d+(\.\d+)?$/.test(value)) {
    const date = httpDate(value, now);
    return date === undefined ? undefined : (date - now) / 1000;
  }
  const number = Number(value);
  const unix = UNIX_TIMES.find(({ least, most }) => name === policy.resetHeader && number >= least && number < most);
  return unix === undefined ? number : number / unix.unit - now / 1000;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const TIME = '(?<hour>\\d\\d):(?<minute>\\d\\d):(?<second>\\d\\d)';
/** The forms of RFC 9110 section 5.6.7: as they are sent today, as RFC 850 has them, and as asctime writes them. */
const FORMS = [
  new RegExp(`^[A-Z][a-z]{2}, (?<day>\\d\\d) (?<month>[A-Z][a-z]{2}) (?<year>\\d{4}) ${TIME} GMT$`),
  new RegExp(`^[A-Z][a-z]{5,8}, (?<day>\\d\\d)-(?<month>[A-Z][a-z]{2})-(?<year>\\d\\d) ${TIME} GMT$`),
  new RegExp(`^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>[ \\d]\\d) ${TIME} (?<year>\\d{4})$`),
];
/** No server was asked before. */
const FIRST_YEAR = 1970;

/** Milliseconds of the instant that a date names, always of UTC; undefined when it is none. */
function httpDate(text: string, now: number): number | undefined {
  const found = FORMS.map((form) => form.exec(text.trim())?.groups).find((groups) => groups !== undefined);
  if (found === undefined) {
    return undefined;
  }
  const part = (name: string): number => Number(found[name]);
  const [year, month, day] = [yearOf(found['year'] ?? '', now), MONTHS.indexOf(found['month'] ?? ''), part('day')];
  const date = new Date(Date.UTC(year, month, day));
  const real = date.getUTCMonth() === month && date.getUTCDate() === day && year >= FIRST_YEAR;
  const inDay = part('hour') < 24 && part('minute') < 60 && part('second') <= 60;
  return real && inDay
    ? date.getTime() + ((part('hour') * 60 + part('minute')) * 60 + part('second')) * 1000
    : undefined;
}

/** The year; one of two digits is never more than 50 years ahead. */
function yearOf(digits: string, now: number): number {
  if (digits.length > 2) {
    return Number(digits);
  }
  const current = new Date(now).getUTCFullYear();
  const year = current - (current % 100) + Number(digits);
  return year <= current + 50 ? year : year - 100;
}
