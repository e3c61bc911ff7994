/** No tags or options nest so deep; what nests much deeper exhausts the stack of whoever writes it out again. */
const MAX_DEPTH = 64;

/** Whether the objects and arrays of a JSON value stand deeper in each other than in any job that is meant. */
export function isTooDeep(value: unknown, depth = MAX_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((child) => isTooDeep(child, depth - 1));
}
