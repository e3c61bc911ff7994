import { parseArgs } from 'node:util';
import { SERVERS } from './servers.mjs';
import { WORKLOADS } from './workloads.mjs';

/** What the command line asks for. */
export function parseOptions() {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', default: Object.keys(WORKLOADS).join() },
      servers: { type: 'string', default: Object.keys(SERVERS).join() },
      patient: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
    },
  });
  return {
    isQuick: values.quick,
    isPatient: values.patient,
    writes: values.write,
    workloads: pick('--only', values.only, WORKLOADS),
    servers: pick('--servers', values.servers, SERVERS),
  };
}

function pick(option, text, table) {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !Object.hasOwn(table, name));
  if (unknown.length === 0) return names;
  throw new Error(`${option} must name some of ${Object.keys(table).join(', ')}, got ${unknown.join(', ')}`);
}
