/**
 * Makes what notes in an error of the system, as its `variable`, which variable of the environment chose what failed, and throws
 * it again. For `catch` of a promise.
 */
export function blameVariable(variable: string): (error: unknown) => never {
  return (error) => {
    throw error instanceof Error ? Object.assign(error, { variable }) : error;
  };
}
