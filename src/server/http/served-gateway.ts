import type { IncomingMessage, RequestListener } from 'node:http';
import type { YogaServerInstance } from 'graphql-yoga';
import type { GraphQLContext } from '../../graphql/graphql-context.ts';
import type { LaneListener } from './lane-listener.ts';
import type { Sender } from './waiting-line.ts';

/** What a Node server needs of a gateway. */
export interface ServedGateway {
  /** Answers HTTP requests: a Node request listener that also has `fetch`. */
  readonly yoga: YogaServerInstance<object, GraphQLContext>;
  /** Takes the ordinary requests, and lets the fast lane execute them. */
  readonly lane: LaneListener;
  /** Tells whom a request comes from. */
  senderOf(request: IncomingMessage): Sender;
  /** Answers a request that comes while too many wait. */
  readonly refuse: RequestListener;
  /** Counts an error that was answered without Yoga, by its code. */
  refused(code: string): void;
}
