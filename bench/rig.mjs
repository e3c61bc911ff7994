import { CORES } from './cores.mjs';

/** Says what a table was measured on, as far as a reader must know it. */
export function describeRig() {
  const pinned =
    CORES === null
      ? 'Processes are not pinned to cores: there is no `taskset`, or only one core.'
      : `The server has one core, the load generator and upstream ${CORES.others.length === 1 ? 'another one' : `${CORES.others.length} others`}.`;
  return `Node ${process.versions.node}. ${pinned}`;
}

/** A table says so if the gateway was not as it is by default. */
export const describePatience = (isPatient) =>
  isPatient ? ' MAX_EVENT_LOOP_DELAY_MS was raised, so that a busy machine did not end the run.' : '';
