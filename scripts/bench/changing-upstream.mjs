import { setInterval } from 'node:timers';
import { startListUpstream } from './list-upstream.mjs';

/** The qBraid API with one list of so many jobs, all of which may change at each interval. Their `queuePosition` counts the changes. */
export async function startChangingUpstream(jobs, intervalMs) {
  let version = 0;
  /** When each version began, by `performance.now`. */
  const beganAtMs = [performance.now()];
  const upstream = await startListUpstream(jobs, () => version);
  let timer;
  const change = () => {
    version += 1;
    beganAtMs.push(performance.now());
  };
  return {
    url: upstream.url,
    beganAtMs,
    get version() {
      return version;
    },
    /** From now on all jobs change at each interval. */
    start() {
      timer = setInterval(change, intervalMs);
    },
    /** No job changes any more. */
    stop: () => clearInterval(timer),
    close() {
      clearInterval(timer);
      upstream.close();
    },
  };
}
