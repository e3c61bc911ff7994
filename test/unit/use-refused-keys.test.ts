import { buildSchema, type ExecutionArgs, type ExecutionResult, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { useRefusedKeys } from '../../src/server/plugins/use-refused-keys.ts';

/** Executes an operation of two keys, of which one is refused during each of the first runs. */
async function executeWith({
  refusedRuns,
  isWithdrawn = false,
}: {
  readonly refusedRuns: number;
  readonly isWithdrawn?: boolean;
}) {
  let runs = 0;
  let restarts = 0;
  let execute = async (_: ExecutionArgs): Promise<ExecutionResult> => {
    runs += 1;
    return { data: { run: runs } };
  };
  const contextValue = {
    session: () => ({ credentials: [{}, {}] }),
    isWithdrawn: () => isWithdrawn,
    findRefusal: () => runs <= refusedRuns,
    restart: () => {
      restarts += 1;
    },
  };
  const setExecuteFn = (wrapped: typeof execute) => {
    execute = wrapped;
  };
  useRefusedKeys().onExecute?.({ executeFn: execute, setExecuteFn } as never);
  const schema = buildSchema('type Query { run: Int }');
  const result = await execute({ schema, document: parse('{ run }'), contextValue });
  return { result: JSON.parse(JSON.stringify(result)), runs, restarts };
}

describe('an operation', () => {
  test.each([0, 1, 2])(
    'with a refusal in each of its first %i runs is answered by the next',
    async (count) => {
      expect(await executeWith({ refusedRuns: count })).toEqual({
        result: { data: { run: count + 1 } },
        runs: count + 1,
        restarts: count,
      });
    },
  );

  test('whose key ring was withdrawn meanwhile shows nothing', async () => {
    expect((await executeWith({ refusedRuns: 0, isWithdrawn: true })).result).toEqual({
      data: null,
      errors: [
        {
          message:
            'The token in Authorization was withdrawn while the operation ran: ask the operator of this gateway for another.',
          extensions: { code: 'UNAUTHENTICATED' },
        },
      ],
    });
  });

  test('with a refusal in more runs than it has keys fails as a whole', async () => {
    expect(await executeWith({ refusedRuns: 3 })).toEqual({
      result: {
        data: null,
        errors: [
          {
            message: 'The qBraid API refused a key again while the operation ran: try again later.',
            extensions: { code: 'UNAUTHENTICATED' },
          },
        ],
      },
      runs: 3,
      restarts: 2,
    });
  });
});
