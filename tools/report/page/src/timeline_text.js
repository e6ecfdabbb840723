// What the timeline says in words and tables.
import { DONE, FAILED, OUTCOMES } from './data.js';
import { el, table } from './dom.js';
import { bytes, count, counted, decimal, duration, shortened, visible } from './format.js';
import { byDatabase } from './groups.js';
import { WORDS } from './stages.js';

/** One line. @param {object} model main.js has it @param {number} begun tables */
export function summary({ stages, tasks, clock }, begun) {
  const parts = stages
    .filter((stage) => stage.from !== null)
    .map(
      (stage) =>
        `${WORDS[stage.name]} from ${clock.time(stage.from)}${stage.to === null ? '' : ` to ${clock.time(stage.to)}`}`,
    );
  const tables = `${counted(tasks.count, 'table')}, ${counted(begun, 'table')} begun`;
  return `Chart over time. ${parts.join('; ')}. ${tables}. A table with the same figures follows.`;
}

/** The same figures for who does not see the chart. */
export function asTable({ stages, clock, tasks, work }) {
  const time = (ms) => (ms === null ? '—' : clock.time(ms, 3));
  const rows = stages.map((stage) => [
    WORDS[stage.name],
    time(stage.from),
    stage.running ? 'goes on' : time(stage.to),
    stage.from !== null && stage.to !== null ? duration(stage.to - stage.from) : '—',
    stage.percent === null ? '—' : `${decimal(stage.percent / 1e4)}%`,
  ]);
  const groups = byDatabase(tasks, work.begin, tasks.names.keys(), 200);
  const sums = groups.labels.map(() => ({
    all: 0,
    done: 0,
    failed: 0,
    first: Infinity,
    last: -Infinity,
  }));
  for (let i = 0; i < tasks.count; ++i) {
    const sum = sums[groups.of[i]];
    sum.all += 1;
    if (tasks.outcome[i] === DONE) sum.done += 1;
    if (tasks.outcome[i] === FAILED) sum.failed += 1;
    if (work.begin[i] < sum.first) sum.first = work.begin[i];
    if (tasks.end[i] > sum.last) sum.last = tasks.end[i];
  }
  const finite = (ms) => (Number.isFinite(ms) ? clock.time(ms) : '—');
  const perDatabase = groups.labels.map((label, row) => {
    const sum = sums[row];
    return [
      visible(label),
      count(sum.all),
      count(sum.done),
      count(sum.failed),
      finite(sum.first),
      finite(sum.last),
    ];
  });
  return el(
    'details.data',
    {},
    el('summary', {}, 'The same as tables'),
    el(
      'div.scroll',
      {},
      table(['Stage', 'Began', 'Ended', 'Took', 'Done'], rows, {
        caption: 'Stages',
        numeric: [3, 4],
      }),
    ),
    perDatabase.length > 0
      ? el(
          'div.scroll',
          {},
          table(
            ['Database', 'Tables', 'Imported', 'Failed', 'First began', 'Last ended'],
            perDatabase,
            { caption: 'Databases', numeric: [1, 2, 3] },
          ),
        )
      : null,
  );
}

/** What there is to say about a table: pairs of a name, which may be empty, and a value. */
export function linesOf({ tasks, work, clock }, task) {
  const lines = [['', OUTCOMES[tasks.outcome[task]]]];
  const about = work.inferred ? '≈ ' : '';
  lines.push(['began', `${about}${clock.time(work.begin[task], 3)}`]);
  if (!Number.isNaN(tasks.end[task])) lines.push(['ended', clock.time(tasks.end[task], 3)]);
  lines.push(['took', `${about}${duration(work.end[task] - work.begin[task])}`]);
  if (tasks.rows[task] > 0) lines.push(['rows', count(tasks.rows[task])]);
  if (tasks.bytes[task] > 0) lines.push(['size', bytes(tasks.bytes[task])]);
  if (tasks.target[task] >= 0) lines.push(['imported as', tasks.targets[tasks.target[task]]]);
  if (tasks.reason[task] >= 0)
    lines.push(['reason', shortened(tasks.reasons[tasks.reason[task]] || 'none given', 300)]);
  return lines;
}
