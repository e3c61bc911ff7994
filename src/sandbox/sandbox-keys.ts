/** An API key that the sandbox accepts. */
export interface SandboxKey {
  /** What to call the key, unique among the keys. */
  readonly label: string;
  /** The key itself. */
  readonly key: string;
  /** Whose key it is. The rate limit is per user. */
  readonly user: string;
  /** Keys of one team see the team's jobs besides their own. */
  readonly team: string | null;
}

/** The keys of the sandbox, made up and fixed: alice and bob share a team, alice has a second key, carol is alone. */
export const demoKeys: readonly SandboxKey[] = [
  { label: 'alice', key: 'qbr_demo_alice_7d1f0c52a94e', user: 'alice', team: 'bell-lab' },
  { label: 'alice-ci', key: 'qbr_demo_alice-ci_30b8e6f19c27', user: 'alice', team: null },
  { label: 'bob', key: 'qbr_demo_bob_c5a2937be408', user: 'bob', team: 'bell-lab' },
  { label: 'carol', key: 'qbr_demo_carol_e91d46a08f73', user: 'carol', team: null },
];
