import { useState } from 'react';

interface KeyFormProps {
  /** The keys in use. */
  readonly keys: string;
  readonly onChange: (keys: string) => void;
}

/** Asks for the keys: a key, or several with names. What is typed is not used before it is submitted. */
export function KeyForm({ keys, onChange }: KeyFormProps) {
  const [draft, setDraft] = useState(keys);
  const [isRevealed, setRevealed] = useState(false);
  return (
    <form
      className="keys"
      onSubmit={(event) => {
        event.preventDefault();
        onChange(draft.trim());
      }}
    >
      <label htmlFor="keys">qBraid keys</label>
      <input
        id="keys"
        type={isRevealed ? 'text' : 'password'}
        value={draft}
        onChange={(event) => setDraft(event.target.value)}
        placeholder="alice=qbr_…, bob=qbr_…"
        autoComplete="off"
        spellCheck={false}
      />
      <button type="button" aria-pressed={isRevealed} onClick={() => setRevealed(!isRevealed)}>
        Reveal
      </button>
      <button type="submit" className="primary">
        Use
      </button>
    </form>
  );
}
