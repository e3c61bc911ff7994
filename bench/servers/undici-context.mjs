import DataLoader from 'dataloader';
import { Pool } from 'undici';
import { UPSTREAM_CONNECTIONS, UPSTREAM_URL } from './environment.mjs';

const pool = new Pool(UPSTREAM_URL, { connections: UPSTREAM_CONNECTIONS });

async function get(path, key) {
  const { statusCode, body } = await pool.request({ path, method: 'GET', headers: { 'x-api-key': key } });
  if (statusCode !== 200) {
    await body.dump();
    throw new Error(`The qBraid API answered ${statusCode}.`);
  }
  return body.json();
}

/** What the resolvers of one request read with: one loader, so that no job is read twice for it. */
export function createContext(key) {
  const readJob = async (qrn) => (await get(`/jobs/${encodeURIComponent(qrn)}`, key)).data;
  const jobs = new DataLoader((qrns) => Promise.all(qrns.map((qrn) => readJob(qrn).catch((error) => error))));
  return {
    loadJob: (qrn) => jobs.load(qrn),
    listJobs: (first) => get(`/jobs?page=1&limit=${first}`, key),
  };
}
