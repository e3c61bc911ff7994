// Generated from schema.graphql by `npm run generate`: do not edit.

import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { JobView } from '../jobs/list-page.ts';
import type { JobConnectionView, JobEdgeView, JobSourceView } from '../paging/job-connection.ts';
import type { JobCountsView } from './merge-counts.ts';
import type { JobResultData } from '../upstream/job-result.ts';
import type { DeviceView } from './resolvers/device.ts';
import type { CancelJobOutcome } from './resolvers/mutation.ts';
import type { GraphQLContext } from './graphql-context.ts';
export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
export type RequireFields<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: NonNullable<T[P]> };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** An instant, as RFC 3339 text in UTC with milliseconds: `2026-01-15T10:30:00.000Z`. */
  DateTime: { input: Date; output: Date; }
  /** Any JSON value. */
  JSON: { input: unknown; output: unknown; }
  /** A JSON object. */
  JSONObject: { input: Record<string, unknown>; output: Record<string, unknown>; }
  /** A whole number of up to 53 bits. */
  SafeInt: { input: number; output: number; }
};

/**
 * The jobs of the qBraid quantum runtime, read through its REST API.
 *
 * Send `X-API-KEY: <your qBraid key>` with each request, or `X-API-KEYS: alice=<key>, bob=<key>` to read with several keys
 * at once. A field that fails is null, and the other fields keep their values; `errors[].extensions.code` says why.
 */
export type Query = {
  /**
   * One job by its qBraid resource name.
   *
   * With several keys, the job is read with any key that may see it. Fails with `NOT_FOUND` if the job does not exist,
   * with `FORBIDDEN` if the key may not see it, and with `BAD_USER_INPUT` if `qrn` is not a valid name.
   */
  readonly job: Maybe<Job>;
  /**
   * The jobs of the request's keys, newest first, page by page.
   *
   * Page forward with `first` and `after`, or backward with `last` and `before`; `first` and `last` exclude each other.
   * Cursors stay valid while jobs are submitted, finish or leave the filter. A client that reads all pages sees each job that
   * stays in the list exactly once.
   */
  readonly jobs: Maybe<JobConnection>;
  /** The object with this global id, or null if it does not exist. Jobs are the only objects with an id. */
  readonly node: Maybe<Node>;
  /** The objects with these global ids, in their order, with null for each one that does not exist. */
  readonly nodes: ReadonlyArray<Maybe<Node>>;
  /**
   * How many jobs the request's keys have, by status. It costs one upstream request for each key, however many jobs there
   * are.
   */
  readonly jobCounts: Maybe<JobCounts>;
  /**
   * One device by its qBraid resource name. Fails with `NOT_FOUND` if the device does not exist, and with `BAD_USER_INPUT`
   * if `qrn` is not a valid name.
   */
  readonly device: Maybe<Device>;
  /** How many upstream requests each of the request's keys has left. Reading this field sends no upstream request. */
  readonly rateLimit: Maybe<ReadonlyArray<RateLimit>>;
};


/**
 * The jobs of the qBraid quantum runtime, read through its REST API.
 *
 * Send `X-API-KEY: <your qBraid key>` with each request, or `X-API-KEYS: alice=<key>, bob=<key>` to read with several keys
 * at once. A field that fails is null, and the other fields keep their values; `errors[].extensions.code` says why.
 */
export type QueryJobArgs = {
  qrn: Scalars['String']['input'];
};


/**
 * The jobs of the qBraid quantum runtime, read through its REST API.
 *
 * Send `X-API-KEY: <your qBraid key>` with each request, or `X-API-KEYS: alice=<key>, bob=<key>` to read with several keys
 * at once. A field that fails is null, and the other fields keep their values; `errors[].extensions.code` says why.
 */
export type QueryJobsArgs = {
  filter?: InputMaybe<JobFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
};


/**
 * The jobs of the qBraid quantum runtime, read through its REST API.
 *
 * Send `X-API-KEY: <your qBraid key>` with each request, or `X-API-KEYS: alice=<key>, bob=<key>` to read with several keys
 * at once. A field that fails is null, and the other fields keep their values; `errors[].extensions.code` says why.
 */
export type QueryNodeArgs = {
  id: Scalars['ID']['input'];
};


/**
 * The jobs of the qBraid quantum runtime, read through its REST API.
 *
 * Send `X-API-KEY: <your qBraid key>` with each request, or `X-API-KEYS: alice=<key>, bob=<key>` to read with several keys
 * at once. A field that fails is null, and the other fields keep their values; `errors[].extensions.code` says why.
 */
export type QueryNodesArgs = {
  ids: ReadonlyArray<Scalars['ID']['input']>;
};


/**
 * The jobs of the qBraid quantum runtime, read through its REST API.
 *
 * Send `X-API-KEY: <your qBraid key>` with each request, or `X-API-KEYS: alice=<key>, bob=<key>` to read with several keys
 * at once. A field that fails is null, and the other fields keep their values; `errors[].extensions.code` says why.
 */
export type QueryJobCountsArgs = {
  keys?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
};


/**
 * The jobs of the qBraid quantum runtime, read through its REST API.
 *
 * Send `X-API-KEY: <your qBraid key>` with each request, or `X-API-KEYS: alice=<key>, bob=<key>` to read with several keys
 * at once. A field that fails is null, and the other fields keep their values; `errors[].extensions.code` says why.
 */
export type QueryDeviceArgs = {
  qrn: Scalars['String']['input'];
};

/** Changes at the qBraid API. Mutations are off unless whoever runs the gateway turns them on: `ENABLE_MUTATIONS=true`. */
export type Mutation = {
  /**
   * Asks the qBraid API to cancel a job: once, and never again by itself. With several keys, the key that sees the job is
   * used; if several see it, `key` must say which.
   *
   * Fails with `CONFLICT` if the job cannot be cancelled in its present state, with `NOT_FOUND` or `FORBIDDEN` if no key may
   * see the job, and with `MUTATIONS_DISABLED` if mutations are off. After `GATEWAY_TIMEOUT`, `UPSTREAM_UNAVAILABLE` or
   * `UPSTREAM_INVALID_RESPONSE` the job may have been cancelled or not: read its `status`.
   */
  readonly cancelJob: Maybe<CancelJobPayload>;
};


/** Changes at the qBraid API. Mutations are off unless whoever runs the gateway turns them on: `ENABLE_MUTATIONS=true`. */
export type MutationCancelJobArgs = {
  input: CancelJobInput;
};

/** Which job to cancel. */
export type CancelJobInput = {
  /** The QRN of the job. */
  readonly qrn: Scalars['String']['input'];
  /** The label of the key to cancel it with. It is needed only if several of the request's keys see the job. */
  readonly key?: InputMaybe<Scalars['String']['input']>;
  /** Any text. It is sent back. */
  readonly clientMutationId?: InputMaybe<Scalars['String']['input']>;
};

/** What became of the request to cancel a job. */
export type CancelJobPayload = {
  /** The job as the qBraid API shows it after the request: often `CANCELLING`, and `CANCELLED` a little later. */
  readonly job: Maybe<Job>;
  /** The text that was sent. */
  readonly clientMutationId: Maybe<Scalars['String']['output']>;
};

/**
 * Live updates of jobs, over server-sent events. The gateway polls the qBraid API once for all clients that watch with the
 * same key. Send the key headers as with any request. Temporary faults do not end a stream.
 */
export type Subscription = {
  /**
   * Each of these jobs as it is now, and again whenever anything about it changes. A job that ends is sent one last time.
   * The stream completes when all jobs have ended. A job that is refused or not found is an error of its own in the
   * stream, with its name in `extensions.qrn`.
   */
  readonly jobUpdated: Job;
  /**
   * A page of a list as it is now, and again whenever anything in it changes. It is the first page, or the page behind
   * `after`.
   */
  readonly jobsChanged: JobConnection;
  /** How many jobs the request's keys have, by status, as it is now, and again whenever a number changes. */
  readonly jobCountsChanged: JobCounts;
};


/**
 * Live updates of jobs, over server-sent events. The gateway polls the qBraid API once for all clients that watch with the
 * same key. Send the key headers as with any request. Temporary faults do not end a stream.
 */
export type SubscriptionJobUpdatedArgs = {
  qrns: ReadonlyArray<Scalars['String']['input']>;
};


/**
 * Live updates of jobs, over server-sent events. The gateway polls the qBraid API once for all clients that watch with the
 * same key. Send the key headers as with any request. Temporary faults do not end a stream.
 */
export type SubscriptionJobsChangedArgs = {
  filter?: InputMaybe<JobFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
};


/**
 * Live updates of jobs, over server-sent events. The gateway polls the qBraid API once for all clients that watch with the
 * same key. Send the key headers as with any request. Temporary faults do not end a stream.
 */
export type SubscriptionJobCountsChangedArgs = {
  keys?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
};

/** An object that can be read again by its global id. */
export type Node = {
  /** The opaque global id of the object. */
  readonly id: Scalars['ID']['output'];
};

/** A quantum job: one program sent to one device, or a batch of them. */
export type Job = Node & {
  /** The opaque global id of the job. It is the same for every key. */
  readonly id: Scalars['ID']['output'];
  /** The qBraid resource name of the job. */
  readonly qrn: Scalars['String']['output'];
  /** The name that the author gave the job. */
  readonly name: Maybe<Scalars['String']['output']>;
  /** The state of the job. */
  readonly status: JobStatus;
  /** What the vendor of the device says about the status. */
  readonly statusMsg: Maybe<Scalars['String']['output']>;
  /** How many times the program is run. */
  readonly shots: Maybe<Scalars['SafeInt']['output']>;
  /** How many circuits the job has, if the qBraid API says so. */
  readonly numCircuits: Maybe<Scalars['SafeInt']['output']>;
  /** The qBraid resource name of the device. */
  readonly deviceQrn: Maybe<Scalars['String']['output']>;
  /**
   * The device of the job. The qBraid API sends some of its fields with the job. `statusMsg`, `queueDepth`, `avgQueueTime` and
   * `pricing` are read from the device itself: one upstream request for each device that is not in the cache. It is null if
   * the qBraid API sends nothing with the job but `deviceQrn`, unless one of these four is selected.
   */
  readonly device: Maybe<Device>;
  /** Who sells the device time, such as `aws`. `JobFilter.vendorName` takes it as it is. New vendors appear without notice. */
  readonly vendor: Maybe<Scalars['String']['output']>;
  /** Who runs the device, such as `ionq`. New providers appear without notice. */
  readonly provider: Maybe<Scalars['String']['output']>;
  /** What kind of program the job runs, such as `gate_model`. */
  readonly experimentType: Maybe<Scalars['String']['output']>;
  /** The tags that the author gave the job: strings, integers and booleans by name. */
  readonly tags: Scalars['JSONObject']['output'];
  /** The value of one tag, or null if the job does not have the tag. */
  readonly tag: Maybe<Scalars['JSON']['output']>;
  /** The options that the job was submitted with. */
  readonly runtimeOptions: Scalars['JSONObject']['output'];
  /** Other data that was recorded with the job. */
  readonly metadata: Scalars['JSONObject']['output'];
  /** The qBraid resource name of the batch that the job belongs to. */
  readonly batchJobQrn: Maybe<Scalars['String']['output']>;
  /** The batch that the job belongs to. If it cannot be read, only this field fails. */
  readonly batchJob: Maybe<Job>;
  /** How many jobs are ahead of this one at the device. */
  readonly queuePosition: Maybe<Scalars['SafeInt']['output']>;
  /** When the job was created and ended, and how long it ran. */
  readonly timeStamps: Maybe<JobTimeStamps>;
  /** When the job was created. It does not change while the job runs, if the qBraid API sends a stable time. */
  readonly createdAt: Maybe<Scalars['DateTime']['output']>;
  /** When qBraid changed the job last, if the qBraid API says so. */
  readonly updatedAt: Maybe<Scalars['DateTime']['output']>;
  /** What the job cost, in credits (100 credits = 1 US dollar). It is set when the job ends. */
  readonly cost: Maybe<Scalars['Float']['output']>;
  /** What the job was expected to cost, in credits (100 credits = 1 US dollar). */
  readonly estimatedCost: Maybe<Scalars['Float']['output']>;
  /** Whether the job has ended: its status is COMPLETED, FAILED or CANCELLED. */
  readonly isTerminal: Scalars['Boolean']['output'];
  /**
   * What the job measured. It is null, without an upstream request, unless the job is COMPLETED. Otherwise it costs one
   * upstream request for each job whose result is not in the cache: results never change.
   *
   * Fails with `RESULT_NOT_READY` if the qBraid API does not have the result yet.
   */
  readonly result: Maybe<JobResult>;
  /** The labels of the request's keys with which the job was read: `default` for `X-API-KEY`. */
  readonly keys: ReadonlyArray<Scalars['String']['output']>;
  /** When the gateway read the job from the qBraid API. */
  readonly fetchedAt: Scalars['DateTime']['output'];
};


/** A quantum job: one program sent to one device, or a batch of them. */
export type JobTagArgs = {
  key: Scalars['String']['input'];
};

/** The state of a job. */
export type JobStatus =
  /** The job is being set up. */
  | 'INITIALIZING'
  /** The job waits for its device. */
  | 'QUEUED'
  /** The device checks the job. */
  | 'VALIDATING'
  /** The device runs the job. */
  | 'RUNNING'
  /** The job is about to be cancelled. */
  | 'CANCELLING'
  /** The job was cancelled. It has ended. */
  | 'CANCELLED'
  /** The job ran to its end. */
  | 'COMPLETED'
  /** The job could not be run. It has ended. */
  | 'FAILED'
  /** The qBraid API does not know the status, or sends a status that this gateway does not know. */
  | 'UNKNOWN'
  /** The job has run, but its result is withheld because of the account. Waiting does not change this. */
  | 'HOLD';

/** When a job was created and ended, and how long it ran. */
export type JobTimeStamps = {
  /** When the job was created, as far as the qBraid API knows. It may change while the job runs: prefer `Job.createdAt`. */
  readonly createdAt: Maybe<Scalars['DateTime']['output']>;
  /** When the job ended. */
  readonly endedAt: Maybe<Scalars['DateTime']['output']>;
  /** How long the job ran, in milliseconds. */
  readonly executionDuration: Maybe<Scalars['SafeInt']['output']>;
};

/** What a job measured. */
export type JobResult = {
  /**
   * How often each outcome was measured, most frequent first; outcomes of the same frequency in the order of their text. It
   * is null if the result has another shape, such as one with several circuits: see `data`.
   */
  readonly measurementCounts: Maybe<ReadonlyArray<MeasurementCount>>;
  /** How often the program was run: the sum of all `measurementCounts`, or null if there are none. */
  readonly shots: Maybe<Scalars['SafeInt']['output']>;
  /** The rest of the result, as the qBraid API sends it: all but the `measurementCounts`, or all if these are null. */
  readonly data: Scalars['JSONObject']['output'];
};


/** What a job measured. */
export type JobResultMeasurementCountsArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
};

/** How often one outcome was measured. */
export type MeasurementCount = {
  /** The outcome, as the qBraid API writes it: mostly one character, `0` or `1`, for each qubit. */
  readonly bitstring: Scalars['String']['output'];
  /** How often it was measured. */
  readonly count: Scalars['SafeInt']['output'];
  /** Its share of all measurements, from 0 to 1: `count / JobResult.shots`. 0 if nothing was measured. */
  readonly probability: Scalars['Float']['output'];
};

/** A quantum device. */
export type Device = {
  /** The qBraid resource name of the device. */
  readonly qrn: Maybe<Scalars['String']['output']>;
  /** The name of the device. */
  readonly name: Maybe<Scalars['String']['output']>;
  /** Whether it is a machine or a simulator, such as `QPU`. */
  readonly deviceType: Maybe<Scalars['String']['output']>;
  /** Who sells the device time, such as `aws`. */
  readonly vendor: Maybe<Scalars['String']['output']>;
  /** Whether the device takes jobs, such as `ONLINE`. */
  readonly status: Maybe<Scalars['String']['output']>;
  /** Why the device has its status. */
  readonly statusMsg: Maybe<Scalars['String']['output']>;
  /** How many jobs wait for the device. */
  readonly queueDepth: Maybe<Scalars['SafeInt']['output']>;
  /** How long jobs wait for the device on average, in the unit that the qBraid API uses, which it does not document. */
  readonly avgQueueTime: Maybe<Scalars['Float']['output']>;
  /** What the device costs. */
  readonly pricing: Maybe<DevicePricing>;
};

/** What a device costs, in credits (100 credits = 1 US dollar). What the device does not charge for is null. */
export type DevicePricing = {
  /** For each task. */
  readonly perTask: Maybe<Scalars['Float']['output']>;
  /** For each shot. */
  readonly perShot: Maybe<Scalars['Float']['output']>;
  /** For each minute. */
  readonly perMinute: Maybe<Scalars['Float']['output']>;
};

/** One page of a list of jobs. */
export type JobConnection = {
  /** The jobs of the page, with their cursors. */
  readonly edges: ReadonlyArray<JobEdge>;
  /** The jobs of the page, without cursors. A job that cannot be read is null, with an error in `errors`. */
  readonly nodes: ReadonlyArray<Maybe<Job>>;
  /** The position of the page in the list. */
  readonly pageInfo: PageInfo;
  /** How many jobs the list has: the sum over the keys. A job that two keys see counts twice. */
  readonly totalCount: Scalars['Int']['output'];
  /**
   * What each key contributed: how many jobs its list has, or why the key failed. If the operation selects
   * `sources { error { code } }`, or any other field of `error`, the failure of a key is data and is not repeated in
   * `errors`, as long as another key answered.
   */
  readonly sources: ReadonlyArray<JobSource>;
  /**
   * Whether anything in the page is older than its ordinary freshness: the key has few requests left, or the qBraid API
   * fails or is slow.
   */
  readonly isStale: Scalars['Boolean']['output'];
  /** When the gateway read the page from the qBraid API: the oldest of its parts. */
  readonly fetchedAt: Scalars['DateTime']['output'];
};

/** How many jobs some keys have, by status. */
export type JobCounts = {
  /** How many jobs there are: the sum over the keys that answered. A job that two keys see counts twice. */
  readonly total: Scalars['Int']['output'];
  /** How many of them have not ended and are not on hold. */
  readonly active: Scalars['Int']['output'];
  /** How many there are of each status: always one item for each, in the order of `JobStatus`. */
  readonly byStatus: ReadonlyArray<JobStatusCount>;
  /**
   * What each key contributed: how many jobs it has, or why it failed. If the operation selects a field of `error`, the
   * failure of a key is data and is not repeated in `errors`, as long as another key answered.
   */
  readonly sources: ReadonlyArray<JobSource>;
  /**
   * Whether any of the numbers is older than its ordinary freshness: the key has few requests left, or the qBraid API fails
   * or is slow.
   */
  readonly isStale: Scalars['Boolean']['output'];
  /** When the gateway read the numbers from the qBraid API: the oldest of them. */
  readonly fetchedAt: Scalars['DateTime']['output'];
};

/** How many jobs have one status. */
export type JobStatusCount = {
  /** The status. */
  readonly status: JobStatus;
  /** How many jobs have it. */
  readonly count: Scalars['Int']['output'];
};

/** A job in a list. */
export type JobEdge = {
  /** The position of the job in the list. Opaque: send it back as `after` or `before`. */
  readonly cursor: Scalars['String']['output'];
  /** The job, or null with an error in `errors` if the upstream answer about it cannot be read. */
  readonly node: Maybe<Job>;
};

/** The position of a page in its list. */
export type PageInfo = {
  /** Whether more jobs follow the page. */
  readonly hasNextPage: Scalars['Boolean']['output'];
  /** Whether more jobs come before the page. */
  readonly hasPreviousPage: Scalars['Boolean']['output'];
  /** The cursor of the first job of the page. */
  readonly startCursor: Maybe<Scalars['String']['output']>;
  /** The cursor of the last job of the page. */
  readonly endCursor: Maybe<Scalars['String']['output']>;
};

/** One key's part of a list of jobs. */
export type JobSource = {
  /** The label of the key: `default` for `X-API-KEY`. */
  readonly key: Scalars['String']['output'];
  /** How many jobs the key's list has, or null if the key failed. */
  readonly totalCount: Maybe<Scalars['Int']['output']>;
  /** Why the key failed, or null if it did not. */
  readonly error: Maybe<JobSourceError>;
};

/** Why a key failed. */
export type JobSourceError = {
  /** The same code as in `errors[].extensions.code`. */
  readonly code: ErrorCode;
  /** The reason in words, for people. */
  readonly message: Scalars['String']['output'];
  /** After how many milliseconds another try is worth it, if the gateway knows. */
  readonly retryAfterMs: Maybe<Scalars['SafeInt']['output']>;
};

/** Why something failed: each code that stands in `errors[].extensions.code`. Codes may be added, never removed. */
export type ErrorCode =
  /** The qBraid API does not accept the key, or the request has none. */
  | 'UNAUTHENTICATED'
  /** The key may not see this. */
  | 'FORBIDDEN'
  /** It does not exist. */
  | 'NOT_FOUND'
  /** An argument or a header is not valid. `message` and `extensions.details` say why. */
  | 'BAD_USER_INPUT'
  /** The key has no upstream requests left for now: wait for `retryAfterMs`. */
  | 'RATE_LIMITED'
  /** The job cannot be changed like that in its present state. */
  | 'CONFLICT'
  /** The job is completed, but the qBraid API does not have its result yet. */
  | 'RESULT_NOT_READY'
  /** The qBraid API refused the request for another reason. */
  | 'UPSTREAM_REJECTED'
  /** The qBraid API fails, or cannot be reached. */
  | 'UPSTREAM_UNAVAILABLE'
  /** The qBraid API did not answer in time, or the operation took too long. */
  | 'GATEWAY_TIMEOUT'
  /** The qBraid API sent an answer that cannot be used. */
  | 'UPSTREAM_INVALID_RESPONSE'
  /** The operation needs more upstream requests than it may cause. `extensions.maxUpstreamRequests` says how many. */
  | 'OPERATION_TOO_EXPENSIVE'
  /** The document is too large, or asks for too much. `extensions.limit` names the limit. */
  | 'OPERATION_TOO_COMPLEX'
  /** The answer would be too large. `extensions.limit` names the limit. */
  | 'ANSWER_TOO_LARGE'
  /** Too many event streams are open. `extensions.limit` names the limit. */
  | 'TOO_MANY_STREAMS'
  /** The gateway has more to do than it can: wait for `retryAfterMs`. */
  | 'OVERLOADED'
  /** Whoever runs the gateway has not turned mutations on. */
  | 'MUTATIONS_DISABLED'
  /** The gateway has a fault. */
  | 'INTERNAL_SERVER_ERROR'
  /** The request, its target, a header or its JSON is malformed. */
  | 'BAD_REQUEST'
  /** The document cannot be parsed. */
  | 'GRAPHQL_PARSE_FAILED'
  /** The document does not fit the schema. */
  | 'GRAPHQL_VALIDATION_FAILED'
  /** The document has no operation with the given name, or several and no name was given. */
  | 'OPERATION_RESOLUTION_FAILURE'
  /** The document asks for the schema, which the gateway does not show. */
  | 'INTROSPECTION_DISABLED'
  /** The request could come from a page of another site. */
  | 'CSRF_PREVENTED'
  /** The client accepts no answer that the gateway can give. */
  | 'NOT_ACCEPTABLE'
  /** The request took too long to arrive. */
  | 'REQUEST_TIMEOUT'
  /** The body of the request is too large. */
  | 'REQUEST_ENTITY_TOO_LARGE'
  /** The headers of the request are too large. */
  | 'HEADERS_TOO_LARGE'
  /** The body of the request is not JSON by its content type. */
  | 'UNSUPPORTED_MEDIA_TYPE'
  /** No operation with this hash is known: send it once with its text. */
  | 'PERSISTED_QUERY_NOT_FOUND'
  /** The gateway does not take automatically persisted operations: send the text. */
  | 'PERSISTED_QUERY_NOT_SUPPORTED'
  /** The gateway has no operation with this id. */
  | 'PERSISTED_QUERY_NOT_IN_LIST'
  /** The gateway executes registered operations only: send the id of one. */
  | 'PERSISTED_QUERY_ID_REQUIRED';

/**
 * The upstream requests of a key in a rolling window, as this gateway counts them. Requests that other programs send with
 * the key are not counted.
 */
export type RateLimit = {
  /** The label of the key: `default` for `X-API-KEY`. */
  readonly key: Scalars['String']['output'];
  /** How many requests the key may send in a window. Replicas of the gateway that count together keep some of them back. */
  readonly limit: Scalars['Int']['output'];
  /** How many requests this gateway, with all its replicas that count together, sent in the last window. */
  readonly used: Scalars['Int']['output'];
  /** How many requests are left. It is 0 while the qBraid API asks the gateway to wait (429). */
  readonly remaining: Scalars['Int']['output'];
  /** When the next used request becomes available again, or null if none was used. */
  readonly resetAt: Maybe<Scalars['DateTime']['output']>;
};

/** Which jobs to list. A field that is null or left out does not narrow the list. */
export type JobFilter = {
  /** Only jobs for devices of this vendor. */
  readonly vendor?: InputMaybe<Vendor>;
  /**
   * The same, by the text that `Job.vendor` has, such as `aws`: also for vendors that `Vendor` does not list yet. If `vendor`
   * is given as well, they must mean the same.
   */
  readonly vendorName?: InputMaybe<Scalars['String']['input']>;
  /** Only jobs for devices of this provider, such as `ionq`. */
  readonly provider?: InputMaybe<Scalars['String']['input']>;
  /** Only jobs that have not ended, or only jobs that have ended. */
  readonly statusGroup?: InputMaybe<JobStatusGroup>;
  /** Only jobs with this status. Takes priority over `statusGroup`. */
  readonly status?: InputMaybe<JobStatus>;
  /** Only jobs that match this keyword: 1 to 255 characters. */
  readonly search?: InputMaybe<Scalars['String']['input']>;
  /**
   * Only jobs with these tags: a JSON object of at most 50 strings, integers and booleans. Names and strings have at most
   * 255 characters.
   */
  readonly tags?: InputMaybe<Scalars['JSONObject']['input']>;
  /** Only jobs of the request's keys with these labels. */
  readonly keys?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
};

/** The vendors of device time that the qBraid API can filter by. */
export type Vendor =
  /** Amazon Braket. */
  | 'AWS'
  /** Azure Quantum. */
  | 'AZURE'
  /** IBM Quantum. */
  | 'IBM'
  /** IonQ. */
  | 'IONQ'
  /** qBraid itself. */
  | 'QBRAID'
  /** Every vendor. */
  | 'ALL';

/** A set of statuses. */
export type JobStatusGroup =
  /** Every status. */
  | 'ALL'
  /** The statuses of jobs that have not ended. */
  | 'PENDING'
  /** The statuses of jobs that have ended: COMPLETED, FAILED and CANCELLED. */
  | 'RETURNED';



export type ResolverTypeWrapper<T> = Promise<T> | T;


export type ResolverWithResolve<TResult, TParent, TContext, TArgs> = {
  resolve: ResolverFn<TResult, TParent, TContext, TArgs>;
};
export type Resolver<TResult, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = ResolverFn<TResult, TParent, TContext, TArgs> | ResolverWithResolve<TResult, TParent, TContext, TArgs>;

export type ResolverFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => Promise<TResult> | TResult;

export type SubscriptionSubscribeFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => AsyncIterable<TResult> | Promise<AsyncIterable<TResult>>;

export type SubscriptionResolveFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

export interface SubscriptionSubscriberObject<TResult, TKey extends string, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<{ [key in TKey]: TResult }, TParent, TContext, TArgs>;
  resolve?: SubscriptionResolveFn<TResult, { [key in TKey]: TResult }, TContext, TArgs>;
}

export interface SubscriptionResolverObject<TResult, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<any, TParent, TContext, TArgs>;
  resolve: SubscriptionResolveFn<TResult, any, TContext, TArgs>;
}

export type SubscriptionObject<TResult, TKey extends string, TParent, TContext, TArgs> =
  | SubscriptionSubscriberObject<TResult, TKey, TParent, TContext, TArgs>
  | SubscriptionResolverObject<TResult, TParent, TContext, TArgs>;

export type SubscriptionResolver<TResult, TKey extends string, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> =
  | ((...args: any[]) => SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>)
  | SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>;

export type TypeResolveFn<TTypes, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (
  parent: TParent,
  context: TContext,
  info: GraphQLResolveInfo
) => Maybe<TTypes> | Promise<Maybe<TTypes>>;

export type IsTypeOfResolverFn<T = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (obj: T, context: TContext, info: GraphQLResolveInfo) => boolean | Promise<boolean>;

export type NextResolverFn<T> = () => Promise<T>;

export type DirectiveResolverFn<TResult = Record<PropertyKey, never>, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = (
  next: NextResolverFn<TResult>,
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;




/** Mapping of interface types */
export type ResolversInterfaceTypes<_RefType extends Record<string, unknown>> = {
  Node: ( JobView );
};

/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  CancelJobInput: CancelJobInput;
  CancelJobPayload: ResolverTypeWrapper<CancelJobOutcome>;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Node: ResolverTypeWrapper<ResolversInterfaceTypes<ResolversTypes>['Node']>;
  Job: ResolverTypeWrapper<JobView>;
  Float: ResolverTypeWrapper<Scalars['Float']['output']>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  JobStatus: JobStatus;
  JobTimeStamps: ResolverTypeWrapper<JobTimeStamps>;
  JobResult: ResolverTypeWrapper<JobResultData>;
  MeasurementCount: ResolverTypeWrapper<MeasurementCount>;
  Device: ResolverTypeWrapper<DeviceView>;
  DevicePricing: ResolverTypeWrapper<DevicePricing>;
  JobConnection: ResolverTypeWrapper<JobConnectionView>;
  JobCounts: ResolverTypeWrapper<JobCountsView>;
  JobStatusCount: ResolverTypeWrapper<JobStatusCount>;
  JobEdge: ResolverTypeWrapper<JobEdgeView>;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  JobSource: ResolverTypeWrapper<JobSourceView>;
  JobSourceError: ResolverTypeWrapper<JobSourceError>;
  ErrorCode: ErrorCode;
  RateLimit: ResolverTypeWrapper<RateLimit>;
  JobFilter: JobFilter;
  Vendor: Vendor;
  JobStatusGroup: JobStatusGroup;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  JSON: ResolverTypeWrapper<Scalars['JSON']['output']>;
  JSONObject: ResolverTypeWrapper<Scalars['JSONObject']['output']>;
  SafeInt: ResolverTypeWrapper<Scalars['SafeInt']['output']>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  Query: Record<PropertyKey, never>;
  String: Scalars['String']['output'];
  Int: Scalars['Int']['output'];
  ID: Scalars['ID']['output'];
  Mutation: Record<PropertyKey, never>;
  CancelJobInput: CancelJobInput;
  CancelJobPayload: CancelJobOutcome;
  Subscription: Record<PropertyKey, never>;
  Node: ResolversInterfaceTypes<ResolversParentTypes>['Node'];
  Job: JobView;
  Float: Scalars['Float']['output'];
  Boolean: Scalars['Boolean']['output'];
  JobTimeStamps: JobTimeStamps;
  JobResult: JobResultData;
  MeasurementCount: MeasurementCount;
  Device: DeviceView;
  DevicePricing: DevicePricing;
  JobConnection: JobConnectionView;
  JobCounts: JobCountsView;
  JobStatusCount: JobStatusCount;
  JobEdge: JobEdgeView;
  PageInfo: PageInfo;
  JobSource: JobSourceView;
  JobSourceError: JobSourceError;
  RateLimit: RateLimit;
  JobFilter: JobFilter;
  DateTime: Scalars['DateTime']['output'];
  JSON: Scalars['JSON']['output'];
  JSONObject: Scalars['JSONObject']['output'];
  SafeInt: Scalars['SafeInt']['output'];
};

export type QueryResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  job?: Resolver<Maybe<ResolversTypes['Job']>, ParentType, ContextType, RequireFields<QueryJobArgs, 'qrn'>>;
  jobs?: Resolver<Maybe<ResolversTypes['JobConnection']>, ParentType, ContextType, Partial<QueryJobsArgs>>;
  node?: Resolver<Maybe<ResolversTypes['Node']>, ParentType, ContextType, RequireFields<QueryNodeArgs, 'id'>>;
  nodes?: Resolver<ReadonlyArray<Maybe<ResolversTypes['Node']>>, ParentType, ContextType, RequireFields<QueryNodesArgs, 'ids'>>;
  jobCounts?: Resolver<Maybe<ResolversTypes['JobCounts']>, ParentType, ContextType, Partial<QueryJobCountsArgs>>;
  device?: Resolver<Maybe<ResolversTypes['Device']>, ParentType, ContextType, RequireFields<QueryDeviceArgs, 'qrn'>>;
  rateLimit?: Resolver<Maybe<ReadonlyArray<ResolversTypes['RateLimit']>>, ParentType, ContextType>;
};

export type MutationResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  cancelJob?: Resolver<Maybe<ResolversTypes['CancelJobPayload']>, ParentType, ContextType, RequireFields<MutationCancelJobArgs, 'input'>>;
};

export type CancelJobPayloadResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['CancelJobPayload'] = ResolversParentTypes['CancelJobPayload']> = {
  job: Resolver<Maybe<ResolversTypes['Job']>, ParentType, ContextType>;
  clientMutationId: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type SubscriptionResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  jobUpdated?: SubscriptionResolver<ResolversTypes['Job'], "jobUpdated", ParentType, ContextType, RequireFields<SubscriptionJobUpdatedArgs, 'qrns'>>;
  jobsChanged?: SubscriptionResolver<ResolversTypes['JobConnection'], "jobsChanged", ParentType, ContextType, RequireFields<SubscriptionJobsChangedArgs, 'first'>>;
  jobCountsChanged?: SubscriptionResolver<ResolversTypes['JobCounts'], "jobCountsChanged", ParentType, ContextType, Partial<SubscriptionJobCountsChangedArgs>>;
};

export type NodeResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['Node'] = ResolversParentTypes['Node']> = {
  __resolveType?: TypeResolveFn<'Job', ParentType, ContextType>;
};

export type JobResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['Job'] = ResolversParentTypes['Job']> = {
  id: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  qrn: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  name: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  status: Resolver<ResolversTypes['JobStatus'], ParentType, ContextType>;
  statusMsg: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  shots: Resolver<Maybe<ResolversTypes['SafeInt']>, ParentType, ContextType>;
  numCircuits: Resolver<Maybe<ResolversTypes['SafeInt']>, ParentType, ContextType>;
  deviceQrn: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  device: Resolver<Maybe<ResolversTypes['Device']>, ParentType, ContextType>;
  vendor: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  provider: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  experimentType: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  tags: Resolver<ResolversTypes['JSONObject'], ParentType, ContextType>;
  tag: Resolver<Maybe<ResolversTypes['JSON']>, ParentType, ContextType, RequireFields<JobTagArgs, 'key'>>;
  runtimeOptions: Resolver<ResolversTypes['JSONObject'], ParentType, ContextType>;
  metadata: Resolver<ResolversTypes['JSONObject'], ParentType, ContextType>;
  batchJobQrn: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  batchJob: Resolver<Maybe<ResolversTypes['Job']>, ParentType, ContextType>;
  queuePosition: Resolver<Maybe<ResolversTypes['SafeInt']>, ParentType, ContextType>;
  timeStamps: Resolver<Maybe<ResolversTypes['JobTimeStamps']>, ParentType, ContextType>;
  createdAt: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  updatedAt: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  cost: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  estimatedCost: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  isTerminal: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  result: Resolver<Maybe<ResolversTypes['JobResult']>, ParentType, ContextType>;
  keys: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  fetchedAt: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type JobTimeStampsResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['JobTimeStamps'] = ResolversParentTypes['JobTimeStamps']> = {
  createdAt: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  endedAt: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  executionDuration: Resolver<Maybe<ResolversTypes['SafeInt']>, ParentType, ContextType>;
};

export type JobResultResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['JobResult'] = ResolversParentTypes['JobResult']> = {
  measurementCounts: Resolver<Maybe<ReadonlyArray<ResolversTypes['MeasurementCount']>>, ParentType, ContextType, RequireFields<JobResultMeasurementCountsArgs, 'first'>>;
  shots: Resolver<Maybe<ResolversTypes['SafeInt']>, ParentType, ContextType>;
  data: Resolver<ResolversTypes['JSONObject'], ParentType, ContextType>;
};

export type MeasurementCountResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['MeasurementCount'] = ResolversParentTypes['MeasurementCount']> = {
  bitstring: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  count: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  probability: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
};

export type DeviceResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['Device'] = ResolversParentTypes['Device']> = {
  qrn: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  name: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  deviceType: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  vendor: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  status: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  statusMsg: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  queueDepth: Resolver<Maybe<ResolversTypes['SafeInt']>, ParentType, ContextType>;
  avgQueueTime: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  pricing: Resolver<Maybe<ResolversTypes['DevicePricing']>, ParentType, ContextType>;
};

export type DevicePricingResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['DevicePricing'] = ResolversParentTypes['DevicePricing']> = {
  perTask: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  perShot: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  perMinute: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
};

export type JobConnectionResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['JobConnection'] = ResolversParentTypes['JobConnection']> = {
  edges: Resolver<ReadonlyArray<ResolversTypes['JobEdge']>, ParentType, ContextType>;
  nodes: Resolver<ReadonlyArray<Maybe<ResolversTypes['Job']>>, ParentType, ContextType>;
  pageInfo: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  sources: Resolver<ReadonlyArray<ResolversTypes['JobSource']>, ParentType, ContextType>;
  isStale: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  fetchedAt: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
};

export type JobCountsResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['JobCounts'] = ResolversParentTypes['JobCounts']> = {
  total: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  active: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  byStatus: Resolver<ReadonlyArray<ResolversTypes['JobStatusCount']>, ParentType, ContextType>;
  sources: Resolver<ReadonlyArray<ResolversTypes['JobSource']>, ParentType, ContextType>;
  isStale: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  fetchedAt: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
};

export type JobStatusCountResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['JobStatusCount'] = ResolversParentTypes['JobStatusCount']> = {
  status: Resolver<ResolversTypes['JobStatus'], ParentType, ContextType>;
  count: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type JobEdgeResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['JobEdge'] = ResolversParentTypes['JobEdge']> = {
  cursor: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node: Resolver<Maybe<ResolversTypes['Job']>, ParentType, ContextType>;
};

export type PageInfoResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  hasNextPage: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hasPreviousPage: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  startCursor: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  endCursor: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type JobSourceResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['JobSource'] = ResolversParentTypes['JobSource']> = {
  key: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  totalCount: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  error: Resolver<Maybe<ResolversTypes['JobSourceError']>, ParentType, ContextType>;
};

export type JobSourceErrorResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['JobSourceError'] = ResolversParentTypes['JobSourceError']> = {
  code: Resolver<ResolversTypes['ErrorCode'], ParentType, ContextType>;
  message: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  retryAfterMs: Resolver<Maybe<ResolversTypes['SafeInt']>, ParentType, ContextType>;
};

export type RateLimitResolvers<ContextType = GraphQLContext, ParentType extends ResolversParentTypes['RateLimit'] = ResolversParentTypes['RateLimit']> = {
  key: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  limit: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  used: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  remaining: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  resetAt: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
};

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export interface JsonScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['JSON'], any> {
  name: 'JSON';
}

export interface JsonObjectScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['JSONObject'], any> {
  name: 'JSONObject';
}

export interface SafeIntScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['SafeInt'], any> {
  name: 'SafeInt';
}

export type Resolvers<ContextType = GraphQLContext> = {
  Query: QueryResolvers<ContextType>;
  Mutation: MutationResolvers<ContextType>;
  CancelJobPayload: CancelJobPayloadResolvers<ContextType>;
  Subscription: SubscriptionResolvers<ContextType>;
  Node: NodeResolvers<ContextType>;
  Job: JobResolvers<ContextType>;
  JobTimeStamps: JobTimeStampsResolvers<ContextType>;
  JobResult: JobResultResolvers<ContextType>;
  MeasurementCount: MeasurementCountResolvers<ContextType>;
  Device: DeviceResolvers<ContextType>;
  DevicePricing: DevicePricingResolvers<ContextType>;
  JobConnection: JobConnectionResolvers<ContextType>;
  JobCounts: JobCountsResolvers<ContextType>;
  JobStatusCount: JobStatusCountResolvers<ContextType>;
  JobEdge: JobEdgeResolvers<ContextType>;
  PageInfo: PageInfoResolvers<ContextType>;
  JobSource: JobSourceResolvers<ContextType>;
  JobSourceError: JobSourceErrorResolvers<ContextType>;
  RateLimit: RateLimitResolvers<ContextType>;
  DateTime: GraphQLScalarType;
  JSON: GraphQLScalarType;
  JSONObject: GraphQLScalarType;
  SafeInt: GraphQLScalarType;
};

