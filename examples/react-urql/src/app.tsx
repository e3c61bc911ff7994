import { useState } from 'react';
import { Provider } from 'urql';
import { createClient } from './create-client.ts';
import { Dashboard } from './dashboard.tsx';
import { KeyForm } from './key-form.tsx';

/** The keys live as long as the tab: not in localStorage, not in a cookie. */
const STORAGE_NAME = 'qbraid-keys';

const openSession = (keys: string) => ({ keys, client: createClient(keys) });

/** The field for the keys, and the dashboard of the keys in use. */
export function App() {
  const [{ keys, client }, setSession] = useState(() =>
    openSession(sessionStorage.getItem(STORAGE_NAME) ?? ''),
  );

  /** Other keys get a client of their own: nothing that the former keys saw stays in a cache, or on the screen. */
  function changeKeys(next: string) {
    sessionStorage.setItem(STORAGE_NAME, next);
    setSession(openSession(next));
  }

  return (
    <Provider value={client}>
      <header>
        <h1>Quantum jobs</h1>
        <KeyForm keys={keys} onChange={changeKeys} />
      </header>
      {keys === '' ? (
        <main>
          <p className="empty">Enter a qBraid key, or several with names: alice=…, bob=…</p>
        </main>
      ) : (
        <Dashboard key={keys} />
      )}
    </Provider>
  );
}
