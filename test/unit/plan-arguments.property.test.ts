import fc from 'fast-check';
import { buildSchema, execute, parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import type { GraphQLContext } from '../../src/graphql/graphql-context.ts';
import { AnswerRoom } from '../../src/graphql/plan/answer-room.ts';
import { JobTexts } from '../../src/graphql/plan/job-texts.ts';
import { planOperation } from '../../src/graphql/plan/operation-plan.ts';
import { PlanRoom } from '../../src/graphql/plan/plan-room.ts';
import { writeResult } from '../../src/graphql/plan/text.ts';

/** The arguments of one field each, with texts and values for them. A default stands in the schema where there is a `=`. */
const ARGUMENTS = {
  Int: { texts: ['1', 'null'], values: [0, -5, null] },
  'Int!': { texts: ['2'], values: [1] },
  'Int = 7': { texts: ['1', 'null'], values: [0, null] },
  'Int! = 7': { texts: ['1'], values: [3] },
  '[Int]': { texts: ['[1, null]', '4', 'null'], values: [[1, null], 4, [], null] },
  '[[Int!]!]!': { texts: ['[[1]]', '5'], values: [[[1]], 5, []] },
  Choice: { texts: ['A', 'null'], values: ['A', 'B', null] },
  Input: { texts: ['{}', '{ x: null, list: 3 }'], values: [{}, { x: null, list: 3 }, { choice: 'A' }, null] },
};
const TYPES = Object.keys(ARGUMENTS) as (keyof typeof ARGUMENTS)[];

const schema = buildSchema(`
  enum Choice { A B }
  input Input { x: Int = 3, list: [Int!], choice: Choice }
  type Query {
    ${TYPES.map((type, index) => `f${index}(a: ${type}): String`).join(' ')}
    ${TYPES.map((type, index) => `g${index}(a: ${type}, b: Int): String`).join(' ')}
  }
`);
for (const field of Object.values(schema.getQueryType()?.getFields() ?? {})) {
  field.resolve = (_, args) => JSON.stringify([Object.keys(args).sort(), args]);
}

/** A field whose argument is a variable, which may have a default, and be sent or not; or a text. It may have another argument. */
const anyField = fc.constantFrom(...TYPES).chain((type) =>
  fc.record({
    type: fc.constant(type),
    name: fc.constantFrom('v', 'constructor', 'toString', '__proto__'),
    text: fc.constantFrom(...ARGUMENTS[type].texts),
    hasVariable: fc.boolean(),
    hasDefault: fc.boolean(),
    sent: fc.option(fc.constantFrom<unknown>(...ARGUMENTS[type].values), { nil: undefined }),
    other: fc.constantFrom(null, '', ', b: 1', ', b: null'),
  }),
);

type Field = typeof anyField extends fc.Arbitrary<infer Value> ? Value : never;

function toOperation({ type, name, text, hasVariable, hasDefault, sent, other }: Field) {
  const [ofVariable] = type.split(' =');
  const declared = `($${name}: ${ofVariable}${hasDefault ? ` = ${text}` : ''})`;
  const field = `${other === null ? 'f' : 'g'}${TYPES.indexOf(type)}`;
  const query = `query${hasVariable ? declared : ''} { ${field}(a: ${hasVariable ? `$${name}` : text}${other ?? ''}) }`;
  return { query, variables: hasVariable && sent !== undefined ? Object.fromEntries([[name, sent]]) : {} };
}

test('a plan gives resolvers the arguments that the executor gives', async () => {
  await fc.assert(
    fc.asyncProperty(anyField, async (field) => {
      const { query, variables } = toOperation(field);
      const document = parse(query);
      fc.pre(validate(schema, document).length === 0);
      const run = planOperation(
        { schema, document, jobTexts: new JobTexts(1000), room: new PlanRoom(1000) },
        null,
      )?.prepare(variables);
      const { data, errors } = await execute({ schema, document, variableValues: variables });
      // What the executor refuses has no plan, or its plan throws.
      fc.pre(run != null && errors === undefined);
      const context = {} as GraphQLContext;
      const room = new AnswerRoom(1_000_000);
      const text = await run?.plan.write(undefined, { context, variableValues: run.variableValues, room });
      expect(JSON.parse(writeResult(text ?? '', false))).toEqual({ data: { ...data } });
    }),
    { numRuns: 400 },
  );
});
