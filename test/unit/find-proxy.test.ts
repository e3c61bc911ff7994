import { expect, test } from 'vitest';
import { findProxy } from '../../src/upstream/find-proxy.ts';

const HTTP = 'http://http-proxy.example.com:3128/';
const HTTPS = 'https://user:word@https-proxy.example.com/';

const find = (url: string, proxy: { http?: string; https?: string; except?: string }) =>
  findProxy(new URL(url), { http: null, https: null, except: '', ...proxy })?.href ?? null;

test.each<[url: string, proxy: { http?: string; https?: string }, found: string | null]>([
  ['http://api.example.com', {}, null],
  ['https://api.example.com', {}, null],
  ['http://api.example.com', { http: HTTP, https: HTTPS }, HTTP],
  ['https://api.example.com', { http: HTTP, https: HTTPS }, HTTPS],
  ['http://api.example.com', { https: HTTPS }, null],
  ['https://api.example.com', { http: HTTP }, HTTP],
])('%s is reached under %j through %s', (url, proxy, found) => {
  expect(find(url, proxy)).toBe(found);
});

test.each<[url: string, except: string, isExcepted: boolean]>([
  ['https://api.example.com', '', false],
  ['https://api.example.com', ',', false],
  ['https://api.example.com', '*', true],
  ['https://api.example.com', 'api.example.com', true],
  ['https://api.example.com', 'API.example.com', true],
  ['https://API.example.com', 'example.com', true],
  ['https://api.example.com', '.example.com', true],
  ['https://api.example.com', '*.example.com', true],
  ['https://api.example.com', 'ample.com', false],
  ['https://api.example.com', 'xexample.com', false],
  ['https://api.example.com', 'other.com, example.com', true],
  ['https://api.example.com', 'other.com example.com', true],
  ['https://api.example.com', 'example.com:443', true],
  ['https://api.example.com:8443', 'example.com:443', false],
  ['https://api.example.com:8443', 'example.com:8443', true],
  ['http://[::1]:8080', '[::1]', true],
  ['http://[::1]:8080', '[::1]:8080', true],
  ['http://[::1]:8080', '[::1]:80', false],
])('%s under NO_PROXY=%j is reached without one: %s', (url, except, isExcepted) => {
  expect(find(url, { http: HTTP, except })).toBe(isExcepted ? null : HTTP);
});
