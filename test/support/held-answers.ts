import type { UpstreamScript } from './scripted-upstream.ts';

/** Answers that wait to be let go. */
export interface HeldAnswers {
  readonly script: UpstreamScript;
  /** Lets go what waits, and all that comes later. */
  release(): void;
}

/** Holds back the answers of a script: all of them, or those to the requests with these paths. */
export function holdAnswers(
  script: UpstreamScript,
  isHeld: (path: string) => boolean = () => true,
): HeldAnswers {
  let release = () => {};
  const isReleased = new Promise<void>((resolve) => {
    release = resolve;
  });
  return {
    async script(request) {
      // The answer is made when the request comes, as an upstream does that is slow to send it.
      const answer = await script(request);
      if (isHeld(request.path)) await isReleased;
      return answer;
    },
    release: () => release(),
  };
}
