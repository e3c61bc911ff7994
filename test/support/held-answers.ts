import type { UpstreamScript } from './scripted-upstream.ts';

/** Answers that wait to be let go. */
export interface HeldAnswers {
  readonly script: UpstreamScript;
  /** Lets go what waits, and all that comes later. */
  release(): void;
}

type IsHeld = (path: string) => boolean;

/** Holds back the answers of a script: all of them, or those to the requests with these paths. */
export function holdAnswers(script: UpstreamScript, isHeld: IsHeld = () => true): HeldAnswers {
  const { isReleased, release } = openGate();
  return {
    async script(request) {
      // The answer is made when the request comes, as an upstream does that is slow to send it.
      const answer = await script(request);
      if (isHeld(request.path)) await isReleased;
      return answer;
    },
    release,
  };
}

/** Holds back requests instead, as an upstream does that is slow to look: it answers as all is when they are let go. */
export function holdRequests(script: UpstreamScript, isHeld: IsHeld = () => true): HeldAnswers {
  const { isReleased, release } = openGate();
  return {
    async script(request) {
      if (isHeld(request.path)) await isReleased;
      return script(request);
    },
    release,
  };
}

function openGate() {
  let release = () => {};
  const isReleased = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { isReleased, release: () => release() };
}
