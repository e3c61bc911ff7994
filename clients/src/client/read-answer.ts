import { type AnswerError, JobsError } from '../core/jobs-error.ts';

/** What an operation answered. */
interface Answer<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly AnswerError[];
}

/** The data of a response in JSON. Throws a `JobsError` if it has errors, or is not of GraphQL. */
export async function readAnswer<Data>(response: Response): Promise<Data> {
  const answer: Answer<Data> | null = await response.json().catch(() => null);
  const { data = null, errors = [] } = answer ?? {};
  if (errors.length > 0 || data === null) throw new JobsError(response, errors, data);
  return data;
}
