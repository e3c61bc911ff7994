import type { Job } from '../../upstream/job.ts';
import type { Text } from './text.ts';

/** The texts of one selection, by job. A job that changes is another object. */
export interface TextsOfSelection {
  /** The text of a job, made once. One that is only promised, since it cannot be written, is not kept. */
  of(job: Job, write: () => Text): Text;
}

/**
 * Keeps what was written of jobs, until their texts have so many characters together; then it forgets all and begins anew. A
 * text says nothing that its job does not say, and nobody gets it who has not got the job.
 */
export class JobTexts {
  readonly #maxCharacters: number;
  #characters = 0;
  #generation = 0;

  constructor(maxCharacters: number) {
    this.#maxCharacters = maxCharacters;
  }

  /** Opens the texts of a selection. */
  open(): TextsOfSelection {
    let texts = new WeakMap<Job, string>();
    let generation = this.#generation;
    return {
      of: (job, write) => {
        if (generation !== this.#generation) {
          texts = new WeakMap();
          generation = this.#generation;
        }
        const known = texts.get(job);
        if (known !== undefined) return known;
        const text = write();
        if (typeof text !== 'string') return text;
        texts.set(job, text);
        this.#count(text.length);
        return text;
      },
    };
  }

  #count(characters: number): void {
    this.#characters += characters;
    if (this.#characters <= this.#maxCharacters) return;
    this.#characters = 0;
    this.#generation += 1;
  }
}
