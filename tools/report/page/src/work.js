// When each table was worked on. Servers note when the task of a table was made, all of them before
// the first import begins, and when it ended, but not when its own import began. Tables are taken up
// in the order of their ids, each by the first worker that is free, so their begins can be told from
// the ends.
import { RUNNING, WAITING } from './data.js';

/** More workers than this are not looked for. */
const MOST_WORKERS = 4096;

/** The smallest numbers first. */
class Heap {
  constructor() {
    this.items = [];
  }

  push(x) {
    const { items } = this;
    let i = items.push(x) - 1;
    while (i > 0 && items[(i - 1) >> 1] > x) {
      items[i] = items[(i - 1) >> 1];
      i = (i - 1) >> 1;
    }
    items[i] = x;
  }

  pop() {
    const { items } = this;
    const first = items[0];
    const x = items.pop();
    const n = items.length;
    if (n === 0) return first;
    let i = 0;
    for (let child = 1; child < n; child = 2 * i + 1) {
      if (child + 1 < n && items[child + 1] < items[child]) child += 1;
      if (items[child] >= x) break;
      items[i] = items[child];
      i = child;
    }
    items[i] = x;
    return first;
  }
}

/**
 * Begins of the tables if so many are worked on at a time; null if one of them ended before it could
 * have begun.
 * @param {import('./data.js').Tasks} tasks @param {number} workers
 */
function beginsWith(tasks, workers) {
  const begins = new Float64Array(tasks.count).fill(NaN);
  const free = new Heap();
  for (let i = 0; i < workers; ++i) free.push(-Infinity);
  for (let i = 0; i < tasks.count; ++i) {
    if (tasks.outcome[i] === WAITING || Number.isNaN(tasks.start[i])) continue;
    const running = tasks.outcome[i] === RUNNING;
    if (!running && Number.isNaN(tasks.end[i])) continue;
    const begin = Math.max(free.pop(), tasks.start[i]);
    if (begin === Infinity || (!running && tasks.end[i] < begin)) return null;
    begins[i] = begin;
    free.push(running ? Infinity : tasks.end[i]);
  }
  return begins;
}

/** Whether the starts are of the tasks, all made before work began. */
function startsAreOfTasks(tasks) {
  let lastStart = -Infinity;
  let firstEnd = Infinity;
  let timed = 0;
  for (let i = 0; i < tasks.count; ++i) {
    if (Number.isNaN(tasks.start[i])) continue;
    timed += 1;
    lastStart = Math.max(lastStart, tasks.start[i]);
    if (!Number.isNaN(tasks.end[i])) firstEnd = Math.min(firstEnd, tasks.end[i]);
  }
  return timed > 1 && lastStart <= firstEnd;
}

/** The recorded starts of what was begun. */
function recorded(tasks) {
  return tasks.start.map((start, i) => (tasks.outcome[i] === WAITING ? NaN : start));
}

/**
 * @param {import('./data.js').Tasks} tasks in the order of their ids
 * @returns {{begin: Float64Array, inferred: boolean, workers: number}} `workers` is the smallest
 *     number that explains the ends; 0 if begins were not inferred
 */
export function inferWork(tasks) {
  const asRecorded = () => ({ begin: recorded(tasks), inferred: false, workers: 0 });
  if (!startsAreOfTasks(tasks)) return asRecorded();
  let low = 1;
  let high = 1;
  let best = beginsWith(tasks, high);
  while (best === null) {
    low = high + 1;
    high *= 2;
    if (high > MOST_WORKERS) return asRecorded();
    best = beginsWith(tasks, high);
  }
  // More workers never explain less.
  while (low < high) {
    const middle = (low + high) >> 1;
    const begins = beginsWith(tasks, middle);
    if (begins === null) {
      low = middle + 1;
    } else {
      best = begins;
      high = middle;
    }
  }
  return { begin: best, inferred: true, workers: high };
}
