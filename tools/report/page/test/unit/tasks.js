// Tasks for tests, a line each.
import { DONE } from '../../src/data.js';

/** @param {{start?: number, end?: number, outcome?: number, database?: number, reason?: number}[]} lines */
export function tasksOf(lines, more = {}) {
  const column = (name, unset) => Float64Array.from(lines, (line) => line[name] ?? unset);
  return {
    count: lines.length,
    databases: ['a', 'b', 'c'],
    targets: [],
    reasons: [],
    names: lines.map((_, i) => `t${i + 1}`),
    id: Float64Array.from(lines, (_, i) => i + 1),
    database: column('database', 0),
    outcome: column('outcome', DONE),
    start: column('start', NaN),
    end: column('end', NaN),
    target: column('target', NaN),
    reason: column('reason', NaN),
    ...more,
  };
}
