// What the policy layer does, without a server: fetch and sleep are the test's own, so nothing waits.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';

import { ApiError, Client, NetworkError, TwoSignalError } from 'twosignal-client';

const KEY = 'ts_very-secret';
const HEALTHY = () => Response.json({ status: 'ok' });
const EVENT = { id: 'e', type: 'trace-create', timestamp: '2026-03-14T10:00:00Z', body: { id: 't', name: 'n' } };

const errorResponse = (status, headers = {}, code = 'SOME_CODE', message = 'some message') =>
  Response.json({ error: { code, message } }, { status, headers });

/** A client that gets these responses in turn, the last one for ever; what it sent, and how long it waited. */
function setUp(responses, options = {}) {
  const sent = [];
  const waits = [];
  const fetch = async (request) => {
    const respond = responses[Math.min(sent.length, responses.length - 1)];
    sent.push({
      method: request.method,
      url: request.url,
      key: request.headers.get('Authorization'),
      body: await request.text(),
    });
    return respond(request);
  };
  const sleep = async (seconds) => void waits.push(seconds);
  return { client: new Client({ baseUrl: 'http://server', apiKey: KEY, fetch, sleep, ...options }), sent, waits };
}

const rejected = async (promise) =>
  promise.then(
    () => assert.fail('expected an error'),
    (error) => error,
  );

const DATE = 'Sat, 14 Mar 2026 10:00:00 GMT';
const UNIX = Date.parse(DATE) / 1000;
for (const [source, headers, wait] of [
  ['seconds', { 'Retry-After': '7' }, 7],
  ['an HTTP date, less the date of the response', { 'Retry-After': 'Sat, 14 Mar 2026 10:00:05 GMT', Date: DATE }, 5],
  ['RateLimit-Reset', { 'RateLimit-Reset': '3' }, 3],
  ['RateLimit-Reset as Unix time in seconds', { 'RateLimit-Reset': `${UNIX + 4}`, Date: DATE }, 4],
  ['RateLimit-Reset as Unix time in milliseconds', { 'RateLimit-Reset': `${(UNIX + 6) * 1000}`, Date: DATE }, 6],
  ['both: Retry-After', { 'Retry-After': '2', 'RateLimit-Reset': '9' }, 2],
  ['an unreadable Retry-After: RateLimit-Reset', { 'Retry-After': 'soon', 'RateLimit-Reset': '9' }, 9],
  ['nothing: the first delay', {}, 1],
  ['a fraction', { 'Retry-After': '2.5' }, 2.5],
  ['less than the first delay', { 'Retry-After': '0.01' }, 1],
  ['a date of RFC 850', { 'Retry-After': 'Saturday, 14-Mar-26 10:00:05 GMT', Date: DATE }, 5],
  ['a date of asctime', { 'Retry-After': 'Sat Mar 14 10:00:05 2026', Date: DATE }, 5],
  ['a date that is no day', { 'Retry-After': 'Sat, 31 Feb 2026 10:00:05 GMT', 'RateLimit-Reset': '4', Date: DATE }, 4],
  ['another zone', { 'Retry-After': 'Sat, 14 Mar 2026 10:00:05 PST', 'RateLimit-Reset': '4', Date: DATE }, 4],
  ['zero: the first delay', { 'Retry-After': '0', 'RateLimit-Reset': '0' }, 1],
  ['a negative number: the first delay', { 'Retry-After': '-5' }, 1],
  ['a date that has passed: the first delay', { 'Retry-After': 'Sat, 14 Mar 2026 09:00:00 GMT', Date: DATE }, 1],
]) {
  test(`after 429 it waits as long as the response says: ${source}`, async () => {
    const { client, waits } = setUp([() => errorResponse(429, headers), HEALTHY]);
    await client.health();
    assert.deepEqual(waits, [wait]);
  });
}

test('waits after 429 end when they add up to more than the longest', async () => {
  const { client, sent, waits } = setUp([() => errorResponse(429, { 'Retry-After': '4' }, 'RATE_LIMITED')], {
    longestWait: 10,
  });
  const error = await rejected(client.health());
  assert.deepEqual(
    [error.kind, error.code, error.status, sent.length, waits],
    ['rate-limited', 'RATE_LIMITED', 429, 3, [4, 4]],
  );
});

test('a 429 uses up no retry', async () => {
  const { client, waits } = setUp(
    [503, 429, 502, 429, 500].map((status) => () => errorResponse(status, { 'Retry-After': '9' })).concat(HEALTHY),
  );
  await client.health();
  assert.deepEqual(waits, [1, 9, 2, 9, 4]);
});

for (const status of [302, 400, 401, 403, 404, 405, 408, 409, 413, 415, 422, 431, 501, 504]) {
  test(`${status} is never sent again`, async () => {
    const { client, sent } = setUp([() => errorResponse(status)]);
    const error = await rejected(client.health());
    assert.ok(error instanceof ApiError);
    assert.deepEqual([error.status, error.code, sent.length], [status, 'SOME_CODE', 1]);
  });
}

test('an error without an error object has no code, and its request id', async () => {
  const { client } = setUp([() => new Response('<html>', { status: 404, headers: { 'X-Request-Id': 'r-1' } })]);
  const error = await rejected(client.health());
  assert.deepEqual([error.kind, error.code, error.requestId], ['not-found', '', 'r-1']);
});

test('a 401 whose body breaks off is still a 401', async () => {
  const body = () => new ReadableStream({ start: (controller) => controller.error(new TypeError('terminated')) });
  const { client, sent } = setUp([() => new Response(body(), { status: 401 })]);
  assert.equal((await rejected(client.health())).kind, 'unauthorized');
  assert.equal(sent.length, 1);
});

for (const text of ['', 'null', '[]', '"ok"', '{}', '<html>', '{"status"']) {
  test(`a success that reads ${JSON.stringify(text)} is a typed error`, async () => {
    const { client, sent } = setUp([() => new Response(text)]);
    assert.deepEqual([(await rejected(client.health())).kind, sent.length], ['response', 1]);
  });
}

test('a broken connection is tried three times more, and the error says why', async () => {
  const broken = () => Promise.reject(new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') }));
  const { client, waits } = setUp([broken]);
  const error = await rejected(client.createScore({ traceId: 't', evaluatorName: 'e', value: 1 }));
  assert.ok(error instanceof NetworkError);
  assert.deepEqual(waits, [1, 2, 4]);
  assert.match(error.message, /POST \/api\/v1\/scores .*connect ECONNREFUSED/);
});

const hang = ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
const stall = ({ signal }) =>
  new Response(
    new ReadableStream({
      start: (controller) => signal.addEventListener('abort', () => controller.error(signal.reason)),
    }),
  );
for (const [what, respond] of [
  ['a response', hang],
  ['the rest of a response', stall],
  ['a response, of a fetch that does not look at its signal', () => new Promise(() => {})],
  ['the rest of such a response', () => new Response(new ReadableStream())],
]) {
  test(`time runs out while it waits for ${what}`, async () => {
    const { client, sent } = setUp([respond], { timeout: 0.02 });
    const error = await rejected(client.health());
    assert.deepEqual([error.kind, sent.length], ['network', 4]);
    assert.match(error.message, /0\.02 s/);
  });
  test(`the caller's signal ends the wait for ${what}`, async () => {
    const { client, sent } = setUp([respond]);
    const caller = new AbortController();
    setTimeout(() => caller.abort('enough'), 20);
    assert.deepEqual([await rejected(client.health({ signal: caller.signal })), sent.length], ['enough', 1]);
  });
}

test("the caller's signal ends a wait between attempts, with the default sleep", async () => {
  const { client, sent } = setUp([() => errorResponse(503)], { sleep: undefined });
  const error = await rejected(client.health({ signal: AbortSignal.timeout(20) }));
  assert.deepEqual([error.name, sent.length], ['TimeoutError', 1]);
});

test('an aborted signal sends nothing', async () => {
  const { client, sent } = setUp([HEALTHY]);
  assert.deepEqual([await rejected(client.health({ signal: AbortSignal.abort('no') })), sent.length], ['no', 0]);
});

test('what is sent again is what was sent, whatever became of the events since', async () => {
  const event = structuredClone(EVENT);
  const { client, sent } = setUp([
    () => ((event.body.name = 'changed'), errorResponse(500)),
    () => Response.json({ accepted: 1 }),
  ]);
  await client.ingest([event]);
  assert.equal(sent[0].body, sent[1].body);
  assert.equal(sent[0].body, JSON.stringify({ batch: [EVENT] }));
});

test('no events: nothing is sent', async () => {
  const { client, sent } = setUp([HEALTHY]);
  assert.deepEqual([await client.ingest([]), sent.length], [0, 0]);
});

test('one event too large: none is sent', async () => {
  const { client, sent } = setUp([HEALTHY]);
  const large = { ...EVENT, body: { ...EVENT.body, name: 'x'.repeat(6_000_000) } };
  assert.deepEqual([(await rejected(client.ingest([EVENT, large]))).kind, sent.length], ['too-large', 0]);
});

test('what JSON cannot hold is a typed error', async () => {
  const circle = {};
  circle.circle = circle;
  const { client } = setUp([HEALTHY]);
  assert.equal((await rejected(client.validate({ output: circle, evaluators: [] }))).kind, 'validation');
});

test('a walk ends with an error at an empty cursor, and after a thousand empty pages', async () => {
  const page = (nextCursor) => () => Response.json({ data: { traces: [], nextCursor } });
  const short = setUp([page('')]);
  assert.equal((await rejected(short.client.iterateTraces().next())).kind, 'response');
  assert.equal(short.sent.length, 1);
  let number = 0;
  const long = setUp([() => page(String((number += 1)))()]);
  assert.equal((await rejected(long.client.iterateTraces().next())).kind, 'response');
  assert.equal(long.sent.length, 1000);
});

for (const value of ['12345678901234567890', '1773482404', 'Fri, 31 Dec 9999 23:59:59 GMT']) {
  test(`a wait of ${value} is longer than the longest`, async () => {
    const { client, waits } = setUp([() => errorResponse(429, { 'Retry-After': value }), HEALTHY]);
    assert.deepEqual([(await rejected(client.health())).kind, waits], ['rate-limited', []]);
  });
}

for (const cursors of ['a', 'ab']) {
  test(`a walk ends with an error when the cursors ${cursors} come again and again`, async () => {
    const pages = Array.from(cursors + cursors[0], (nextCursor) => () => Response.json({ data: { traces: [], nextCursor } }));
    const { client, sent } = setUp([...pages, HEALTHY]);
    assert.equal((await rejected(client.iterateTraces().next())).kind, 'response');
    assert.equal(sent.length, pages.length);
  });
}

test('filters stay, the cursor changes', async () => {
  const page = (nextCursor) => () => Response.json({ data: { traces: [{ id: 't' }], nextCursor } });
  const { client, sent } = setUp([page('a b'), page(null)]);
  for await (const trace of client.iterateTraces({ tags: ['x,y', 'z'], limit: 5 })) assert.equal(trace.id, 't');
  assert.deepEqual(
    sent.map(({ url }) => new URL(url).search),
    ['?tags=x%2Cy,z&limit=5', '?tags=x%2Cy,z&limit=5&cursor=a%20b'],
  );
});

test('integers that no number can hold are bigint, both ways', async () => {
  const large = 2n ** 64n;
  const metadata = { large, small: 1, texts: [`${large}`, '#1', '#:'], deep: [{ large: -large }] };
  const { client, sent } = setUp([() => Response.json({ accepted: 1 })]);
  await client.ingest([{ ...EVENT, body: { ...EVENT.body, metadata } }]);
  const text = `{"large":${large},"small":1,"texts":["${large}","#1","#:"],"deep":[{"large":-${large}}]}`;
  assert.ok(sent[0].body.includes(`"metadata":${text}`), sent[0].body);
  const page = `{"data":{"traces":[{"id":"t","metadata":${text}}],"nextCursor":null}}`;
  const { traces } = await setUp([() => new Response(page)]).client.listTraces();
  assert.deepEqual(traces[0].metadata, metadata);
});

for (const query of [{ tags: 'prod' }, { tags: [1] }, { tags: { 0: 'prod' } }, { limit: '5' }, { limit: 1.5 }, { limit: 5n }]) {
  test(`a query that is no query of ours is not sent: ${inspect(query)}`, async () => {
    const { client, sent } = setUp([HEALTHY]);
    assert.deepEqual([(await rejected(client.listTraces(query))).kind, sent.length], ['validation', 0]);
  });
}

for (const value of [NaN, -0.1, 1.1, Infinity, '1', true, 1n]) {
  test(`a score of ${inspect(value)} is not sent`, async () => {
    const { client, sent } = setUp([HEALTHY]);
    const error = await rejected(client.createScore({ traceId: 't', evaluatorName: 'e', value }));
    assert.deepEqual(
      [error.kind, error.code, error.status, sent.length],
      ['validation', 'VALIDATION_ERROR', undefined, 0],
    );
  });
}

for (const baseUrl of [
  'http://server',
  'http://server/',
  'http://server/api/v1',
  'http://server/api/v1/',
  'http://server/api/v1//',
]) {
  test(`${baseUrl} is the origin`, async () => {
    const { client, sent } = setUp([HEALTHY], { baseUrl });
    await client.health();
    assert.equal(sent[0].url, 'http://server/api/v1/health');
  });
}

for (const options of [
  { baseUrl: 'http://me:ts_very-secret@server' },
  { baseUrl: 'http://server?key=ts_very-secret' },
  { baseUrl: 'ftp://ts_very-secret' },
  { baseUrl: 'ts_very-secret' },
  { apiKey: 'ts_very\n-secret' },
  { apiKey: 'ts_very-secret ä' },
  { timeout: 0 },
  { longestWait: NaN },
]) {
  test(`an error that quotes no secret: ${Object.keys(options)} ${JSON.stringify(Object.values(options)[0])}`, () => {
    assert.throws(
      () => new Client(options),
      (error) => error instanceof TwoSignalError && error.kind === 'validation' && !inspect(error).includes(KEY),
    );
  });
}

test('without a key nothing is sent but what needs none', async () => {
  const { client, sent } = setUp([HEALTHY], { apiKey: '' });
  assert.deepEqual([(await rejected(client.listTraces())).code, sent.length], ['UNAUTHORIZED', 0]);
  await client.health();
  assert.equal(sent[0].key, null);
});

test('the key is sent, and shows nowhere', async () => {
  const echo = { code: KEY, message: `no such key: ${KEY}` };
  const failing = [
    () => errorResponse(401, {}, echo.code, echo.message),
    () => Promise.reject(new TypeError(`bad header ${KEY}`, { cause: { KEY } })),
  ];
  const { client, sent } = setUp(failing);
  const errors = [await rejected(client.listTraces()), await rejected(client.listTraces())];
  assert.equal(sent[0].key, `Bearer ${KEY}`);
  for (const thing of [client, ...errors]) {
    for (const text of [
      inspect(thing, { depth: 9, showHidden: true }),
      JSON.stringify(thing),
      String(thing),
      thing.stack ?? '',
      thing.message ?? '',
    ]) {
      assert.ok(!text.includes(KEY), text);
    }
  }
});

const tokens = (number) => ({
  access_token: `access-${number}`,
  refresh_token: `refresh-${number}`,
  expires_at: 2 ** 32,
  user: { id: 'u', email: 'a@b' },
});
test('a session: its tokens are remembered, sent where they belong, and forgotten', async () => {
  const responses = [{ data: tokens(1) }, { data: tokens(2) }, { data: { success: true } }].map(
    (body) => () => Response.json(body),
  );
  const { client, sent } = setUp(responses);
  await client.login('a@b', 'password');
  await client.refresh();
  await client.logout();
  assert.deepEqual(
    sent.map(({ key }) => key),
    [null, null, 'Bearer access-2'],
  );
  assert.equal(sent[1].body, '{"refresh_token":"refresh-1"}');
  assert.equal((await rejected(client.logout())).kind, 'unauthorized');
  assert.equal((await rejected(client.refresh())).kind, 'unauthorized');
  assert.equal(sent.length, 3);
});

test('a refresh is sent again after a 503, and not when its response is lost', async () => {
  const lost = () => Promise.reject(new TypeError('fetch failed'));
  const { client, sent } = setUp([() => Response.json({ data: tokens(1) }), () => errorResponse(503), lost]);
  await client.login('a@b', 'password');
  assert.equal((await rejected(client.refresh())).kind, 'network');
  assert.equal(sent.length, 3);
});
