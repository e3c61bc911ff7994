import { expect, test } from 'vitest';
import { Abandoning } from '../../src/lib/abandonment.ts';

test('who listens hears once that nobody waits any more, and why', () => {
  const abandoning = new Abandoning();
  const heard: unknown[] = [];
  abandoning.addEventListener('abort', () => heard.push(abandoning.reason));
  const before = [abandoning.aborted, heard.length];
  abandoning.abort('gone');
  abandoning.abort('gone again');
  expect([before, abandoning.aborted, abandoning.reason, heard]).toEqual([
    [false, 0],
    true,
    'gone',
    ['gone'],
  ]);
});

test('who listens no longer hears nothing, and the others do', () => {
  const abandoning = new Abandoning();
  const heard: string[] = [];
  const leave = () => heard.push('left');
  abandoning.addEventListener('abort', leave);
  abandoning.addEventListener('abort', () => heard.push('stayed'));
  abandoning.removeEventListener('abort', leave);
  abandoning.abort('gone');
  expect(heard).toEqual(['stayed']);
});

test('whoever comes later can tell', () => {
  const abandoning = new Abandoning();
  expect(() => abandoning.throwIfAborted()).not.toThrow();
  abandoning.abort(new Error('gone'));
  expect(() => abandoning.throwIfAborted()).toThrow('gone');
});
