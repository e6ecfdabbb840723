// What the recovery was asked to do, and the jobs that did it.
import { el, section } from './dom.js';
import { counted, shortened, visible } from './format.js';

/** Columns that tell how a job went, not what it was asked for. */
const COURSE = new Set([
  ...[
    'TENANT_ID',
    'JOB_ID',
    'INITIATOR_TENANT_ID',
    'INITIATOR_JOB_ID',
    'START_TIMESTAMP',
    'FINISH_TIMESTAMP',
  ],
  ...[
    'STATUS',
    'RESULT',
    'COMMENT',
    'TOTAL_TABLE_COUNT',
    'FINISHED_TABLE_COUNT',
    'FAILED_TABLE_COUNT',
  ],
  ...[
    'LS_COUNT',
    'FINISH_LS_COUNT',
    'TABLET_COUNT',
    'FINISH_TABLET_COUNT',
    'TOTAL_BYTES',
    'TOTAL_BYTES_DISPLAY',
  ],
  ...[
    'FINISH_BYTES',
    'FINISH_BYTES_DISPLAY',
    'RECOVER_SCN',
    'RECOVER_SCN_DISPLAY',
    'RECOVER_PROGRESS',
    'RESTORE_PROGRESS',
  ],
]);
/** Characters of a value that are shown at first. */
const LONG = 600;

/**
 * Each parameter with its values, those that are the same in several jobs once.
 * @returns {{name: string, values: {text: string, roles: string[]}[]}[]}
 */
export function parameters(jobs, texts) {
  const found = new Map();
  for (const job of jobs) {
    for (const [name, at] of job.values) {
      if (COURSE.has(name)) continue;
      if (!found.has(name)) found.set(name, new Map());
      const text = at === null ? '' : texts[at];
      if (text === '') continue;
      const values = found.get(name);
      if (!values.has(text)) values.set(text, []);
      values.get(text).push(job.role);
    }
  }
  return [...found].map(([name, values]) => ({
    name,
    values: [...values].map(([text, roles]) => ({ text, roles })),
  }));
}

function valueNode(text) {
  if (text.length <= LONG) return el('span', {}, visible(text));
  const shown = el('span', {}, visible(shortened(text, LONG)));
  const all = el(
    'button',
    {
      type: 'button',
      onclick: () => {
        shown.textContent = visible(text);
        all.remove();
      },
    },
    `Show all ${counted(text.length, 'character')}`,
  );
  return el('span', {}, shown, ' ', all);
}

function jobsTable(jobs, texts) {
  const columns = [
    'TENANT_ID',
    'JOB_ID',
    'STATUS',
    'RESULT',
    'START_TIMESTAMP',
    'FINISH_TIMESTAMP',
    'COMMENT',
  ];
  const rows = jobs.map((job) => {
    const values = new Map(job.values);
    const cell = (name) => {
      const at = values.get(name);
      if (at === undefined) return '—';
      return at === null ? 'NULL' : visible(shortened(texts[at], 300));
    };
    return el(
      'tr',
      {},
      el('th', { scope: 'row' }, job.role, el('br'), el('small', {}, job.view)),
      ...columns.map((name) =>
        el('td', { class: name === 'COMMENT' ? 'long' : undefined }, cell(name)),
      ),
    );
  });
  const heads = ['Job', ...columns].map((head) => el('th', { scope: 'col' }, head));
  return el(
    'div.scroll',
    {},
    el('table.jobs', {}, el('thead', {}, el('tr', {}, ...heads)), el('tbody', {}, ...rows)),
  );
}

export function parametersSection({ jobs, texts, secretsShown }) {
  if (jobs.length === 0)
    return section(
      'parameters',
      'Parameters',
      el(
        'p.note',
        {},
        'No job of this recovery is in the store, or none that this tenant may see.',
      ),
    );
  const all = parameters(jobs, texts);
  const there = all.filter(({ values }) => values.length > 0);
  const empty = all.filter(({ values }) => values.length === 0).map(({ name }) => name);
  const list = there.map(({ name, values }) =>
    el(
      'div',
      {},
      el('dt', {}, name),
      ...values.map(({ text, roles }) =>
        el(
          'dd',
          {},
          valueNode(text),
          values.length > 1 ? el('small', {}, ` ${roles.join(', ').toLowerCase()}`) : null,
        ),
      ),
    ),
  );
  return section(
    'parameters',
    'Parameters',
    el('dl.parameters', {}, ...list),
    empty.length > 0 ? el('p.note', {}, `Empty or NULL: ${empty.join(', ')}.`) : null,
    secretsShown
      ? null
      : el('p.note', {}, 'Passwords, KMS information and keys in URIs are ******.'),
    el('h3', {}, 'Jobs'),
    jobsTable(jobs, texts),
  );
}
