import type { ApiKey, Credential } from '../auth/api-key.ts';
import { type FetchedJob, type JobView, toJobView } from '../jobs/list-page.ts';
import type { Clock } from '../lib/clock.ts';
import type { JobStore } from '../store/job-store.ts';
import type { JobPollers } from './job-pollers.ts';
import type { JobSet } from './job-set.ts';
import { KeyPoller } from './key-poller.ts';
import { type PollLimits, PollTimer } from './poll-timer.ts';
import { type MergedView, type ViewKind, ViewPoller } from './view-poller.ts';

export interface PollersOptions {
  readonly store: JobStore;
  readonly clock: Clock;
  readonly limits: PollLimits;
  /** Spreads the polls of replicas: from 0 up to but without 1. @default Math.random */
  readonly random?: () => number;
}

/** The key pollers, view pollers and poll timers of a process. Each exists only while somebody watches with its keys. */
export class Pollers implements JobPollers {
  readonly #options: PollersOptions;
  readonly #pollers = new Map<string, KeyPoller>();
  /** Of any kind of view: their names tell it. */
  readonly #viewPollers = new Map<string, unknown>();
  readonly #timers = new Map<string, PollTimer>();
  /** The timers of all sets that have a key, by its fingerprint. */
  readonly #timersWith = new Map<string, Set<PollTimer>>();
  /** By label. */
  readonly #views = new WeakMap<FetchedJob, Map<string, JobView>>();
  /** The sets of jobs that streams share, by the names that they had then. */
  readonly jobSets = new Map<string, JobSet>();

  constructor(options: PollersOptions) {
    this.#options = options;
  }

  pollerOf(key: ApiKey): KeyPoller {
    const { fingerprint } = key;
    const existing = this.#pollers.get(fingerprint);
    if (existing !== undefined) return existing;
    const onIdle = () => this.#pollers.delete(fingerprint);
    const poller = new KeyPoller({ ...this.#options, key, timer: this.timerOf([key]), onIdle });
    this.#pollers.set(fingerprint, poller);
    return poller;
  }

  /**
   * The view poller that all share who watch what these keys give together under this name, with the same labels in the
   * same order. It ends with its last subscriber.
   */
  viewPollerOf<View extends MergedView>(
    credentials: readonly Credential[],
    name: string,
    kind: ViewKind<View>,
  ): ViewPoller<View> {
    const id = JSON.stringify([credentials.map(({ label, key }) => [label, key.fingerprint]), name]);
    const existing = this.#viewPollers.get(id) as ViewPoller<View> | undefined;
    if (existing !== undefined) return existing;
    const timer = this.timerOf(credentials.map(({ key }) => key));
    const onIdle = () => this.#viewPollers.delete(id);
    const poller = new ViewPoller({ ...this.#options, credentials, kind, timer, onIdle });
    this.#viewPollers.set(id, poller);
    return poller;
  }

  /**
   * The poll timer that all who watch with this set of keys share, in whatever order they send them. It keeps the pace
   * of the key that may be asked first: a key that must wait holds back no other. It ends with its last subscriber.
   */
  timerOf(keys: readonly ApiKey[]): PollTimer {
    const { store, clock, limits, random = Math.random } = this.#options;
    const id = keys
      .map(({ fingerprint }) => fingerprint)
      .sort()
      .join(' ');
    const existing = this.#timers.get(id);
    if (existing !== undefined) return existing;
    const toDelayMs = (intervalMs: number) => {
      const paces = keys.map((key) => store.paceOf(key));
      return Math.min(...paces.map(({ slowdown, waitMs }) => Math.max(intervalMs * slowdown, waitMs)));
    };
    const onIdle = () => {
      this.#timers.delete(id);
      for (const leave of leaves) leave();
    };
    const peers = () => keys.flatMap((key) => [...this.#timersOf(key)]).filter((peer) => peer !== timer);
    const latestSeq = () => store.seq;
    const timer: PollTimer = new PollTimer({ clock, limits, toDelayMs, peers, latestSeq, random, onIdle });
    const leaves = keys.flatMap((key) => [this.#followNews(key, timer), this.#index(key, timer)]);
    this.#timers.set(id, timer);
    return timer;
  }

  /** Polls at once for all who watch with a key: something was changed with it. Nothing that was read before is sent any more. */
  pollAnew(key: ApiKey): void {
    const nowMs = this.#options.clock.now();
    for (const timer of [...this.#timersOf(key)]) timer.poll(nowMs, true);
  }

  #timersOf({ fingerprint }: ApiKey): Iterable<PollTimer> {
    return this.#timersWith.get(fingerprint) ?? [];
  }

  /** Lets a timer be found by a key. Returns what ends that. */
  #index({ fingerprint }: ApiKey, timer: PollTimer): () => void {
    const timers = this.#timersWith.get(fingerprint) ?? new Set();
    this.#timersWith.set(fingerprint, timers.add(timer));
    return () => {
      timers.delete(timer);
      if (timers.size === 0) this.#timersWith.delete(fingerprint);
    };
  }

  /** Looks whenever other replicas have read with the key. Polls where they found it refused: that tells who watches. */
  #followNews(key: ApiKey, timer: PollTimer): () => void {
    const { store, clock } = this.#options;
    let partition = store.partitionOf(key);
    return store.onNews(key, () => {
      const isRefused = store.partitionOf(key) !== partition;
      partition = store.partitionOf(key);
      if (isRefused) timer.poll(clock.now());
      else timer.look();
    });
  }

  lastToSee(credentials: readonly Credential[], qrn: string): Credential | null {
    return this.#options.store.lastToSee(credentials, qrn);
  }

  lastSeen(key: ApiKey, qrn: string): FetchedJob | null {
    return this.#options.store.lastSeen(key, qrn);
  }

  viewOf(fetched: FetchedJob, label: string): JobView {
    const views = this.#views.get(fetched) ?? new Map<string, JobView>();
    this.#views.set(fetched, views);
    const view = views.get(label) ?? toJobView(fetched, label);
    views.set(label, view);
    return view;
  }

  /** How many sets of keys are polled with. */
  get size(): number {
    return this.#timers.size;
  }
}
