import { type FastLane, isAnswer } from '../../src/server/lane/fast-lane.ts';

/**
 * Who gave an answer: the cache of answers at once, the fast lane by a plan or after one that failed, an equal request, also by
 * way of that cache, or Yoga.
 */
export type Way = 'kept' | 'planned' | 'shared' | 'yoga';

/** Notes from now on which requests the fast lane answers. Gives what tells who answered a request, by its id. */
export function noteWays(lane: FastLane): (requestId: unknown) => Way {
  const ways = new Map<unknown, Way>();
  const find = lane.find.bind(lane);
  const execute = lane.execute.bind(lane);
  lane.find = (request, name) => {
    const answer = find(request, name);
    if (answer !== null) ways.set(request.requestId, 'kept');
    return answer;
  };
  lane.execute = async (request, ...more) => {
    const result = await execute(request, ...more);
    if (isAnswer(result)) ways.set(request.requestId, 'withdrawal' in result ? 'shared' : 'planned');
    return result;
  };
  return (requestId) => ways.get(requestId) ?? 'yoga';
}
