import type { Job } from '../../upstream/job.ts';
import type { Text } from './text.ts';

/** The texts of one selection, by job. A job that changes is another object. */
export interface TextsOfSelection {
  /** The text of a job; null where it is not known. */
  find(job: Job): string | null;
  /** Keeps the text of a job, and gives it back. One that is only promised, since it cannot be written, is not kept. */
  keep(job: Job, text: Text): Text;
}

/**
 * Keeps what was written of jobs, until their texts have so many characters together; then it forgets all and begins anew. A
 * text says nothing that its job does not say, and nobody gets it who has not got the job.
 */
export class JobTexts {
  readonly #maxCharacters: number;
  #characters = 0;
  /** By job, and by the selection that it is the text of. */
  #texts = new WeakMap<Job, Map<TextsOfSelection, string>>();

  constructor(maxCharacters: number) {
    this.#maxCharacters = maxCharacters;
  }

  /** Opens the texts of a selection. */
  open(): TextsOfSelection {
    const selection: TextsOfSelection = {
      find: (job) => this.#texts.get(job)?.get(selection) ?? null,
      keep: (job, text) => {
        if (typeof text === 'string') this.#keep(job, selection, text);
        return text;
      },
    };
    return selection;
  }

  #keep(job: Job, selection: TextsOfSelection, text: string): void {
    this.#characters += text.length;
    if (this.#characters > this.#maxCharacters) {
      this.#texts = new WeakMap();
      this.#characters = text.length;
    }
    const texts = this.#texts.get(job);
    if (texts === undefined) this.#texts.set(job, new Map([[selection, text]]));
    else texts.set(selection, text);
  }
}
