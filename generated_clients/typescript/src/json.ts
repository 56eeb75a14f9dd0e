/**
 * JSON whose numbers stay what they are. An integer that no `number` can hold is a `bigint`, both ways; NaN and infinities,
 * which JSON cannot say, are errors.
 *
 * JSON.parse and JSON.stringify know no bigint, so it passes through them as a text that begins with a mark; texts that begin
 * with that mark get another one.
 */

const MARK = '#';
const TEXT_MARK = '#:';

/** Texts, each with what tells that it is the name of a field, and numbers. */
const TOKENS = /"((?:[^"\\]|\\.)*)"(\s*:)?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
/** What has no such digits has only numbers that JSON.parse keeps. */
const LARGE = /\d{16}|\d[eE]/;

/** The value of a JSON text; SyntaxError when it is none. */
export function parse(text: string): unknown {
  return LARGE.test(text) ? JSON.parse(marked(text), (_, value: unknown) => unmarked(value)) : JSON.parse(text);
}

/** A value as compact JSON; TypeError when it is none. */
export function stringify(value: unknown): string {
  let large = false;
  const checked = (_: string, held: unknown): unknown => {
    if (typeof held === 'number' && !Number.isFinite(held)) {
      throw new TypeError(`${held} is no JSON`);
    }
    large ||= typeof held === 'bigint';
    return typeof held === 'bigint' ? 0 : held;
  };
  const text = JSON.stringify(value, checked) as string | undefined;
  if (text === undefined) {
    throw new TypeError(`${typeof value} is no JSON`);
  }
  return large ? JSON.stringify(value, (_, held: unknown) => mark(held)).replace(TOKENS, withNumber) : text;
}

/** A JSON text with its large integers as marked texts. A text that begins with an escape may begin with the mark. */
function marked(json: string): string {
  return json.replace(TOKENS, (token: string, text: string | undefined, colon: string | undefined) => {
    if (text !== undefined) {
      return colon === undefined && /^[#\\]/.test(text) ? `"${TEXT_MARK}${token.slice(1)}` : token;
    }
    if (!Number.isFinite(Number(token))) {
      throw new SyntaxError('a number is too large');
    }
    return /^-?[1-9]\d*$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${MARK}${token}"` : token;
  });
}

function unmarked(value: unknown): unknown {
  if (typeof value !== 'string' || !value.startsWith(MARK)) {
    return value;
  }
  return value.startsWith(TEXT_MARK) ? value.slice(TEXT_MARK.length) : BigInt(value.slice(MARK.length));
}

function mark(value: unknown): unknown {
  if (typeof value === 'bigint') {
    return `${MARK}${value}`;
  }
  return typeof value === 'string' && value.startsWith(MARK) ? `${TEXT_MARK}${value}` : value;
}

/** A token of marked JSON as it is to be sent. */
function withNumber(token: string, text: string | undefined, colon: string | undefined): string {
  if (text === undefined || colon !== undefined || !text.startsWith(MARK)) {
    return token;
  }
  return text.startsWith(TEXT_MARK) ? `"${text.slice(TEXT_MARK.length)}"` : text.slice(MARK.length);
}
