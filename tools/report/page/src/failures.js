// Tables that failed, by reason.
import { FAILED, tableName } from './data.js';
import { el, section } from './dom.js';
import { count, counted, duration, visible } from './format.js';
import { failuresByReason } from './reasons.js';

/** Tables of a reason that are shown at once, on the screen and on paper. */
const AT_ONCE = 50;

export class Failures {
  constructor(model) {
    this.model = model;
    this.groups = failuresByReason(model.tasks, FAILED);
    this.failed = this.groups.reduce((sum, group) => sum + group.tasks.length, 0);
    this.list = el('div.reasons');
    this.found = el('p.state', { role: 'status', 'aria-live': 'polite' });
    const search = el('input', {
      type: 'search',
      id: 'failure-search',
      placeholder: 'Table or reason…',
      'aria-label': 'Filter failures by table or reason',
      oninput: () => this.filter(search.value),
    });
    this.node = section(
      'failures',
      'Failures by reason',
      this.failed === 0
        ? el('p.note', {}, this.whyNone())
        : el('div.controls', {}, search, this.found),
      this.list,
    );
    this.filter('');
  }

  whyNone() {
    const { tasks, progress } = this.model;
    if (tasks.count === 0)
      return progress.tablesFailed.value === 0
        ? 'No table failed.'
        : 'No task of a table is in the store.';
    return 'No table failed.';
  }

  filter(text) {
    const wanted = text.trim().toLowerCase();
    const { tasks } = this.model;
    let shown = 0;
    const nodes = [];
    for (const group of this.groups) {
      const whole = wanted === '' || group.kind.toLowerCase().includes(wanted);
      const members = whole
        ? group.tasks
        : group.tasks.filter(
            (i) =>
              tableName(tasks, i).toLowerCase().includes(wanted) ||
              tasks.reasons[tasks.reason[i]].toLowerCase().includes(wanted),
          );
      if (members.length === 0) continue;
      shown += members.length;
      nodes.push(this.reason(group.kind, members, wanted !== '' && !whole));
    }
    this.list.replaceChildren(...nodes);
    this.found.textContent =
      wanted === ''
        ? `${counted(this.failed, 'table')} failed for ${counted(this.groups.length, 'reason')}.`
        : `${counted(shown, 'table')} of ${count(this.failed)} match “${visible(text.trim())}”.`;
  }

  reason(kind, members, open) {
    const { tasks } = this.model;
    const databases = new Set(members.map((i) => tasks.database[i])).size;
    const share = el('span.share', { 'aria-hidden': 'true' });
    share.style.width = `${(100 * members.length) / this.failed}%`;
    const body = el('div');
    const details = el(
      'details.reason',
      { open },
      el(
        'summary',
        {},
        el('span.count', {}, count(members.length)),
        el('span.kind', {}, visible(kind)),
        el('small', {}, `in ${counted(databases, 'database')}`),
        share,
      ),
      body,
    );
    // Thousands of rows are made only for who wants to see them.
    const fill = () => body.childElementCount === 0 && this.fill(body, kind, members, 0);
    details.addEventListener('toggle', () => details.open && fill());
    details.fill = fill;
    if (open) fill();
    return details;
  }

  fill(body, kind, members, from) {
    const { tasks, clock, work } = this.model;
    if (from === 0) {
      const heads = ['Table', 'Ended', 'Took'].map((head) => el('th', { scope: 'col' }, head));
      body.append(
        el(
          'div.scroll',
          {},
          el(
            'table',
            {},
            el('thead', {}, el('tr', {}, ...heads, el('th', { scope: 'col' }, 'As recorded'))),
            el('tbody'),
          ),
        ),
      );
    }
    const rows = members.slice(from, from + AT_ONCE).map((i) => {
      const reason = tasks.reasons[tasks.reason[i]] ?? '';
      const took = work.end[i] - work.begin[i];
      return el(
        'tr',
        {},
        el('th', { scope: 'row' }, el('bdi', {}, visible(tableName(tasks, i)))),
        el('td.when', {}, Number.isNaN(tasks.end[i]) ? '—' : clock.time(tasks.end[i])),
        el('td.when', {}, Number.isNaN(took) ? '—' : duration(took)),
        el('td.long', {}, reason === kind ? 'the same' : visible(reason)),
      );
    });
    body.querySelector('tbody').append(...rows);
    body.querySelector('.more')?.remove();
    const left = members.length - from - AT_ONCE;
    if (left > 0) {
      const more = el(
        'button',
        { type: 'button', onclick: () => this.fill(body, kind, members, from + AT_ONCE) },
        `Show ${count(Math.min(left, AT_ONCE))} more`,
      );
      body.append(el('p.more', {}, `${counted(left, 'more table')}. `, more));
    }
  }
}
