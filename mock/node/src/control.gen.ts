// From mock/twosignal_mock/engine/control/openapi.yaml by @hey-api/openapi-ts 0.95.0, mock/node/control_types.py; do not edit.

export type ClientOptions = {
    baseUrl: 'http://127.0.0.1:3000' | (string & {});
};

/**
 * Letters, digits, dot, dash and underscore.
 */
export type Name = string;

/**
 * ISO 8601 with a zone.
 */
export type Instant = string;

/**
 * A time with its unit (250ms, 1.5s), or two of them (50..200ms): one between them for each request, decided by the seed.
 */
export type Delay = string;

export type Health = {
    status: 'ok';
    /**
     * Of this control API.
     */
    version: string;
    /**
     * Version of the contract.
     */
    contract: string;
};

export type Document = {
    openapi: string;
    info: {
        [key: string]: unknown;
    };
    paths: {
        [key: string]: unknown;
    };
    [key: string]: unknown;
};

export type ContractOutline = {
    title: string;
    version: string;
    /**
     * Digest of the file's bytes.
     */
    sha256: string;
    path: string;
    /**
     * How many there are.
     */
    clauses: number;
    /**
     * How many there are.
     */
    operations: number;
    /**
     * Plan to requests in one window.
     */
    plans: {
        [key: string]: number;
    };
};

export type NewSandbox = {
    /**
     * Ids and random faults of a sandbox follow from the server's seed and this name.
     */
    name?: Name;
    /**
     * A plan of the contract; that of the server when absent.
     */
    plan?: string;
    /**
     * Generated when absent.
     */
    api_key?: string;
    /**
     * So many traces to begin with.
     */
    sample?: number;
};

export type Credentials = {
    id: string;
    /**
     * The same as id.
     */
    project_id: string;
    name: string;
    plan: string;
    api_key: string;
    email: string;
    password: string;
};

export type Sandbox = {
    id: string;
    /**
     * The same as id.
     */
    project_id: string;
    name: string;
    plan: string;
    /**
     * Whether the server started with it.
     */
    start: boolean;
    /**
     * The last characters of each of its API keys, by which one can be told.
     */
    keys: Array<string>;
    clock: Clock;
    /**
     * Entries.
     */
    journal: number;
    /**
     * Ids.
     */
    ledger: number;
    /**
     * Rules.
     */
    faults: number;
};

export type NewKey = {
    /**
     * Generated when absent.
     */
    api_key?: string;
};

export type Key = {
    api_key: string;
    project_id: string;
};

export type NewUser = {
    /**
     * Generated when absent.
     */
    email?: string;
    /**
     * Generated when absent.
     */
    password?: string;
};

export type User = {
    id: string;
    email: string;
    password: string;
    project_id: string;
};

export type NewSnapshot = {
    name?: Name;
};

export type Snapshot = {
    name: string;
    /**
     * When it was made, by the sandbox's clock.
     */
    at: Instant;
};

export type State = {
    format?: string;
    /**
     * Of this frame.
     */
    version?: number;
    /**
     * By the name of an API.
     */
    apis?: {
        [key: string]: {
            /**
             * Of the records of this API.
             */
            version?: number;
            records?: {
                [key: string]: Array<unknown>;
            };
            [key: string]: unknown;
        };
    };
    [key: string]: unknown;
};

export type Clock = {
    kind: ClockKind;
    now: Instant;
};

export type ClockKind = 'real' | 'running' | 'frozen';

export type ClockSetting = {
    kind: ClockKind;
    /**
     * The present instant of the clock when absent.
     */
    at?: Instant;
};

export type ClockStep = {
    /**
     * To the microsecond; the clock goes to the end of the year 2199. To go back use PUT.
     */
    seconds: number;
};

export type NewFault = {
    /**
     * Operation ids of the contract; all when absent.
     */
    operations?: Array<string>;
    /**
     * Only the request of this number among those that the rule covers since it was set.
     */
    nth?: number;
    /**
     * Only each request whose number this divides.
     */
    every?: number;
    /**
     * Decided by seed, sandbox, rule, operation and ordinal.
     */
    probability?: number;
    /**
     * At most so many faults.
     */
    times?: number;
    kind: 'status' | 'delay' | 'reset' | 'truncate' | 'garbage';
    /**
     * Whether the request is carried out first; `before` (it is not) when absent.
     */
    phase?: 'before' | 'after-commit';
    /**
     * Of the response. The body follows from it when it is one of an error of the contract; else it is a page as a gateway gives it.
     */
    status?: number;
    /**
     * The cause of an error of the contract, where a status has several.
     */
    cause?: string;
    /**
     * Seconds. Without it the response has no Retry-After.
     */
    retry_after?: number;
    /**
     * `seconds` when absent; `none`: no Retry-After, so that the end of the window in RateLimit-Reset alone says it.
     */
    retry_after_form?: 'seconds' | 'http-date' | 'none';
    /**
     * Real time before the response, with every kind; at most 600s.
     */
    delay?: Delay;
    /**
     * Bytes of the body that a truncated response holds; half when absent.
     */
    keep?: number;
    /**
     * The body of a garbage response; with a status the body in the place of that of the error, as a proxy gives it.
     */
    body?: string;
    /**
     * Of that `body` with a status; text/html when absent.
     */
    content_type?: string;
};

export type Fault = {
    id: string;
    operations?: Array<string>;
    nth?: number;
    every?: number;
    probability?: number;
    times?: number;
    kind: string;
    phase: string;
    status?: number;
    cause?: string;
    retry_after?: number;
    retry_after_form?: string;
    delay: Delay;
    keep?: number;
    body?: string;
    content_type?: string;
    /**
     * Requests that it covered.
     */
    seen: number;
    /**
     * Requests that met it.
     */
    struck: number;
};

/**
 * Requests, and how many of them. What is not named is not looked at. Without a number at least one is expected.
 */
export type Expectation = {
    /**
     * An operation id of the contract.
     */
    operation?: string;
    method?: string;
    /**
     * A part of the path.
     */
    path?: string;
    /**
     * Of the response: one status, a class of them (`4xx`), or `none`.
     */
    status?: string;
    /**
     * One that the request broke.
     */
    clause?: string;
    from?: Instant;
    until?: Instant;
    /**
     * Parameters with these values, among others.
     */
    query?: {
        [key: string]: string;
    };
    /**
     * Fields with these values, among others.
     */
    headers?: {
        [key: string]: string;
    };
    /**
     * A part of the JSON body: of an object the members that are named, of an array items in any order.
     */
    body?: unknown;
    /**
     * Exactly so many.
     */
    count?: number;
    at_least?: number;
    at_most?: number;
};

export type Verification = {
    verified: boolean;
    /**
     * How many, in words.
     */
    expected: string;
    found: number;
    /**
     * Of those that were found, in the journal.
     */
    sequences: Array<number>;
    /**
     * Where too few were found, at most three others that differ in the fewest points, the latest first.
     */
    near_misses: Array<{
        sequence: number;
        method: string;
        path: string;
        /**
         * What, got, expected.
         */
        differences: Array<string>;
    }>;
};

export type Journal = {
    entries: Array<JournalEntry>;
    /**
     * Send it to go on: as `since` with `order=oldest`, as `before` with `order=newest`.
     */
    next: number;
    /**
     * Sequence of the latest request, also when its entry is gone.
     */
    last: number;
};

export type JournalEntry = {
    sequence: number;
    /**
     * Arrival, by the sandbox's clock.
     */
    at: Instant;
    /**
     * Arrival in seconds of a real, monotonic clock; differences are waits.
     */
    started: number;
    /**
     * From arrival until the response is about to be sent; real. null: it is delayed and still under way.
     */
    milliseconds: number | null;
    /**
     * Operation id of the contract.
     */
    operation: string | null;
    method: string;
    path: string;
    query: string;
    request: Message;
    /**
     * null: there was no response: the connection was cut, the client went away before it was written, or the request is still under way.
     */
    status: number | null;
    response: Message;
    /**
     * Of the error that it got; a key of x-errors.
     */
    cause: string | null;
    /**
     * Ids of the clauses that the request broke.
     */
    clauses: Array<string>;
    /**
     * The rule of the fault that it met.
     */
    fault: string | null;
    /**
     * Sequence of the first attempt at the same thing.
     */
    group: number;
    /**
     * Number of the attempt in its group.
     */
    attempt: number;
    /**
     * Ids that tell a repeated attempt; none when `body_is` is `dropped`.
     */
    attempt_keys: Array<string>;
    /**
     * Where a known API key stood beside the headers, whatever the field is called; its value is hidden.
     */
    key_in: Array<'path' | 'query' | 'body'>;
    /**
     * What X-Mock-Hint told the client: which query parameters were ignored and what may have been meant, where to go from an unknown path, what of Prefer was not honoured.
     */
    hints: Array<string>;
};

export type Dropped = {
    /**
     * In the order in which they were dropped.
     */
    number: number;
    id: string;
    name: string;
    /**
     * How its clock went at the end.
     */
    clock: 'real' | 'running' | 'frozen';
    /**
     * Entries.
     */
    journal: number;
};

export type Message = {
    headers: Array<[
        string,
        string
    ]>;
    /**
     * A JSON value when it was JSON, else a text; null when there is none.
     */
    body: unknown;
    /**
     * How large it was, decompressed.
     */
    body_bytes: number;
    /**
     * `cut`: a text that is its beginning. `dropped`: went to make room.
     */
    body_is: 'json' | 'text' | 'cut' | 'dropped' | 'none';
};

export type Outcome = 'stored' | 'refused' | 'response-lost';

export type Ledger = {
    summary: {
        /**
         * All that were ever sent, forgotten ones too.
         */
        ids: number;
        /**
         * Stored, and the sender knows.
         */
        stored: number;
        /**
         * Not stored, and the sender knows.
         */
        refused: number;
        /**
         * A fault lost the response, or the client went away before it, and no later one arrived.
         */
        response_lost: number;
        /**
         * Of those the ones that are not stored either.
         */
        response_lost_and_not_kept: number;
        /**
         * Were sent more than once.
         */
        sent_again: number;
        /**
         * Were carried out more than once.
         */
        kept_again: number;
        /**
         * Stored ones that went to make room, the oldest first.
         */
        forgotten_settled: number;
        /**
         * Others that went to make room.
         */
        forgotten_open: number;
    };
    entries: Array<Account>;
};

export type Account = {
    id: string;
    outcome: Outcome;
    /**
     * Requests that carried it.
     */
    attempts: number;
    /**
     * Requests of those that were carried out.
     */
    kept: number;
    /**
     * Of the last error.
     */
    cause: string | null;
    /**
     * Of the last error.
     */
    status: number | null;
    /**
     * Of the last fault that lost a response.
     */
    rule: string | null;
};

export type Error = {
    error: {
        code: 'INVALID_REQUEST' | 'UNAUTHORIZED' | 'FORBIDDEN' | 'NOT_FOUND' | 'METHOD_NOT_ALLOWED' | 'CONFLICT' | 'PAYLOAD_TOO_LARGE' | 'STORE_ERROR';
        message: string;
        got: string;
        expected: string;
        next: string;
    };
};

/**
 * The API whose contract is meant, by its name in x-api; the first that is served when absent.
 */
export type Api = string;

/**
 * The id of the sandbox that is meant. It goes before every API key.
 */
export type Sandbox2 = string;

/**
 * Only entries with a sequence above it.
 */
export type Since = number;

/**
 * Only entries with a sequence below it.
 */
export type Before = number;

/**
 * At most so many.
 */
export type Limit = number;

/**
 * `oldest` first to follow the journal by `since`, `newest` first to look back by `before`.
 */
export type Order = 'oldest' | 'newest';

/**
 * An operation id of the contract.
 */
export type OfOperation = string;

/**
 * In any case.
 */
export type OfMethod = string;

/**
 * A part of the path.
 */
export type OfPath = string;

/**
 * One status, a class of them (`4xx`), or `none`: there was no response.
 */
export type OfStatus = string;

/**
 * The id of a clause that the request broke.
 */
export type OfClause = string;

/**
 * Requests that arrived then or later, by the sandbox's clock.
 */
export type From = Instant;

/**
 * Requests that arrived before.
 */
export type Until = Instant;

/**
 * An API key of the sandbox that is meant; it goes before the one in Authorization.
 */
export type ApiKey = string;

/**
 * The name of a snapshot.
 */
export type SnapshotName = Name;

export type GetHealthData = {
    body?: never;
    path?: never;
    query?: never;
    url: '/__mock/v1/health';
};

export type GetHealthResponses = {
    /**
     * It does.
     */
    200: Health;
};

export type GetHealthResponse = GetHealthResponses[keyof GetHealthResponses];

export type GetControlDocumentData = {
    body?: never;
    path?: never;
    query?: never;
    url: '/__mock/v1/openapi.json';
};

export type GetControlDocumentErrors = {
    /**
     * Why not, and what to do.
     */
    default: Error;
};

export type GetControlDocumentError = GetControlDocumentErrors[keyof GetControlDocumentErrors];

export type GetControlDocumentResponses = {
    /**
     * An OpenAPI document.
     */
    200: Document;
};

export type GetControlDocumentResponse = GetControlDocumentResponses[keyof GetControlDocumentResponses];

export type GetContractData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * The API whose contract is meant, by its name in x-api; the first that is served when absent.
         */
        api?: string;
    };
    url: '/__mock/v1/contract';
};

export type GetContractErrors = {
    /**
     * Why not, and what to do.
     */
    default: Error;
};

export type GetContractError = GetContractErrors[keyof GetContractErrors];

export type GetContractResponses = {
    /**
     * Its version, digest and size.
     */
    200: ContractOutline;
};

export type GetContractResponse = GetContractResponses[keyof GetContractResponses];

export type GetContractDocumentData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * The API whose contract is meant, by its name in x-api; the first that is served when absent.
         */
        api?: string;
    };
    url: '/__mock/v1/contract/document';
};

export type GetContractDocumentErrors = {
    /**
     * Why not, and what to do.
     */
    default: Error;
};

export type GetContractDocumentError = GetContractDocumentErrors[keyof GetContractDocumentErrors];

export type GetContractDocumentResponses = {
    /**
     * An OpenAPI document with extensions.
     */
    200: Document;
};

export type GetContractDocumentResponse = GetContractDocumentResponses[keyof GetContractDocumentResponses];

export type GetMetricsData = {
    body?: never;
    path?: never;
    query?: never;
    url: '/__mock/metrics';
};

export type GetMetricsErrors = {
    /**
     * Why not, and what to do.
     */
    default: Error;
};

export type GetMetricsError = GetMetricsErrors[keyof GetMetricsErrors];

export type GetMetricsResponses = {
    /**
     * The text format of Prometheus.
     */
    200: string;
};

export type GetMetricsResponse = GetMetricsResponses[keyof GetMetricsResponses];

export type ListSandboxesData = {
    body?: never;
    path?: never;
    query?: never;
    url: '/__mock/v1/sandboxes';
};

export type ListSandboxesErrors = {
    /**
     * Why not, and what to do.
     */
    default: Error;
};

export type ListSandboxesError = ListSandboxesErrors[keyof ListSandboxesErrors];

export type ListSandboxesResponses = {
    /**
     * In the order in which they were made.
     */
    200: {
        sandboxes: Array<Sandbox>;
    };
};

export type ListSandboxesResponse = ListSandboxesResponses[keyof ListSandboxesResponses];

export type CreateSandboxData = {
    body?: NewSandbox;
    path?: never;
    query?: never;
    url: '/__mock/v1/sandboxes';
};

export type CreateSandboxErrors = {
    /**
     * Why not, and what to do.
     */
    default: Error;
};

export type CreateSandboxError = CreateSandboxErrors[keyof CreateSandboxErrors];

export type CreateSandboxResponses = {
    /**
     * What a client needs to use it.
     */
    201: Credentials;
};

export type CreateSandboxResponse = CreateSandboxResponses[keyof CreateSandboxResponses];

export type DropSandboxData = {
    body?: never;
    path: {
        /**
         * The id of a sandbox.
         */
        id: string;
    };
    query?: never;
    url: '/__mock/v1/sandboxes/{id}';
};

export type DropSandboxErrors = {
    /**
     * Why not, and what to do.
     */
    default: Error;
};

export type DropSandboxError = DropSandboxErrors[keyof DropSandboxErrors];

export type DropSandboxResponses = {
    /**
     * It is gone.
     */
    204: void;
};

export type DropSandboxResponse = DropSandboxResponses[keyof DropSandboxResponses];

export type GetSandboxData = {
    body?: never;
    path: {
        /**
         * The id of a sandbox.
         */
        id: string;
    };
    query?: never;
    url: '/__mock/v1/sandboxes/{id}';
};

export type GetSandboxErrors = {
    /**
     * Why not, and what to do.
     */
    default: Error;
};

export type GetSandboxError = GetSandboxErrors[keyof GetSandboxErrors];

export type GetSandboxResponses = {
    /**
     * The sandbox.
     */
    200: Sandbox;
};

export type GetSandboxResponse = GetSandboxResponses[keyof GetSandboxResponses];

export type AddKeyData = {
    body?: NewKey;
    path?: never;
    query?: {
        /**
         * The id of the sandbox that is meant. It goes before every API key.
         */
        sandbox?: string;
        /**
         * An API key of the sandbox that is meant; it goes before the one in Authorization.
         */
        api_key?: string;
    };
    url: '/__mock/v1/keys';
};

export type AddKeyErrors = {
    /**
     * Why not, and what to do.
     */
    default: Error;
};

export type AddKeyError = AddKeyErrors[keyof AddKeyErrors];

export type AddKeyResponses = {
    /**
     * The key.
     */
    201: Key;
};

export type AddKeyResponse = AddKeyResponses[keyof AddKeyResponses];

export type RevokeKeyData = {
    body?: never;
    path: {
        /**
         * A whole API key; it names its sandbox itself.
         */
        key: string;
    };
    query?: never;
    url: '/__mock/v1/keys/{key}';
};

export type RevokeKeyErrors = {
    /**
     * Why not, and what to do.
     */
    default: Error;
};

export type RevokeKeyError = RevokeKeyErrors[keyof RevokeKeyErrors];

export type RevokeKeyResponses = {
    /**
     * It is revoked.
     */
    204: void;
};

export type RevokeKeyResponse = RevokeKeyResponses[keyof RevokeKeyResponses];

export type AddUserData = {
    body?: NewUser;
    path?: never;
    query?: {
        /**
         * The id of the sandbox that is meant. It goes before every API key.
         */
        sandbox?: string;
        /**
         * An API key of the sandbox that is meant; it goes before the one in Authorization.
         */
        api_key?: string;
    };
    url: '/__mock/v1/users';
};

export type AddUserErrors = {
    /**
     * Why not, and what to do.
     */
    default: Error;
};

export type AddUserError = AddUserErrors[keyof AddUserErrors];

export type AddUserResponses = {
    /**
     * The user, with the password.
     */
    201: User;
};

export type AddUserResponse = AddUserResponses[keyof AddUserResponses];

export type ResetSandboxData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * The id of the sandbox that is meant. It goes before every API key.
         */
        sandbox?: string;
        /**
         * An API key of the sandbox that is meant; it goes before the one in Authorization.
         */
        api_key?: string;
    };
    url: '/__mock/v1/reset';
};

export type ResetSandboxErrors = {
    /**
     * Why not, and what to do.
     */
    default: Error;
};

export type ResetSandboxError = ResetSandboxErrors[keyof ResetSandboxErrors];

export type ResetSandboxResponses = {
    /**
     * The sandbox.
     */
    200: Sandbox;
};

export type ResetSandboxResponse = ResetSandboxResponses[keyof ResetSandboxResponses];

export type ListSnapshotsData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * The id of the sandbox that is meant. It goes before every API key.
         */
        sandbox?: string;
        /**
         * An API key of the sandbox that is meant; it goes before the one in Authorization.
         */
        api_key?: string;
    };
    url: '/__mock/v1/snapshots';
};

export type ListSnapshotsErrors = {
    /**
     * Why not, and what to do.
     */
    default: Error;
};

export type ListSnapshotsError = ListSnapshotsErrors[keyof ListSnapshotsErrors];

export type ListSnapshotsResponses = {
    /**
     * Names.
     */
    200: {
        snapshots: Array<Snapshot>;
    };
};

export type ListSnapshotsResponse = ListSnapshotsResponses[keyof ListSnapshotsResponses];

export type CreateSnapshotData = {
    body?: NewSnapshot;
    path?: never;
    query?: {
        /**
         * The id of the sandbox that is meant. It goes before every API key.
         */
        sandbox?: string;
        /**
         * An API key of the sandbox that is meant; it goes before the one in Authorization.
         */
        api_key?: string;
    };
    url: '/__mock/v1/snapshots';
};

export type CreateSnapshotErrors = {
    /**
     * Why not, and what to do.
     */
    default: Error;
};

export type CreateSnapshotError = CreateSnapshotErrors[keyof CreateSnapshotErrors];

export type CreateSnapshotResponses = {
    /**
     * The snapshot. An older one of the same name is replaced.
     */
    201: Snapshot;
};

export type CreateSnapshotResponse = CreateSnapshotResponses[keyof CreateSnapshotResponses];

export type DeleteSnapshotData = {
    body?: never;
    path: {
        /**
         * The name of a snapshot.
         */
        name: Name;
    };
    query?: {
        /**
         * The id of the sandbox that is meant. It goes before every API key.
         */
        sandbox?: string;
        /**
         * An API key of the sandbox that is meant; it goes before the one in Authorization.
         */
        api_key?: string;
    };
    url: '/__mock/v1/snapshots/{name}';
};

export type DeleteSnapshotErrors = {
    /**
     * Why not, and what to do.
     */
    default: Error;
};

export type DeleteSnapshotError = DeleteSnapshotErrors[keyof DeleteSnapshotErrors];

export type DeleteSnapshotResponses = {
    /**
     * It is gone.
     */
    204: void;
};

export type DeleteSnapshotResponse = DeleteSnapshotResponses[keyof DeleteSnapshotResponses];

export type RestoreSnapshotData = {
    body?: never;
    path: {
        /**
         * The name of a snapshot.
         */
        name: Name;
    };
    query?: {
        /**
         * The id of the sandbox that is meant. It goes before every API key.
         */
        sandbox?: string;
        /**
         * An API key of the sandbox that is meant; it goes before the one in Authorization.
         */
        api_key?: string;
    };
    url: '/__mock/v1/snapshots/{name}/restore';
};

export type RestoreSnapshotErrors = {
    /**
     * Why not, and what to do.
     */
    default: Error;
};

export type RestoreSnapshotError = RestoreSnapshotErrors[keyof RestoreSnapshotErrors];

export type RestoreSnapshotResponses = {
    /**
     * Which one was restored.
     */
    200: Snapshot;
};

export type RestoreSnapshotResponse = RestoreSnapshotResponses[keyof RestoreSnapshotResponses];

export type ExportStateData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * The id of the sandbox that is meant. It goes before every API key.
         */
        sandbox?: string;
        /**
         * An API key of the sandbox that is meant; it goes before the one in Authorization.
         */
        api_key?: string;
    };
    url: '/__mock/v1/state';
};

export type ExportStateErrors = {
    /**
     * Why not, and what to do.
     */
    default: Error;
};

export type ExportStateError = ExportStateErrors[keyof ExportStateErrors];

export type ExportStateResponses = {
    /**
     * Named records of each API. They can be imported into any mock that reads this version, whatever keeps its state.
     */
    200: State;
};

export type ExportStateResponse = ExportStateResponses[keyof ExportStateResponses];

export type ImportStateData = {
    body: State;
    path?: never;
    query?: {
        /**
         * The id of the sandbox that is meant. It goes before every API key.
         */
        sandbox?: string;
        /**
         * An API key of the sandbox that is meant; it goes before the one in Authorization.
         */
        api_key?: string;
    };
    url: '/__mock/v1/state';
};

export type ImportStateErrors = {
    /**
     * Why not, and what to do.
     */
    default: Error;
};

export type ImportStateError = ImportStateErrors[keyof ImportStateErrors];

export type ImportStateResponses = {
    /**
     * They are stored.
     */
    204: void;
};

export type ImportStateResponse = ImportStateResponses[keyof ImportStateResponses];

export type GetClockData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * The id of the sandbox that is meant. It goes before every API key.
         */
        sandbox?: string;
        /**
         * An API key of the sandbox that is meant; it goes before the one in Authorization.
         */
        api_key?: string;
    };
    url: '/__mock/v1/clock';
};

export type GetClockErrors = {
    /**
     * Why not, and what to do.
     */
    default: Error;
};

export type GetClockError = GetClockErrors[keyof GetClockErrors];

export type GetClockResponses = {
    /**
     * The clock.
     */
    200: Clock;
};

export type GetClockResponse = GetClockResponses[keyof GetClockResponses];

export type SetClockData = {
    body: ClockSetting;
    path?: never;
    query?: {
        /**
         * The id of the sandbox that is meant. It goes before every API key.
         */
        sandbox?: string;
        /**
         * An API key of the sandbox that is meant; it goes before the one in Authorization.
         */
        api_key?: string;
    };
    url: '/__mock/v1/clock';
};

export type SetClockErrors = {
    /**
     * Why not, and what to do.
     */
    default: Error;
};

export type SetClockError = SetClockErrors[keyof SetClockErrors];

export type SetClockResponses = {
    /**
     * The clock.
     */
    200: Clock;
};

export type SetClockResponse = SetClockResponses[keyof SetClockResponses];

export type AdvanceClockData = {
    body: ClockStep;
    path?: never;
    query?: {
        /**
         * The id of the sandbox that is meant. It goes before every API key.
         */
        sandbox?: string;
        /**
         * An API key of the sandbox that is meant; it goes before the one in Authorization.
         */
        api_key?: string;
    };
    url: '/__mock/v1/clock/advance';
};

export type AdvanceClockErrors = {
    /**
     * Why not, and what to do.
     */
    default: Error;
};

export type AdvanceClockError = AdvanceClockErrors[keyof AdvanceClockErrors];

export type AdvanceClockResponses = {
    /**
     * The clock.
     */
    200: Clock;
};

export type AdvanceClockResponse = AdvanceClockResponses[keyof AdvanceClockResponses];

export type GetWorkData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * The id of the sandbox that is meant. It goes before every API key.
         */
        sandbox?: string;
        /**
         * An API key of the sandbox that is meant; it goes before the one in Authorization.
         */
        api_key?: string;
        /**
         * Seconds to wait for that, at most.
         */
        wait?: number;
    };
    url: '/__mock/v1/work';
};

export type GetWorkErrors = {
    /**
     * Why not, and what to do.
     */
    default: Error;
};

export type GetWorkError = GetWorkErrors[keyof GetWorkErrors];

export type GetWorkResponses = {
    /**
     * As it is, or as it is after the wait.
     */
    200: {
        idle: boolean;
    };
};

export type GetWorkResponse = GetWorkResponses[keyof GetWorkResponses];

export type ClearFaultsData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * The id of the sandbox that is meant. It goes before every API key.
         */
        sandbox?: string;
        /**
         * An API key of the sandbox that is meant; it goes before the one in Authorization.
         */
        api_key?: string;
    };
    url: '/__mock/v1/faults';
};

export type ClearFaultsErrors = {
    /**
     * Why not, and what to do.
     */
    default: Error;
};

export type ClearFaultsError = ClearFaultsErrors[keyof ClearFaultsErrors];

export type ClearFaultsResponses = {
    /**
     * There are none.
     */
    204: void;
};

export type ClearFaultsResponse = ClearFaultsResponses[keyof ClearFaultsResponses];

export type ListFaultsData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * The id of the sandbox that is meant. It goes before every API key.
         */
        sandbox?: string;
        /**
         * An API key of the sandbox that is meant; it goes before the one in Authorization.
         */
        api_key?: string;
    };
    url: '/__mock/v1/faults';
};

export type ListFaultsErrors = {
    /**
     * Why not, and what to do.
     */
    default: Error;
};

export type ListFaultsError = ListFaultsErrors[keyof ListFaultsErrors];

export type ListFaultsResponses = {
    /**
     * The rules, with what they have seen and done.
     */
    200: {
        faults: Array<Fault>;
    };
};

export type ListFaultsResponse = ListFaultsResponses[keyof ListFaultsResponses];

export type AddFaultData = {
    body: NewFault;
    path?: never;
    query?: {
        /**
         * The id of the sandbox that is meant. It goes before every API key.
         */
        sandbox?: string;
        /**
         * An API key of the sandbox that is meant; it goes before the one in Authorization.
         */
        api_key?: string;
    };
    url: '/__mock/v1/faults';
};

export type AddFaultErrors = {
    /**
     * Why not, and what to do.
     */
    default: Error;
};

export type AddFaultError = AddFaultErrors[keyof AddFaultErrors];

export type AddFaultResponses = {
    /**
     * The rule.
     */
    201: Fault;
};

export type AddFaultResponse = AddFaultResponses[keyof AddFaultResponses];

export type RemoveFaultData = {
    body?: never;
    path: {
        /**
         * The id of a rule.
         */
        id: string;
    };
    query?: {
        /**
         * The id of the sandbox that is meant. It goes before every API key.
         */
        sandbox?: string;
        /**
         * An API key of the sandbox that is meant; it goes before the one in Authorization.
         */
        api_key?: string;
    };
    url: '/__mock/v1/faults/{id}';
};

export type RemoveFaultErrors = {
    /**
     * Why not, and what to do.
     */
    default: Error;
};

export type RemoveFaultError = RemoveFaultErrors[keyof RemoveFaultErrors];

export type RemoveFaultResponses = {
    /**
     * It is gone.
     */
    204: void;
};

export type RemoveFaultResponse = RemoveFaultResponses[keyof RemoveFaultResponses];

export type GetFaultData = {
    body?: never;
    path: {
        /**
         * The id of a rule.
         */
        id: string;
    };
    query?: {
        /**
         * The id of the sandbox that is meant. It goes before every API key.
         */
        sandbox?: string;
        /**
         * An API key of the sandbox that is meant; it goes before the one in Authorization.
         */
        api_key?: string;
    };
    url: '/__mock/v1/faults/{id}';
};

export type GetFaultErrors = {
    /**
     * Why not, and what to do.
     */
    default: Error;
};

export type GetFaultError = GetFaultErrors[keyof GetFaultErrors];

export type GetFaultResponses = {
    /**
     * The rule.
     */
    200: Fault;
};

export type GetFaultResponse = GetFaultResponses[keyof GetFaultResponses];

export type ClearJournalData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * The id of the sandbox that is meant. It goes before every API key.
         */
        sandbox?: string;
        /**
         * An API key of the sandbox that is meant; it goes before the one in Authorization.
         */
        api_key?: string;
    };
    url: '/__mock/v1/journal';
};

export type ClearJournalErrors = {
    /**
     * Why not, and what to do.
     */
    default: Error;
};

export type ClearJournalError = ClearJournalErrors[keyof ClearJournalErrors];

export type ClearJournalResponses = {
    /**
     * It is empty.
     */
    204: void;
};

export type ClearJournalResponse = ClearJournalResponses[keyof ClearJournalResponses];

export type ReadJournalData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * The id of the sandbox that is meant. It goes before every API key.
         */
        sandbox?: string;
        /**
         * An API key of the sandbox that is meant; it goes before the one in Authorization.
         */
        api_key?: string;
        /**
         * Only entries with a sequence above it.
         */
        since?: number;
        /**
         * At most so many.
         */
        limit?: number;
        /**
         * `oldest` first to follow the journal by `since`, `newest` first to look back by `before`.
         */
        order?: 'oldest' | 'newest';
        /**
         * Only entries with a sequence below it.
         */
        before?: number;
        /**
         * An operation id of the contract.
         */
        operation?: string;
        /**
         * In any case.
         */
        method?: string;
        /**
         * A part of the path.
         */
        path?: string;
        /**
         * One status, a class of them (`4xx`), or `none`: there was no response.
         */
        status?: string;
        /**
         * The id of a clause that the request broke.
         */
        clause?: string;
        /**
         * Requests that arrived then or later, by the sandbox's clock.
         */
        from?: Instant;
        /**
         * Requests that arrived before.
         */
        until?: Instant;
    };
    url: '/__mock/v1/journal';
};

export type ReadJournalErrors = {
    /**
     * Why not, and what to do.
     */
    default: Error;
};

export type ReadJournalError = ReadJournalErrors[keyof ReadJournalErrors];

export type ReadJournalResponses = {
    /**
     * Entries, and the sequence to go on from.
     */
    200: Journal;
};

export type ReadJournalResponse = ReadJournalResponses[keyof ReadJournalResponses];

export type VerifyJournalData = {
    body: Expectation;
    path?: never;
    query?: {
        /**
         * The id of the sandbox that is meant. It goes before every API key.
         */
        sandbox?: string;
        /**
         * An API key of the sandbox that is meant; it goes before the one in Authorization.
         */
        api_key?: string;
    };
    url: '/__mock/v1/journal/verification';
};

export type VerifyJournalErrors = {
    /**
     * Why not, and what to do.
     */
    default: Error;
};

export type VerifyJournalError = VerifyJournalErrors[keyof VerifyJournalErrors];

export type VerifyJournalResponses = {
    /**
     * What was found, be it as expected or not.
     */
    200: Verification;
};

export type VerifyJournalResponse = VerifyJournalResponses[keyof VerifyJournalResponses];

export type ListDroppedData = {
    body?: never;
    path?: never;
    query?: never;
    url: '/__mock/v1/dropped';
};

export type ListDroppedErrors = {
    /**
     * Why not, and what to do.
     */
    default: Error;
};

export type ListDroppedError = ListDroppedErrors[keyof ListDroppedErrors];

export type ListDroppedResponses = {
    /**
     * The oldest first.
     */
    200: {
        dropped: Array<Dropped>;
    };
};

export type ListDroppedResponse = ListDroppedResponses[keyof ListDroppedResponses];

export type ReadDroppedJournalData = {
    body?: never;
    path: {
        /**
         * The number of a dropped sandbox.
         */
        number: string;
    };
    query?: {
        /**
         * Only entries with a sequence above it.
         */
        since?: number;
        /**
         * At most so many.
         */
        limit?: number;
        /**
         * `oldest` first to follow the journal by `since`, `newest` first to look back by `before`.
         */
        order?: 'oldest' | 'newest';
        /**
         * Only entries with a sequence below it.
         */
        before?: number;
        /**
         * An operation id of the contract.
         */
        operation?: string;
        /**
         * In any case.
         */
        method?: string;
        /**
         * A part of the path.
         */
        path?: string;
        /**
         * One status, a class of them (`4xx`), or `none`: there was no response.
         */
        status?: string;
        /**
         * The id of a clause that the request broke.
         */
        clause?: string;
        /**
         * Requests that arrived then or later, by the sandbox's clock.
         */
        from?: Instant;
        /**
         * Requests that arrived before.
         */
        until?: Instant;
    };
    url: '/__mock/v1/dropped/{number}/journal';
};

export type ReadDroppedJournalErrors = {
    /**
     * Why not, and what to do.
     */
    default: Error;
};

export type ReadDroppedJournalError = ReadDroppedJournalErrors[keyof ReadDroppedJournalErrors];

export type ReadDroppedJournalResponses = {
    /**
     * Entries, and the sequence to go on from.
     */
    200: Journal;
};

export type ReadDroppedJournalResponse = ReadDroppedJournalResponses[keyof ReadDroppedJournalResponses];

export type ReadLedgerData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * The id of the sandbox that is meant. It goes before every API key.
         */
        sandbox?: string;
        /**
         * An API key of the sandbox that is meant; it goes before the one in Authorization.
         */
        api_key?: string;
        /**
         * Only ids with this outcome.
         */
        outcome?: Outcome;
        /**
         * Leave out so many.
         */
        offset?: number;
        /**
         * At most so many.
         */
        limit?: number;
    };
    url: '/__mock/v1/ledger';
};

export type ReadLedgerErrors = {
    /**
     * Why not, and what to do.
     */
    default: Error;
};

export type ReadLedgerError = ReadLedgerErrors[keyof ReadLedgerErrors];

export type ReadLedgerResponses = {
    /**
     * Counts over all ids, and the accounts that were asked for; what is not stored comes first.
     */
    200: Ledger;
};

export type ReadLedgerResponse = ReadLedgerResponses[keyof ReadLedgerResponses];
