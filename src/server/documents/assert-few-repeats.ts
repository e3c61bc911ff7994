import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { assertWithin } from './assert-within.ts';

/** How often a response name may be repeated where the fields of one object are selected. */
const MAX_REPEATS = 30;

/** How many selections are looked at. A document that is not made to be slow has a tenth of it. */
const MAX_LOOKS = 50_000;

const ADVICE = 'name a field once, and select all of its fields there';

/**
 * Refuses documents that select one response name again and again for the same object, through fragments or not.
 * Validation compares all such fields with each other, and all that is selected below them: a thousand of them would
 * take a second.
 *
 * @throws {GatewayError} `too-complex`
 */
export function assertFewRepeats(document: DocumentNode): void {
  const counter = new RepeatCounter(document);
  for (const definition of document.definitions) {
    if ('selectionSet' in definition && definition.selectionSet !== undefined) {
      counter.check([definition.selectionSet]);
    }
  }
}

class RepeatCounter {
  readonly #fragments = new Map<string, FragmentDefinitionNode>();
  /** The selection sets, and those merged with each other, that were checked: fragments may lead back to themselves. */
  readonly #checked = new Set<string>();
  readonly #ids = new Map<SelectionSetNode, number>();
  #looks = 0;

  constructor({ definitions }: DocumentNode) {
    for (const definition of definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) {
        this.#fragments.set(definition.name.value, definition);
      }
    }
  }

  /** Checks selection sets whose fields are merged with each other, and all that is below them. */
  check(sets: readonly SelectionSetNode[]): void {
    const key = sets.map((set) => this.#idOf(set)).join();
    if (this.#checked.has(key)) return;
    this.#checked.add(key);
    const fields: FieldsByName = new Map();
    const spread = new Set<string>();
    for (const { selections } of sets) this.#collect(selections, fields, spread);
    for (const { count, below } of fields.values()) {
      assertWithin(
        { limit: 'REPEATED_FIELDS', max: MAX_REPEATS, what: 'repetitions of one field', advice: ADVICE },
        count,
      );
      if (below.length > 0) this.check(below);
    }
  }

  /** Collects the fields of one object as execution does: a fragment that is spread again adds nothing. */
  #collect(selections: readonly SelectionNode[], fields: FieldsByName, spread: Set<string>): void {
    this.#looks += selections.length;
    assertWithin(
      { limit: 'MERGED_FIELDS', max: MAX_LOOKS, what: 'fields to merge', advice: ADVICE },
      this.#looks,
    );
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        const name = (selection.alias ?? selection.name).value;
        const field = fields.get(name) ?? { count: 0, below: [] };
        fields.set(name, field);
        field.count += 1;
        if (selection.selectionSet !== undefined) field.below.push(selection.selectionSet);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        this.#collect(selection.selectionSet.selections, fields, spread);
      } else if (!spread.has(selection.name.value)) {
        spread.add(selection.name.value);
        const fragment = this.#fragments.get(selection.name.value);
        this.#collect(fragment?.selectionSet.selections ?? [], fields, spread);
      }
    }
  }

  #idOf(set: SelectionSetNode): number {
    const id = this.#ids.get(set) ?? this.#ids.size;
    this.#ids.set(set, id);
    return id;
  }
}

/** The fields of one object by their response names: how many there are, and what is selected below them. */
type FieldsByName = Map<string, { count: number; readonly below: SelectionSetNode[] }>;
