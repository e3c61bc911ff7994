import { setImmediate } from 'node:timers/promises';
import { createFakeClock } from '../support/fake-clock.ts';
import { createFakeFleetServer } from '../support/fake-fleet-server.ts';
import { describeFleetLink } from '../support/fleet-link-contract.ts';

describeFleetLink('a link to the fake server', async () => {
  const clock = createFakeClock();
  const server = createFakeFleetServer(clock);
  return {
    connect: async (replica) => server.connect(replica),
    async pass(ms) {
      clock.advance(ms);
      await setImmediate();
    },
  };
});
