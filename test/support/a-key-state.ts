import type { KeyState } from '../../src/fleet/fleet-link.ts';

/** What the server has of a key, of which it knows nothing but what is given. */
export function aKeyState(state: Partial<KeyState> = {}): KeyState {
  const nothing = {
    partition: null,
    headSeq: 0,
    gapSeq: 0,
    refused: null,
    heldUntilMs: null,
    isProven: false,
  };
  return { ...nothing, readings: [], sent: [], ...state };
}
