// Failures that have one cause, though each tells of its own server, trace or table.

import { tableName } from './data.js';

const NO_REASON = 'no reason given';

/** A reason without what differs from one failure to the next. @param {string} reason */
export function kindOf(reason) {
  const kind = reason
    .replace(/,?\s*\btrace_?id\s*[:=]\s*"?[\w.-]+"?/gi, '')
    .replace(/,?\s*\baddr\s*[:=]\s*"?[\w.:[\]-]+"?/gi, '')
    .trim();
  return kind === '' ? NO_REASON : kind;
}

/** A reason without the table's own names in quotes. @param {string} reason @param {string[]} names */
export function withoutNames(reason, names) {
  let text = reason;
  for (const name of names) {
    if (name === '') continue;
    for (const quote of ["'", '"', '`']) {
      text = text.replaceAll(`${quote}${name}${quote}`, `${quote}…${quote}`);
    }
  }
  return text;
}

/** The names of a task's table that its reason may have, longer ones first. */
function namesOf(tasks, i) {
  const names = [tableName(tasks, i), tasks.names[i]];
  const target = tasks.targets[tasks.target[i]];
  if (target !== undefined) names.push(target, target.slice(target.indexOf('.') + 1));
  return names;
}

/**
 * @param {import('./data.js').Tasks} tasks
 * @param {number} failed the outcome that counts
 * @returns {{kind: string, tasks: number[]}[]} those with most tables first
 */
export function failuresByReason(tasks, failed) {
  const kinds = tasks.reasons.map(kindOf);
  const groups = new Map();
  for (let i = 0; i < tasks.count; ++i) {
    if (tasks.outcome[i] !== failed) continue;
    const kind = withoutNames(kinds[tasks.reason[i]] ?? NO_REASON, namesOf(tasks, i));
    if (!groups.has(kind)) groups.set(kind, []);
    groups.get(kind).push(i);
  }
  return [...groups]
    .map(([kind, members]) => ({ kind, tasks: members }))
    .sort((a, b) => b.tasks.length - a.tasks.length);
}
