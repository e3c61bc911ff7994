import { Connection } from './connection.js';
import { Counts } from './counts.js';
import { describeChange } from './describe-change.js';
import { element, find } from './element.js';
import { toInstant, toNumber } from './formats.js';
import { JobDetail } from './job-detail.js';
import { JobFeed } from './job-feed.js';
import { JobRows } from './job-rows.js';
import { toKeyHeaders } from './key-headers.js';

/** What is typed is sent once nothing was typed for so long. */
const PAUSE_MS = 400;
/** Where the keys are kept: as long as the tab of the browser is open. */
const STORED_KEYS = 'keys';

const form = document.querySelector('form');
const keys = find('keys');
const vendor = find('vendor');
const status = find('status');
const detail = new JobDetail();
const counts = new Counts((picked) => pick(status, picked));
const rows = new JobRows(document.querySelector('tbody'), {
  open: (job) => detail.open(connection, job),
  pickVendor: (picked) => pick(vendor, picked),
});
const table = document.querySelector('.table');
const end = find('end');
let connection = null;
let feed = null;
let timer;

/** Reads with the keys that the form has, in place of those before. */
function connect() {
  const headers = toKeyHeaders(keys.value);
  sessionStorage.setItem(STORED_KEYS, keys.value);
  if (headers === null) return tell('Enter a key to begin');
  connection = new Connection(headers);
  counts.watch(connection);
  watch();
}

/** Forgets all that was read with the keys before, and what is on its way: nobody else's jobs stay on the screen. */
function forget() {
  connection?.close();
  feed?.close();
  connection = null;
  feed = null;
  detail.close();
  counts.clear();
  clearList();
  vendor.replaceChildren(vendor.firstElementChild);
  find('notices').replaceChildren();
}

function clearList() {
  rows.clear();
  table.hidden = true;
  end.hidden = true;
  find('shown').textContent = '';
  find('news').textContent = '';
}

/** Watches the list that the form asks for, in place of the one before. */
function watch() {
  if (connection === null) return;
  feed?.close();
  clearList();
  tell('Connecting…');
  let before = new Map();
  let totalCount = 0;
  feed = new JobFeed(connection, toFilter(), {
    changed(list, head) {
      const { jobs } = list;
      // A list that is shown for the first time has no news, and the pages behind the head are old.
      const news = new Map(
        jobs.flatMap((job) => {
          const isOld = before.size === 0 || (head === null && !before.has(job.id));
          const change = isOld ? '' : describeChange(job, before.get(job.id));
          return change === '' ? [] : [[job.id, change]];
        }),
      );
      before = new Map(jobs.map((job) => [job.id, job]));
      rows.show(jobs, news);
      table.hidden = jobs.length === 0;
      addVendors(jobs);
      if (head !== null) ({ totalCount } = head);
      find('shown').textContent = `${toNumber(jobs.length)} of ${toNumber(totalCount)}`;
      tellNews(jobs, [...news.values()]);
      if (head !== null) notify(head);
      tell('Live', 'live');
      end.hidden = !list.hasMore;
      detail.follow(jobs.filter(({ id }) => news.has(id)).map(({ qrn }) => qrn));
      loadMoreIfSeen();
    },
    failed: (message) => tell(message, 'broken'),
  });
}

function toFilter() {
  const [, group, one] = /^(?:group:(\w+)|(\w+))$/.exec(status.value) ?? [];
  return {
    statusGroup: group ?? 'ALL',
    status: one ?? null,
    ...(vendor.value && { vendorName: vendor.value }),
    search: find('search').value.trim() || null,
  };
}

/** Says what is new. What was said before stays where nothing is. */
function tellNews(jobs, changes) {
  const news = find('news');
  if (changes.length > 0) news.textContent = changes.join(' · ');
  else if (jobs.length === 0) news.textContent = 'No jobs.';
  else if (['', 'No jobs.'].includes(news.textContent)) news.textContent = 'Waiting for a job to move …';
}

/** Says which keys failed, and whether the list is old: the other keys go on. */
function notify({ sources, isStale, fetchedAt }) {
  const failed = sources.filter(({ error }) => error !== null);
  const texts = failed.map(({ key, error }) => `${key}: ${error.message}`);
  if (isStale)
    texts.push(
      `The qBraid API answers slowly or not at all. This is what it said at ${toInstant(fetchedAt)}.`,
    );
  const notices = find('notices');
  // What is said already is not said again to those who listen.
  if (notices.textContent === texts.join('')) return;
  notices.replaceChildren(...texts.map((text) => element('p', { className: 'problem' }, text)));
}

/** Offers each vendor that was seen with these keys. */
function addVendors(jobs) {
  const known = new Set([...vendor.options].map(({ value }) => value));
  const seen = new Set(jobs.flatMap((job) => job.vendor ?? []));
  for (const name of [...seen].sort()) {
    if (!known.has(name)) vendor.append(element('option', { value: name }, name));
  }
}

/** Sets a part of the filter; a second click takes it back. */
function pick(select, value) {
  select.value = select.value === value ? select.options[0].value : value;
  watch();
}

function tell(text, state = '') {
  const shown = find('state');
  if (shown.textContent !== text) shown.textContent = text;
  shown.className = state;
}

/** Reads anew after a pause. */
function later() {
  clearTimeout(timer);
  timer = setTimeout(() => (connection === null ? connect() : watch()), PAUSE_MS);
}

function loadMoreIfSeen() {
  const { top } = end.getBoundingClientRect();
  if (!end.hidden && top < innerHeight * 2) void feed?.loadMore();
}

const { keys: filledIn } = JSON.parse(document.body.dataset.page);
keys.value = sessionStorage.getItem(STORED_KEYS) ?? filledIn;
keys.addEventListener('input', () => {
  forget();
  tell('…');
  later();
});
form.addEventListener('submit', (event) => event.preventDefault());
for (const control of [vendor, status]) control.addEventListener('input', watch);
find('search').addEventListener('input', later);
find('reveal').addEventListener('click', ({ currentTarget }) => {
  const isShown = keys.type === 'password';
  keys.type = isShown ? 'text' : 'password';
  currentTarget.setAttribute('aria-pressed', String(isShown));
});
find('close').addEventListener('click', () => detail.close());
find('more').addEventListener('click', () => feed?.loadMore());
new IntersectionObserver(loadMoreIfSeen, { rootMargin: '100%' }).observe(end);
connect();
