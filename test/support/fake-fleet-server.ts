import type { Bell, FleetLink, KeyState } from '../../src/fleet/fleet-link.ts';
import type { Clock } from '../../src/lib/clock.ts';
import { createFakeFleetKey, type FakeClaim, type FakeFleetKey } from './fake-fleet-key.ts';

/** How long a link does not try after a fault, and how often it looks whether its server is still the same one. */
const RETRY_MS = 1000;
const DEADLINE_MS = 100;
const EMPTIED_MS = 5000;

/** All that the fake server holds of a key. */
export interface FakeFleetState extends KeyState {
  readonly claims: readonly FakeClaim[];
}

/** The server of a fleet, in memory. Its links do what those to Redis do, on the tests' clock. */
export interface FakeFleetServer {
  /** Opens the link of a replica. It is up at once if the server runs. */
  connect(replica: string): FleetLink;
  /** Ends all connections: links go down at once, and their commands reject. What the server holds stays. */
  stop(): void;
  /** Accepts connections again. Links come back with their next try, at most a second later. */
  start(): void;
  /** Loses all data. Links notice within a second. */
  empty(): void;
  /** Remembers what it holds now. After the returned function it holds no more than that, as if it had been started from a snapshot. */
  save(): () => void;
  /** Bells for which this is true reach nobody, and nobody notices. */
  dropBells(shouldDrop: (bell: Bell) => boolean): void;
  /** Whether landings find no room. */
  full: boolean;
  /** How long a command takes, on the clock. Half of it passes before the server does it. 0 is a microtask. @default 0 */
  latencyMs: number;
  /** All that is known of a key. */
  inspect(name: string): FakeFleetState;
}

interface Follower {
  readonly replica: string;
  readonly name: string;
  readonly onBell: (bell: Bell) => void;
}

/** What the links see of their server. */
interface Core {
  readonly clock: Clock;
  readonly followers: Set<Follower>;
  readonly links: Set<FakeLink>;
  isRunning: boolean;
  full: boolean;
  latencyMs: number;
  /** Another one where data was lost. */
  marker: object;
  /** The key, as seen by a replica: others hear what it does. */
  keyOf(name: string, replica: string): FakeFleetKey;
}

/** Makes a fake server without data that runs. */
export function createFakeFleetServer(clock: Clock): FakeFleetServer {
  const keys = new Map<string, { readonly key: FakeFleetKey; actor: string }>();
  let isDropped = (_bell: Bell) => false;

  function ring(name: string, actor: string, bell: Bell): void {
    if (isDropped(bell)) return;
    for (const follower of core.followers) {
      if (follower.name !== name || follower.replica === actor) continue;
      void pass(clock, core.latencyMs / 2).then(() => {
        if (core.followers.has(follower)) follower.onBell(bell);
      });
    }
  }

  function entryOf(name: string) {
    const known = keys.get(name);
    if (known) return known;
    const entry = {
      key: createFakeFleetKey(
        () => clock.now(),
        (bell) => ring(name, entry.actor, bell),
      ),
      actor: '',
    };
    keys.set(name, entry);
    return entry;
  }

  const core: Core = {
    clock,
    followers: new Set(),
    links: new Set(),
    isRunning: true,
    full: false,
    latencyMs: 0,
    marker: {},
    keyOf(name, replica) {
      const entry = entryOf(name);
      entry.actor = replica;
      return entry.key;
    },
  };

  return {
    connect(replica) {
      const link = new FakeLink(core, replica);
      core.links.add(link);
      return link;
    },
    stop() {
      core.isRunning = false;
      for (const link of core.links) link.disconnect();
    },
    start() {
      core.isRunning = true;
    },
    empty() {
      keys.clear();
      core.marker = {};
      for (const link of core.links) link.checkSoon();
    },
    save() {
      const restores = [...keys].map(([name, { key }]) => [name, key.save()] as const);
      return () => {
        const saved = new Map(restores);
        for (const name of keys.keys()) if (!saved.has(name)) keys.delete(name);
        for (const restore of saved.values()) restore();
        core.marker = {};
      };
    },
    dropBells(shouldDrop) {
      isDropped = shouldDrop;
    },
    get full() {
      return core.full;
    },
    set full(isFull) {
      core.full = isFull;
    },
    get latencyMs() {
      return core.latencyMs;
    },
    set latencyMs(ms) {
      core.latencyMs = ms;
    },
    inspect(name) {
      const { key } = entryOf(name);
      return { ...key.pull({ partition: null, headSeq: 0 }), claims: key.claims() };
    },
  };
}

class FakeLink implements FleetLink {
  readonly #core: Core;
  readonly #replica: string;
  readonly #followers = new Set<Follower>();
  readonly #onChange: (() => void)[] = [];
  readonly #onReconnect: ((isEmptied: boolean) => Promise<void>)[] = [];
  #isUp: boolean;
  #isListening: boolean;
  #isClosed = false;
  #isEmptied = false;
  #marker: object | null;
  #cancelTry = () => {};

  constructor(core: Core, replica: string) {
    this.#core = core;
    this.#replica = replica;
    this.#isUp = core.isRunning;
    this.#isListening = core.isRunning;
    this.#marker = core.isRunning ? core.marker : null;
    if (!core.isRunning) this.#trySoon();
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  get isListening(): boolean {
    return this.#isListening;
  }

  nowMs(): number {
    return this.#core.clock.now();
  }

  ask: FleetLink['ask'] = (name, question) =>
    this.#command(name, (key) => {
      this.#assertSameData();
      return key.ask(question);
    });

  land: FleetLink['land'] = (name, landing) =>
    this.#command(name, (key) => key.land(landing, this.#core.full));

  fail: FleetLink['fail'] = (name, failure) => this.#command(name, (key) => key.fail(failure));

  renew: FleetLink['renew'] = (name, renewal) => this.#command(name, (key) => key.renew(renewal));

  pull: FleetLink['pull'] = (name, position) => this.#command(name, (key) => key.pull(position));

  heal: FleetLink['heal'] = (name, knowledge) => this.#send(name, (key) => key.heal(knowledge));

  async follow(name: string, onBell: (bell: Bell) => void): Promise<() => void> {
    if (!this.#isListening) throw new Error('The link to the fake server is down.');
    const follower = { replica: this.#replica, name, onBell };
    await this.#withinDeadline(pass(this.#core.clock, this.#core.latencyMs));
    this.#followers.add(follower);
    if (this.#isListening) this.#core.followers.add(follower);
    return () => {
      this.#followers.delete(follower);
      this.#core.followers.delete(follower);
    };
  }

  onChange(listener: () => void): void {
    this.#onChange.push(listener);
  }

  onReconnect(listener: (isEmptied: boolean) => Promise<void>): void {
    this.#onReconnect.push(listener);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#core.links.delete(this);
    this.#cancelTry();
    this.disconnect();
  }

  /** What a closed connection does. */
  disconnect(): void {
    for (const follower of this.#followers) this.#core.followers.delete(follower);
    this.#setListening(false);
    this.#goDown();
  }

  /** Looks within a second whether the server is still the same one. */
  checkSoon(): void {
    if (this.#isUp) this.#trySoon();
  }

  #command<Output>(name: string, act: (key: FakeFleetKey) => Output): Promise<Output> {
    if (this.#isUp) return this.#send(name, act);
    return Promise.reject(new Error('The link to the fake server is down.'));
  }

  async #send<Output>(name: string, act: (key: FakeFleetKey) => Output): Promise<Output> {
    const { clock, latencyMs } = this.#core;
    this.#assertConnected();
    const reply = pass(clock, latencyMs / 2).then(async () => {
      this.#assertConnected();
      const output = act(this.#core.keyOf(name, this.#replica));
      await pass(clock, latencyMs / 2);
      this.#assertConnected();
      return output;
    });
    return this.#withinDeadline(reply);
  }

  /** What a reply brings. Where it is late, the link is down. */
  async #withinDeadline<Output>(reply: Promise<Output>): Promise<Output> {
    const { clock, latencyMs } = this.#core;
    if (latencyMs <= DEADLINE_MS) return reply;
    reply.catch(() => {});
    await pass(clock, DEADLINE_MS);
    this.#goDown();
    throw new Error(`The fake server has not answered within ${DEADLINE_MS} ms.`);
  }

  /** What the server has lost is counted by nobody before it is healed. */
  #assertSameData(): void {
    if (this.#look().isSame) return;
    this.#goDown();
    throw new Error('The fake server has lost its data.');
  }

  #assertConnected(): void {
    if (!this.#core.isRunning || this.#isClosed) throw new Error('The fake server is gone.');
  }

  #goDown(): void {
    const wasUp = this.#isUp;
    this.#isUp = false;
    if (!this.#isClosed && wasUp) this.#trySoon();
    if (wasUp) this.#tellChange();
  }

  #trySoon(delayMs = RETRY_MS): void {
    this.#cancelTry();
    this.#cancelTry = this.#core.clock.schedule(delayMs, () => void this.#try());
  }

  async #try(): Promise<void> {
    const { core, isSame } = this.#look();
    if (!core.isRunning || core.latencyMs > DEADLINE_MS) return this.#isUp ? this.#goDown() : this.#trySoon();
    if (this.#isUp && isSame) return;
    if (!isSame) this.#isEmptied = true;
    this.#marker = core.marker;
    if (this.#isUp) {
      this.#isUp = false;
      this.#tellChange();
    }
    try {
      for (const heal of this.#onReconnect) await heal(this.#isEmptied);
    } catch {
      this.#trySoon();
      return;
    }
    // What was sent in these five seconds has to be healed as well.
    if (this.#isEmptied) this.#trySoon(EMPTIED_MS);
    else this.#goUp();
    this.#isEmptied = false;
  }

  #look() {
    const core = this.#core;
    return { core, isSame: this.#marker === null || this.#marker === core.marker };
  }

  #goUp(): void {
    if (this.#isClosed) return;
    if (!this.#core.isRunning) {
      this.#trySoon();
      return;
    }
    this.#isUp = true;
    this.#tellChange();
    for (const follower of this.#followers) this.#core.followers.add(follower);
    this.#setListening(true);
    if (!this.#look().isSame) this.checkSoon();
  }

  #setListening(isListening: boolean): void {
    if (this.#isListening === isListening) return;
    this.#isListening = isListening;
    this.#tellChange();
  }

  #tellChange(): void {
    for (const listener of this.#onChange) listener();
  }
}

/** Lets so much time pass on the clock: none is a microtask. */
function pass(clock: Clock, ms: number): Promise<void> {
  if (ms <= 0) return Promise.resolve();
  return new Promise((resolve) => void clock.schedule(ms, resolve));
}
