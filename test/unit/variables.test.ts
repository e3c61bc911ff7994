import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../src/config/parse-config.ts';
import { variableFacts, variableGroups, variables } from '../../src/config/variables.ts';

const example = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8');

describe('.env.example', () => {
  test('sets nothing by itself', () => {
    expect(parseEnv(example)).toEqual({});
  });

  test('gives every variable its default', () => {
    const environment = parseEnv(example.replaceAll(/^# (?=[A-Z_]+=)/gm, '')) as Record<string, string>;
    expect(Object.keys(environment).sort()).toEqual(Object.keys(variables.shape).sort());
    expect(parseConfig(environment)).toEqual(parseConfig({}));
  });
});

describe('the variables', () => {
  test('are each in one group', () => {
    const grouped = Object.values(variableGroups).flatMap((group) => Object.keys(group));
    expect(grouped).toEqual(Object.keys(variables.shape));
  });

  test('are each explained in sentences', () => {
    const isExplained = ([, type]: [string, (typeof variables.shape)[keyof typeof variables.shape]]) =>
      /^[A-Z].{10,}\.$/.test(variableFacts.get(type)?.about ?? '');
    expect(Object.entries(variables.shape).filter((entry) => !isExplained(entry))).toEqual([]);
  });
});
