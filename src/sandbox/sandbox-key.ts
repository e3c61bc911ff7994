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
