// The rows of the timeline: which tables share one, and how they are stacked in it.
import { OUTCOMES, tableName } from './data.js';

/** Rows of groups at most; what is over goes into one row of the rest. */
export const MOST_ROWS = 24;

/**
 * @typedef {object} Rows
 * @property {string[]} labels from the top
 * @property {Int32Array} of row of each task; -1: none
 */

/**
 * A row for each database that these tables are of: those with most tables, the first begun on top.
 * @param {Iterable<number>} members tasks
 * @returns {Rows}
 */
export function byDatabase(tasks, begin, members, most = MOST_ROWS) {
  const counts = new Map();
  const first = new Map();
  for (const i of members) {
    const database = tasks.database[i];
    counts.set(database, (counts.get(database) ?? 0) + 1);
    const earliest = first.get(database) ?? Infinity;
    first.set(database, begin[i] < earliest ? begin[i] : earliest);
  }
  let kept = [...counts.keys()];
  if (kept.length > most)
    kept = kept.sort((a, b) => counts.get(b) - counts.get(a) || a - b).slice(0, most - 1);
  kept.sort((a, b) => first.get(a) - first.get(b) || a - b);
  const rest = counts.size - kept.length;
  const rowOf = new Int32Array(tasks.databases.length).fill(rest > 0 ? kept.length : -1);
  kept.forEach((database, row) => (rowOf[database] = row));
  const labels = kept.map((database) => tasks.databases[database]);
  if (rest > 0) labels.push(`${rest} more databases`);
  return { labels, of: Int32Array.from(tasks.database, (database) => rowOf[database]) };
}

/** A row for each of the tables worked on at a time. @returns {Rows} */
export function byWorker(tasks, begin, end, most = MOST_ROWS) {
  const { slot, slots } = pack([...workedOn(begin)], begin, end);
  const labels = Array.from({ length: Math.min(slots, most) }, (_, i) => `worker ${i + 1}`);
  if (slots > most) labels[most - 1] = `workers ${most} to ${slots}`;
  const of = new Int32Array(tasks.count).fill(-1);
  for (const [task, at] of slot) of[task] = Math.min(at, most - 1);
  return { labels, of };
}

/** @returns {Rows} */
export function byOutcome(tasks) {
  const order = [3, 1, 2];
  const there = order.filter((outcome) => tasks.outcome.includes(outcome));
  return {
    labels: there.map((outcome) => OUTCOMES[outcome]),
    of: Int32Array.from(tasks.outcome, (outcome) => there.indexOf(outcome)),
  };
}

/** A row for each table: those that meet [from, to], the first ones. @returns {Rows} */
export function byTable(tasks, begin, end, from, to, most) {
  const inside = [];
  for (const i of workedOn(begin)) if (begin[i] <= to && end[i] >= from) inside.push(i);
  inside.sort((a, b) => begin[a] - begin[b] || a - b);
  const kept = inside.slice(0, most);
  const of = new Int32Array(tasks.count).fill(-1);
  kept.forEach((task, row) => (of[task] = row));
  return {
    labels: kept.map((task) => tableName(tasks, task)),
    of,
    left: inside.length - kept.length,
  };
}

function* workedOn(begin) {
  for (let i = 0; i < begin.length; ++i) if (!Number.isNaN(begin[i])) yield i;
}

/**
 * Puts what overlaps into different slots, as few as can be.
 * @param {number[]} tasks @param {Float64Array} begin @param {Float64Array} end
 */
export function pack(tasks, begin, end) {
  const order = [...tasks].sort((a, b) => begin[a] - begin[b] || end[a] - end[b] || a - b);
  const slot = new Map();
  const ends = [];
  for (const task of order) {
    let at = ends.findIndex((last) => last <= begin[task]);
    if (at < 0) at = ends.length;
    ends[at] = end[task];
    slot.set(task, at);
  }
  return { slot, slots: ends.length };
}
