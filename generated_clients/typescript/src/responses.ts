/** What the client reads of each response. It looks only at what it hands on, so unknown fields and values do no harm. */

import { field } from './errors.js';
import type * as types from './generated/types.gen.js';
import { isSendable } from './settings.js';

export type TracePage = types.TraceListResult['data'];
export type Session = types.SessionResult['data'];
export type Verdict = types.ValidateResult['data'];

/** How to read a response of type T. */
export interface Reader<T, R> {
  /** What is looked for, in words. */
  expected: string;
  /** What was looked for; undefined when it is not there. The response is an object, and may lack all that T says. */
  read(response: T): R | undefined;
}

export const health: Reader<types.Health, types.Health> = having('status');
export const score: Reader<types.Score, types.Score> = having('id');
export const decision: Reader<types.RouteDecision, types.RouteDecision> = having('model');
export const signedOut: Reader<types.LogoutResult, types.LogoutResult['data']> = {
  expected: 'success',
  read: ({ data }) => (typeof field(data, 'success') === 'boolean' ? data : undefined),
};

export const accepted: Reader<types.IngestResult, number> = {
  expected: 'the number that was accepted',
  read: ({ accepted }) => (Number.isSafeInteger(accepted) && accepted >= 0 ? accepted : undefined),
};

export const page: Reader<types.TraceListResult, TracePage> = {
  expected: 'traces and nextCursor',
  read: ({ data }) => {
    const next = field(data, 'nextCursor');
    return Array.isArray(field(data, 'traces')) && (next === null || typeof next === 'string') ? data : undefined;
  },
};

export const templates: Reader<types.TemplatesResult, types.TemplateSummary[]> = {
  expected: 'a list of templates',
  read: ({ data }) => (Array.isArray(data) ? data : undefined),
};

export const template: Reader<types.TemplatesResult | types.TemplateResult, types.Template> = {
  expected: 'a template with a version',
  read: ({ data }) => (Array.isArray(data) || field(data, 'version') === undefined ? undefined : data),
};

export const verdict: Reader<types.ValidateResult, Verdict> = {
  expected: 'results',
  read: ({ data }) => (Array.isArray(field(data, 'results')) ? data : undefined),
};

export const session: Reader<types.SessionResult, Session> = {
  expected: 'tokens that a header can hold',
  read: ({ data }) => {
    const tokens = [field(data, 'access_token'), field(data, 'refresh_token')];
    return tokens.every((token) => typeof token === 'string' && isSendable(token)) ? data : undefined;
  },
};

function having<T>(name: string): Reader<T, T> {
  return { expected: name, read: (response) => (field(response, name) === undefined ? undefined : response) };
}
