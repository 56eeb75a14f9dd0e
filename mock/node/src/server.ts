/** The process: starts the installed command, knows when it serves, and never leaves it behind. */

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const PREFIX = 'TWOSIGNAL_MOCK_';
/** Milliseconds between two looks for the ready file. */
const LOOK = 20;
/** Milliseconds to end after SIGTERM, before SIGKILL. */
const GRACE = 5000;
/** Of the server's output, shown when it does not start. */
const LAST_LINES = 20;

/** The server did not start; the message holds what it printed. */
export class MockStartError extends Error {
  override readonly name = 'MockStartError';
}

/** The options of `twosignal-mock serve`, by their names there; what is left out is as that command has it. */
export interface MockOptions {
  host?: string;
  state?: string;
  contract?: string | readonly string[];
  /** Names separated by commas. */
  api?: string;
  apiKey?: string;
  plan?: string;
  limits?: boolean;
  /** A time with its unit (`2s`, `500ms`); a number alone is milliseconds. */
  lag?: number | string;
  /** As `lag`; or two times, such as `50..200ms`. */
  latency?: number | string;
  /** `real`, an ISO 8601 instant (frozen there), or `from:` and an instant (running from there). */
  clock?: string;
  seed?: number;
  /** Name to value. */
  dialect?: Readonly<Record<string, string>>;
  controlToken?: string;
  sample?: number;
  anyKey?: boolean;
  validateAnswers?: boolean;
  journalSize?: number;
  logFormat?: string;
  noCors?: boolean;
  /** Where evaluators may post to: `loopback`, `any` or `off`. */
  webhooks?: string;
  /** An OpenAI-compatible endpoint whose model evaluators ask. */
  judgeUrl?: string;
  judgeKey?: string;
}

/** What the server says of itself once it serves. */
export interface ReadyRecord {
  readonly url: string;
  readonly api_key: string;
  readonly email: string;
  readonly password: string;
  readonly pid: number;
}

/** A server that serves. */
export class ServerProcess {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    readonly ready: ReadyRecord,
  ) {}

  /** Starts the command and waits until it serves. Throws MockStartError with its last output. */
  static async start(command: readonly string[], options: MockOptions, timeout: number): Promise<ServerProcess> {
    const folder = mkdtempSync(join(tmpdir(), 'twosignal-mock-'));
    const ready = join(folder, 'ready.json');
    const log = join(folder, 'log');
    const [program, ...words] = [...command, 'serve', '--port', '0', '--ready-file', ready, '--exit-with-parent'];
    // A file and no pipe: nobody reads while a test runs, and a full pipe would stop the server.
    const output = openSync(log, 'w');
    const child = spawn(program as string, [...words, ...wordsOf(options)], {
      stdio: ['ignore', output, output],
      env: surroundings(),
    });
    closeSync(output);
    const end = () => child.kill('SIGKILL');
    process.once('exit', end);
    child.once('exit', () => process.off('exit', end));
    child.unref(); // a test run that forgets to stop the server ends all the same, and the server with it
    try {
      return new ServerProcess(child, folder, await untilReady(child, program as string, ready, log, timeout));
    } catch (error) {
      await finish(child);
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** What the server printed so far. */
  get log(): string {
    return readText(join(this.folder, 'log')) ?? '';
  }

  async stop(): Promise<void> {
    await finish(this.child);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function untilReady(
  child: ChildProcess,
  program: string,
  ready: string,
  log: string,
  timeout: number,
): Promise<ReadyRecord> {
  let failure: Error | undefined;
  child.on('error', (error) => (failure = error));
  const end = performance.now() + timeout;
  while (performance.now() < end) {
    if (failure !== undefined) {
      throw new MockStartError(
        `${program} cannot be started (${failure.message}): install twosignal-contract, or name the command with ` +
          `\`command\` or ${PREFIX}COMMAND`,
        { cause: failure },
      );
    }
    const text = readText(ready);
    if (text !== undefined) return JSON.parse(text) as ReadyRecord;
    if (child.exitCode !== null || child.signalCode !== null) {
      const how = child.signalCode ?? `exit code ${child.exitCode}`;
      throw new MockStartError(`the mock ended with ${how}:\n${lastLines(log)}`);
    }
    await sleep(LOOK);
  }
  throw new MockStartError(`the mock did not serve within ${timeout} ms:\n${lastLines(log)}`);
}

/** Ends a process, whatever it takes. */
async function finish(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.ref();
  child.kill('SIGTERM');
  const grace = new AbortController();
  const late = sleep(GRACE, undefined, { signal: grace.signal }).then(() => child.kill('SIGKILL'), () => undefined);
  await gone;
  grace.abort();
  await late;
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function lastLines(log: string): string {
  return (readText(log) ?? '').trimEnd().split('\n').slice(-LAST_LINES).join('\n') || '(it printed nothing)';
}

/** Variables TWOSIGNAL_MOCK_* do not count: a test has the same server on every machine. */
function surroundings(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith(PREFIX));
  return { ...Object.fromEntries(kept), PYTHONUNBUFFERED: '1' };
}

function wordsOf(options: MockOptions): string[] {
  return Object.entries(options).flatMap(([name, value]) => {
    const option = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    return optionWords(option, value as MockOptions[keyof MockOptions]);
  });
}

function optionWords(option: string, value: MockOptions[keyof MockOptions]): string[] {
  if (option === '--limits') return value === undefined ? [] : [option, value === false ? 'off' : 'on'];
  if (value === undefined || value === false) return [];
  if (value === true) return [option];
  if (typeof value !== 'object') return [`${option}=${value}`];
  const texts = Array.isArray(value) ? value : Object.entries(value).map(([name, chosen]) => `${name}=${chosen}`);
  return texts.flatMap((text) => [option, String(text)]);
}
