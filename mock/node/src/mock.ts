/** A mock: one that is started here, or one that runs already. */

import { Connection } from './control';
import type { Credentials, NewSandbox, Sandbox as SandboxState } from './control.gen';
import { type MockOptions, ServerProcess } from './server';
import { Sandbox } from './sandbox';

const COMMAND = 'twosignal-mock';
/** Milliseconds; a start takes a fraction of a second, a loaded machine in CI many of them. */
const PATIENCE = 30_000;

export interface StartOptions extends MockOptions {
  /** The program and what stands before `serve`; TWOSIGNAL_MOCK_COMMAND, else `twosignal-mock` on the PATH. */
  command?: string | readonly string[];
  /** Milliseconds that the start may take. */
  startTimeout?: number;
}

export interface ConnectOptions {
  /** Of a mock that was started with one. */
  controlToken?: string;
}

/** A mock that serves. */
export class Mock {
  constructor(
    private readonly connection: Connection,
    private readonly server?: ServerProcess,
  ) {}

  /** The base URL of the API. */
  get url(): string {
    return this.connection.url;
  }

  /** The number of the server's process, where it was started here. */
  get pid(): number | undefined {
    return this.server?.ready.pid;
  }

  /** What the server printed so far, where it was started here. */
  get log(): string {
    return this.server?.log ?? '';
  }

  /** A fresh sandbox: key, state, clock, limits, faults, journal and ledger of its own. */
  async sandbox(wanted: NewSandbox = {}): Promise<Sandbox> {
    const made = await this.connection.callServer<Credentials>('POST', '/sandboxes', wanted);
    return new Sandbox(this.connection.about(made.id), made);
  }

  /** The sandboxes that there are. */
  async sandboxes(): Promise<SandboxState[]> {
    return (await this.connection.callServer<{ sandboxes: SandboxState[] }>('GET', '/sandboxes')).sandboxes;
  }

  /** Ends the server that was started here; one that ran already goes on. */
  async stop(): Promise<void> {
    await this.server?.stop();
  }
}

/**
 * Starts the mock on a free port. It ends with `stop`, and with this process however that ends.
 * Throws MockStartError when it does not serve.
 */
export async function startMock({ command, startTimeout = PATIENCE, ...options }: StartOptions = {}): Promise<Mock> {
  const chosen = command ?? process.env['TWOSIGNAL_MOCK_COMMAND'] ?? COMMAND;
  const words = typeof chosen === 'string' ? [chosen] : chosen;
  const server = await ServerProcess.start(words, options, startTimeout);
  return new Mock(new Connection(server.ready.url, options.controlToken), server);
}

/** The mock that runs at a URL, such as the one that a global set-up started; one that ends in a path means the same. */
export function connectMock(url: string, { controlToken }: ConnectOptions = {}): Mock {
  return new Mock(new Connection(new URL(url).origin, controlToken));
}
