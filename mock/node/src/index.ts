/** The 2Signal mock in tests of Node: a server for the run, a sandbox for each test. README.md has the recipes. */

export { ControlError } from './control';
export type {
  Account,
  Clock,
  Credentials,
  Expectation,
  Fault,
  JournalEntry,
  Ledger,
  Message,
  NewFault,
  NewSandbox,
  Outcome,
  Sandbox as SandboxState,
  State,
} from './control.gen';
export { connectMock, Mock, startMock } from './mock';
export type { ConnectOptions, StartOptions } from './mock';
export { MockStartError } from './server';
export type { MockOptions } from './server';
export { ClockControl, FaultControl, Sandbox, VerificationError, WaitError } from './sandbox';
export type { Expected, StoredTrace } from './sandbox';
