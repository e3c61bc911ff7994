// Generated from clients/src/list/ by `npm run generate`: do not edit.

// @ts-nocheck: clients/ has the types.
// clients/src/list/live-list.ts
/** A list of which nothing is known. */
const emptyList = {
	rows: [],
	open: [""],
	unsure: [],
	failed: [],
	rechecks: 0,
	inGaps: 0,
	head: null
};
// clients/src/list/list-head.ts
/** What is kept of a first page. */
function toHead({ rows, fetchedAt, totalCount, answered = [] }) {
	return {
		fetchedAt,
		answered: [...answered].sort(),
		length: rows.length,
		totalCount
	};
}
/** Whether the same keys answered for both: else their times and numbers do not tell which list is newer, or longer. */
function isFromSameKeys(one, other) {
	return one.answered.join() === other.answered.join();
}
// clients/src/list/recheck.ts
/**
* The same list, to be read again behind its first rows: what lies there may have changed without a change in the first
* page. All rows stay until the pages that are read again say otherwise.
*/
function recheck(list, firstRows, keyOf) {
	const rechecks = list.rechecks + 1;
	const last = list.rows[firstRows - 1];
	const rest = list.rows.slice(firstRows).map(keyOf);
	const checked = {
		...list,
		rechecks,
		inGaps: void 0
	};
	if (last === void 0 || rest.length === 0) return checked;
	return {
		...checked,
		open: [.../* @__PURE__ */ new Set([...list.open, keyOf(last)])],
		unsure: rest
	};
}
// clients/src/list/count-unseen.ts
/**
* Counts the jobs that the list does not show, after a page was put into it. New jobs at the top are in the first page, and do
* not change that number. If a first page changes it, jobs came or went behind it, and the list is to be read again from
* there. Only a first page that leaves a gap adds the jobs in the gap: they are counted when the gap is filled.
*
* @param merged - The list with the page.
* @param former - The list as it was before.
* @param place - Where it was put: at the top, into a gap, or behind the last row.
*/
function countUnseen(merged, former, place, keyOf) {
	const { head } = merged;
	const unseen = unseenOf(merged);
	if (head === null || unseen === void 0) return merged;
	const isComparable = former.head !== null && isFromSameKeys(former.head, head);
	const more = isComparable ? unseen - (unseenOf(former) ?? unseen) : 0;
	const inGaps = isComparable ? former.inGaps : void 0;
	if (place === "head" && more !== 0 && (inGaps === void 0 || isKnown(former, merged.rows[head.length - 1], keyOf))) return recheck(merged, head.length, keyOf);
	const left = inGaps === void 0 || place === "end" ? inGaps : inGaps + more;
	if (hasGapIn(merged, keyOf)) return {
		...merged,
		inGaps: left
	};
	return (left ?? 0) === 0 ? {
		...merged,
		inGaps: 0
	} : recheck(merged, head.length, keyOf);
}
/** How many jobs the list has beside its rows: undefined where no `totalCount` says so. */
function unseenOf({ head, rows }) {
	return head?.totalCount === void 0 ? void 0 : head.totalCount - weigh(rows);
}
/** Whether the list has this row: a head that ends with it leaves no gap. */
function isKnown({ rows }, wanted, keyOf) {
	return wanted === void 0 || rows.some((row) => keyOf(row) === keyOf(wanted));
}
/** Whether rows are missing, or not to be relied on, before the last one. */
function hasGapIn({ rows, open, unsure }, keyOf) {
	const last = rows.slice(-1).map(keyOf).join();
	return unsure.length > 0 || open.some((key) => key !== last);
}
/** How often `totalCount` counts these rows. */
function weigh(rows) {
	return rows.reduce((sum, { weight = 1 }) => sum + weight, 0);
}
// clients/src/list/find-start.ts
/**
* Behind which row of the list a page goes on, and how many of its own rows come before that: the row that it was
* asked for behind, while the list is open there, else the first row of its own at which the list is open. A list of which
* nothing is known begins with any page. Null if the page fits nowhere.
*/
function findStart(list, page, after, keyOf) {
	if (list.rows.length === 0) return list.open.length > 0 ? {
		index: -1,
		skip: 0
	} : null;
	const open = new Set(list.open);
	const places = /* @__PURE__ */ new Map();
	for (const [index, row] of list.rows.entries()) {
		if (!open.has(keyOf(row))) continue;
		if (row.cursor === after) return {
			index,
			skip: 0
		};
		places.set(keyOf(row), index);
	}
	for (const [position, row] of page.rows.entries()) {
		const index = places.get(keyOf(row));
		if (index !== void 0) return {
			index,
			skip: position + 1
		};
	}
	return null;
}
// clients/src/list/merge-page.ts
/**
* Puts a page into a list: the first page if `after` is null, as a query or a live update gives it, else the page behind
* that cursor. A page says all that the list has between its two ends. So it takes the place of what was known there, and
* what was known behind its last row stays. Where that row was not known, there may be others before the next known
* one: the list is open there, and `nextCursor` says where to read on.
*
* If the number of jobs is not what it must be, jobs have come or gone behind the first page: what is known behind it
* stays, and is to be read again (`recheck`). Nothing tells that as many came as went.
*
* Gives the same list back if the page does not fit: if it is a first page from before the newest one, or if it starts
* where the list is not open any more. Read on from `nextCursor` then.
*
* @param keyOf - Tells rows apart: the id of the job, or something of its own for a job that cannot be read.
*/
function mergePage(list, page, after, keyOf) {
	const isHead = after === null;
	if (isHead && isOutdated(list, page)) return list;
	const start = isHead ? {
		index: -1,
		skip: 0
	} : findStart(list, page, after, keyOf);
	if (start === null) return list;
	const kept = list.rows.slice(0, start.index + 1);
	const fitting = isHead ? page : cutBehindEnd(page, list.rows.slice(start.index + 1), keyOf);
	const added = withoutRepeats(fitting.rows.slice(start.skip), kept, keyOf);
	if (added.length === 0 && page.hasNextPage && list.rows.length > 0) return list;
	const merged = putBetween(list, fitting, kept, added, isHead && isRecovered(list, page), keyOf);
	if (isHead) return countUnseen({
		...merged,
		head: toHead(page)
	}, list, "head", keyOf);
	return countUnseen(merged, list, start.index === list.rows.length - 1 ? "end" : "gap", keyOf);
}
/**
* The page without what lies behind the last known row, if that can be read on from: a list that is read again would else
* grow each time.
*/
function cutBehindEnd(page, known, keyOf) {
	const end = known.at(-1);
	const index = end === void 0 ? -1 : page.rows.findIndex((row) => keyOf(row) === keyOf(end));
	if (page.rows[index]?.cursor === void 0 || index === page.rows.length - 1) return page;
	return {
		...page,
		rows: page.rows.slice(0, index + 1),
		hasNextPage: true
	};
}
/** Puts the rows of a page that are new to the list behind those that are kept, and in place of what was known there. */
function putBetween(list, page, kept, added, isMistrusted, keyOf) {
	const { failed = [], hasNextPage } = page;
	const places = new Map(list.rows.map((row, index) => [keyOf(row), index]));
	const seam = Math.max(kept.length - 1, ...added.map((row) => places.get(keyOf(row)) ?? -1));
	const front = [...kept, ...added];
	const isEnd = !hasNextPage && failed.length === 0;
	const behind = withoutRepeats(list.rows.slice(seam + 1), front, keyOf);
	const readAgain = front.length - (list.head?.length ?? 0);
	const isPast = kept.length > 0 && failed.length === 0 && seam < kept.length && isMissed(list, behind, readAgain, keyOf);
	const rest = isEnd || isPast ? [] : behind;
	const restKeys = rest.map(keyOf);
	const lastKey = front.slice(-1).map(keyOf).join();
	const isJoined = places.get(lastKey) === seam && ![...list.open, ...list.unsure].includes(lastKey);
	const isOpen = rest.length === 0 ? hasNextPage : isMistrusted || hasNextPage && !isJoined;
	const stillOpen = restOf(list.open, [...kept.slice(0, -1).map(keyOf), ...restKeys]);
	return {
		rows: [...isOpen ? withFormerCursor(front, list, keyOf) : front, ...rest],
		open: isOpen ? [...stillOpen, lastKey] : stillOpen,
		unsure: isMistrusted ? restKeys : restOf(list.unsure, restKeys),
		failed: [.../* @__PURE__ */ new Set([...failed, ...isMistrusted ? [] : list.failed])],
		rechecks: list.rechecks,
		inGaps: list.inGaps,
		head: list.head
	};
}
/**
* Whether rows that are to be read again are still missed after as many rows were read. Then they are gone, or so far behind
* that they are not worth to be looked for: the list would be read to its end.
*/
function isMissed({ unsure }, rows, readAgain, keyOf) {
	return rows.length <= readAgain && rows.every((row) => unsure.includes(keyOf(row)));
}
/** Whether a key answers again that failed when some of the rows were read: its jobs are missing between them. */
function isRecovered(list, { answered = [] }) {
	return list.failed.some((label) => answered.includes(label));
}
/**
* Whether this first page was read before the newest one. Times are compared only where the same keys answered: the time
* is that of the oldest part, so that a key that comes back may turn it back.
*/
function isOutdated({ head: newest }, page) {
	const head = toHead(page);
	if (newest?.fetchedAt === void 0 || head.fetchedAt === void 0) return false;
	return head.fetchedAt < newest.fetchedAt && isFromSameKeys(head, newest);
}
/** A place that stays open keeps its cursor: a page that was asked for behind it may be on its way. */
function withFormerCursor(rows, { rows: former, open }, keyOf) {
	const last = rows.at(-1);
	if (last === void 0 || !open.includes(keyOf(last))) return rows;
	const cursor = former.find((row) => keyOf(row) === keyOf(last))?.cursor;
	return cursor === void 0 ? rows : [...rows.slice(0, -1), {
		...last,
		cursor
	}];
}
function withoutRepeats(rows, others, keyOf) {
	const seen = new Set(others.map(keyOf));
	return rows.filter((row) => seen.size !== seen.add(keyOf(row)).size);
}
function restOf(keys, wanted) {
	const set = new Set(wanted);
	return keys.filter((key) => set.has(key));
}
// clients/src/list/next-cursor.ts
/** Where to read on: the cursor behind which rows may be missing, the first one first. Null if all is known. */
function nextCursor(list, keyOf) {
	const open = new Set(list.open);
	return list.rows.find((row) => open.has(keyOf(row)))?.cursor ?? null;
}
export { emptyList, mergePage, nextCursor, recheck };
