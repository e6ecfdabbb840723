// The tables that took longest.
import { FAILED, OUTCOMES, RUNNING, tableName } from './data.js';
import { el, section } from './dom.js';
import { bytes, count, counted, decimal, duration, visible } from './format.js';

const SHOWN = 25;

/** The `most` tasks with the largest values, NaN left out. */
export function largest(values, most) {
  const all = [...values.keys()].filter((i) => !Number.isNaN(values[i]));
  return all.sort((a, b) => values[b] - values[a] || a - b).slice(0, most);
}

export function slowest(model) {
  const { tasks, work } = model;
  const took = work.begin.map((begin, i) => work.end[i] - begin);
  const orders = {
    time: { title: 'Time', values: took },
    size: { title: 'Rows', values: tasks.rows.map((rows) => (rows > 0 ? rows : NaN)) },
    pace: {
      title: 'Slowest rows/s',
      values: tasks.rows.map((rows, i) =>
        rows > 0 && tasks.outcome[i] !== FAILED ? took[i] / rows : NaN,
      ),
    },
  };
  const known = Object.entries(orders).filter(([, { values }]) =>
    values.some((value) => !Number.isNaN(value)),
  );
  const body = el('tbody');
  const show = (order) => {
    const top = largest(orders[order].values, SHOWN);
    const longest = Math.max(...top.map((i) => took[i]));
    body.replaceChildren(...top.map((i, place) => row(model, i, place, took[i], longest)));
    for (const button of choices)
      button.setAttribute('aria-pressed', String(button.dataset.order === order));
  };
  const choices = known.map(([order, { title }]) =>
    el('button', { type: 'button', 'data-order': order, onclick: () => show(order) }, title),
  );
  if (known.length === 0)
    return section(
      'slowest',
      'Slowest tables',
      el('p.note', {}, 'No task of a table with its times is in the store.'),
    );
  show('time');
  const heads = [
    ['#', 'num'],
    ['Table'],
    ['Took'],
    ['Outcome'],
    ['Rows', 'num'],
    ['Rows/s', 'num'],
    ['Size', 'num'],
  ];
  const begun = took.filter((ms) => !Number.isNaN(ms)).length;
  return section(
    'slowest',
    'Slowest tables',
    el(
      'div.controls',
      {},
      known.length > 1
        ? el('div.group', { role: 'group', 'aria-label': 'Order by' }, ...choices)
        : null,
      el(
        'p.state',
        {},
        `${count(Math.min(begun, SHOWN))} of ${counted(begun, 'table')}${work.inferred ? '; times from when a worker came free, see the note above' : ''}.`,
      ),
    ),
    el(
      'div.scroll',
      {},
      el(
        'table.slowest',
        {},
        el(
          'thead',
          {},
          el(
            'tr',
            {},
            ...heads.map(([head, kind]) => el('th', { scope: 'col', class: kind }, head)),
          ),
        ),
        body,
      ),
    ),
  );
}

function row({ tasks }, i, place, took, longest) {
  const bar = el('span', { class: `share ${OUTCOMES[tasks.outcome[i]]}`, 'aria-hidden': 'true' });
  bar.style.width = `${longest > 0 ? (100 * took) / longest : 0}%`;
  const rows = tasks.rows[i];
  const pace = rows > 0 && took > 0 && tasks.outcome[i] !== FAILED && tasks.outcome[i] !== RUNNING;
  return el(
    'tr',
    {},
    el('td.num', {}, place + 1),
    el('th', { scope: 'row' }, el('bdi', {}, visible(tableName(tasks, i)))),
    el(
      'td.took',
      {},
      bar,
      el('span', {}, `${duration(took)}${tasks.outcome[i] === RUNNING ? ' so far' : ''}`),
    ),
    el(
      'td.outcome',
      {},
      el('span', { class: `mark ${OUTCOMES[tasks.outcome[i]]}`, 'aria-hidden': 'true' }),
      ` ${OUTCOMES[tasks.outcome[i]]}`,
    ),
    el('td.num', {}, rows > 0 ? count(rows) : '—'),
    el('td.num', {}, pace ? decimal((rows * 1000) / took) : '—'),
    el('td.num', {}, tasks.bytes[i] > 0 ? bytes(tasks.bytes[i]) : '—'),
  );
}
