import {
  GraphQLEnumType,
  GraphQLID,
  type GraphQLLeafType,
  type GraphQLOutputType,
  GraphQLString,
  isLeafType,
  isListType,
  isNonNullType,
} from 'graphql';
import type { AnswerRoom } from './answer-room.ts';
import { attempt, joinTexts, type Text } from './text.ts';
import { Unplanned } from './unplanned.ts';

/** Makes the text of a value, or throws. */
export type Complete<Run> = (value: unknown, run: Run) => Text;

/** What values are written into. */
interface Roomy {
  readonly room: AnswerRoom;
}

/** Makes what completes the values of a type. `completeObject` makes the same for the objects that are in it. */
export function completerOf<Run extends Roomy>(
  type: GraphQLOutputType,
  completeObject: (type: GraphQLOutputType) => Complete<Run>,
): Complete<Run> {
  const complete = completerOfNullable(isNonNullType(type) ? type.ofType : type, completeObject);
  const writeNull = isNonNullType(type) ? refuseNull : () => 'null';
  return (value, run) => {
    if (value instanceof Promise) {
      return value.then((given) => (given == null ? writeNull() : complete(given, run)));
    }
    if (value instanceof Error) throw value;
    return value == null ? writeNull() : complete(value, run);
  };
}

function completerOfNullable<Run extends Roomy>(
  type: GraphQLOutputType,
  completeObject: (type: GraphQLOutputType) => Complete<Run>,
): Complete<Run> {
  if (isListType(type)) return completerOfList(completerOf(type.ofType, completeObject));
  if (isLeafType(type)) {
    return (value, { room }) => {
      room.assertLeft();
      return room.take(writeLeaf(type, value));
    };
  }
  return completeObject(type);
}

function completerOfList<Run>(complete: Complete<Run>): Complete<Run> {
  return (value, run) => {
    if (!Array.isArray(value)) throw new Unplanned('A list is no array.');
    const texts = value.map((item: unknown) => attempt(complete, item, run));
    return joinTexts('[', texts, ']');
  };
}

function writeLeaf(type: GraphQLLeafType, value: unknown): string {
  if (typeof value === 'string' && (type === GraphQLString || type === GraphQLID))
    return JSON.stringify(value);
  const serialized: unknown = type.serialize(value);
  // An enumeration knows its values: none of their names needs to be escaped.
  if (type instanceof GraphQLEnumType) return `"${String(serialized)}"`;
  const text: string | undefined = serialized == null ? undefined : JSON.stringify(serialized);
  if (text === undefined) throw new Unplanned('A value cannot be written.');
  return text;
}

function refuseNull(): never {
  throw new Unplanned('A field that is never null is null.');
}
