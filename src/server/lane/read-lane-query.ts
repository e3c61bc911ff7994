import { toBodyOfQuery } from '../documents/query-parameters.ts';
import type { RequestLine } from './ordinary-request.ts';

/** Reads what a GET asks for, as the body of a POST would say it: null where Yoga has to say what is wrong. */
export function readLaneQuery({ url = '' }: RequestLine): string | null {
  try {
    // Of the mark in front, this drops one.
    return toBodyOfQuery(new URLSearchParams(url.slice(url.indexOf('?'))));
  } catch {
    return null;
  }
}
