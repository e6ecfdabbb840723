// Stages over all of the time, and below them the tables of the stretch that was chosen. Whatever the
// number of tables: those in view are drawn one by one if they are few enough, and as numbers of
// tables over time if not.
import { FONT, makeChart, timeAxis, tipOptions } from './charts.js';
import { DONE, FAILED, OUTCOMES, RUNNING, tableName } from './data.js';
import { el, section } from './dom.js';
import { count, counted, duration, shortened, visible } from './format.js';
import { byDatabase, byOutcome, byTable, byWorker, pack } from './groups.js';
import { taskSeries } from './lanes.js';
import { stageSeries } from './stages.js';
import { colours, isPaper } from './theme.js';
import { asTable, linesOf, summary } from './timeline_text.js';

/** Tables that are drawn one by one at most. */
const MOST_BARS = 1500;
/** Tables up to which each has a row of its own at first. */
const FEW = 60;
const MOST_TABLE_ROWS = 40;
const MOST_BAR_HEIGHT = 26;
/** Height that rows may take where they need it, pixels. */
const LEAST_ROOM = 300;
const STAGE_TOP = 6;
const STAGE_HEIGHT = 28;
const SLIDER_HEIGHT = 14;
const ROWS_TOP = STAGE_TOP + STAGE_HEIGHT + SLIDER_HEIGHT + 38;
const FOOT = 30;
export class Timeline {
  /** @param {object} model main.js has it @param {import('./charts.js').View} view */
  constructor(model, view) {
    this.model = model;
    this.view = view;
    const { work } = model;
    this.worked = [...work.begin.keys()].filter((i) => !Number.isNaN(work.begin[i]));
    this.kinds = this.kindsOfRows();
    this.kind = this.kinds.length > 0 ? this.kinds[0].name : 'none';
    this.found = -1;
    this.room = 0;
    this.slots = new Map();
    this.state = el('p.state', { role: 'status', 'aria-live': 'polite' });
    this.detail = el('p.detail', { 'aria-live': 'polite' });
    this.box = el('div.chart', {
      id: 'timeline-chart',
      tabindex: 0,
      role: 'img',
      'aria-label': summary(model, this.worked.length),
    });
    this.node = section(
      'timeline',
      'Stages and tables over time',
      this.controls(),
      this.box,
      this.legend(),
      this.state,
      this.detail,
      ...[this.note(), asTable(model)].filter((node) => node !== null),
    );
  }

  /** What rows there can be, that which says most first. */
  kindsOfRows() {
    const { tasks, work } = this.model;
    if (this.worked.length === 0) return [];
    const { begin, end } = work;
    const fixed = (name, title, make) => {
      let rows = null;
      return { name, title, rows: () => (rows ??= make()) };
    };
    const tables = {
      name: 'tables',
      title: 'Tables',
      rows: () =>
        byTable(
          tasks,
          begin,
          end,
          this.view.from,
          this.view.to,
          this.worked.length > FEW ? MOST_TABLE_ROWS : FEW,
        ),
    };
    const databases = {
      name: 'databases',
      title: 'Databases',
      rows: () => byDatabase(tasks, begin, this.inView()),
    };
    const workers = fixed('workers', 'At a time', () => byWorker(tasks, begin, end));
    const outcomes = fixed('outcomes', 'Outcome', () => byOutcome(tasks));
    const grouped =
      tasks.databases.length > 1 ? [databases, workers, outcomes] : [workers, outcomes, databases];
    return this.worked.length > FEW ? [...grouped, tables] : [tables, ...grouped];
  }

  controls() {
    const { view } = this;
    const button = (name, title, act) =>
      el('button', { type: 'button', title, 'aria-label': title, onclick: act }, name);
    const rows = this.kinds.map((kind) =>
      el(
        'button',
        {
          type: 'button',
          'aria-pressed': kind.name === this.kind,
          'data-rows': kind.name,
          onclick: () => this.setKind(kind.name),
        },
        kind.title,
      ),
    );
    this.rowButtons = rows;
    const search = el('input', {
      type: 'search',
      placeholder: 'Find a table…',
      'aria-label': 'Find a table on the time axis',
      onkeydown: (event) => event.key === 'Enter' && this.find(search.value),
    });
    return el(
      'div.controls',
      {},
      rows.length > 1 ? el('div.group', { role: 'group', 'aria-label': 'Rows' }, ...rows) : null,
      this.worked.length === 0
        ? null
        : el(
            'div.group',
            { role: 'group', 'aria-label': 'Zoom' },
            button('+', 'Zoom in', () => view.scale(0.5)),
            button('−', 'Zoom out', () => view.scale(2)),
            button('‹', 'Earlier', () => view.move(-0.5)),
            button('›', 'Later', () => view.move(0.5)),
            button('All', 'Show all of the time', () => view.show(view.whole.from, view.whole.to)),
          ),
      this.worked.length > 1 ? search : null,
    );
  }

  legend() {
    const mark = (outcome) =>
      el('span.mark', { class: `mark ${OUTCOMES[outcome]}`, 'aria-hidden': 'true' });
    const there = [DONE, FAILED, RUNNING].filter((outcome) =>
      this.worked.some((i) => this.model.tasks.outcome[i] === outcome),
    );
    return el(
      'p.legend',
      {},
      ...there.flatMap((outcome) => [mark(outcome), ` ${OUTCOMES[outcome]} `]),
    );
  }

  note() {
    const { work } = this.model;
    if (this.worked.length === 0) return null;
    const how =
      'Drag to move, Ctrl and the wheel (or two fingers) to zoom, double-click a place to look closer; keys: + − ← → 0.';
    if (!work.inferred) return el('p.note', {}, el('span.screen', {}, how));
    const many =
      work.workers === 1
        ? 'one table at a time explains'
        : `${work.workers} tables at a time explain`;
    return el(
      'p.note',
      {},
      `Records hold when the task of a table was made and when it ended, not when its import began. Bars begin when a worker came free, in the order of the tasks: ${many} the ends that are recorded. `,
      el('span.screen', {}, how),
    );
  }

  /** Draws for the first time; the node must be in the page. */
  start() {
    makeChart(this.box, (chart) => {
      this.chart = chart;
      this.draw();
    });
    this.view.onChange((source) => this.refresh(source));
    this.chart.on('datazoom', () => this.takeZoom());
    this.chart.on('click', ({ seriesId, value }) => this.clicked(seriesId, value));
    this.chart.getZr().on('dblclick', ({ offsetX }) => {
      const at = this.chart.convertFromPixel({ xAxisIndex: 1 }, offsetX);
      if (Number.isFinite(at)) this.view.show(at - this.view.span / 8, at + this.view.span / 8);
    });
    this.box.addEventListener('keydown', (event) => this.key(event));
    // The library takes every turn of the wheel; without Ctrl it is the page's.
    const leave = (event) => event.ctrlKey || event.stopPropagation();
    this.box.addEventListener('wheel', leave, { capture: true, passive: true });
    this.box.addEventListener('mousewheel', leave, { capture: true, passive: true });
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { view } = this;
    const keys = {
      '+': () => view.scale(0.5),
      '=': () => view.scale(0.5),
      '-': () => view.scale(2),
      ArrowLeft: () => view.move(-0.25),
      ArrowRight: () => view.move(0.25),
      0: () => view.show(view.whole.from, view.whole.to),
    };
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  setKind(kind) {
    this.kind = kind;
    this.room = 0;
    for (const button of this.rowButtons)
      button.setAttribute('aria-pressed', String(button.dataset.rows === kind));
    this.draw();
  }

  /** Shows the next table whose name has `text` in it. */
  find(text) {
    const { tasks, work } = this.model;
    const wanted = text.trim().toLowerCase();
    if (wanted === '') return;
    const matches = this.worked.filter((i) => tableName(tasks, i).toLowerCase().includes(wanted));
    if (matches.length === 0) {
      this.detail.textContent = `No table that was begun has “${visible(text)}” in its name.`;
      return;
    }
    const next = matches.find((i) => i > this.found) ?? matches[0];
    this.found = next;
    const place =
      matches.length === 1
        ? ''
        : ` (${matches.indexOf(next) + 1} of ${count(matches.length)} found; Enter for the next)`;
    const begin = work.begin[next];
    const long = Math.max(work.end[next] - begin, 1);
    const half = Math.max(long * 4, (this.view.whole.to - this.view.whole.from) / 20_000);
    this.view.show((begin + work.end[next]) / 2 - half, (begin + work.end[next]) / 2 + half);
    this.tell(next, place);
    this.draw();
  }

  /** Says everything about a table below the chart. */
  tell(task, place = '') {
    this.detail.textContent = `${visible(tableName(this.model.tasks, task))}${place}: ${linesOf(
      this.model,
      task,
    )
      .map(([name, value]) => (name === '' ? value : `${name} ${value}`))
      .join(', ')}`;
  }

  clicked(series, value) {
    if (series === 'bars') this.tell(value[3]);
    if (series === 'stages') this.view.show(value[0], value[1]);
    if (series === 'numbers')
      this.view.show(value[1] - this.view.span / 10, value[2] + this.view.span / 10);
  }

  takeZoom() {
    const { dataZoom } = this.chart.getOption();
    const { startValue, endValue } = dataZoom[0];
    this.view.show(startValue, endValue, this);
  }

  /** The view changed: the axes, and what is in view. */
  refresh(source) {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.draw(source === this));
  }

  /** Tasks that were worked on in the time that is shown. */
  inView() {
    const { begin, end } = this.model.work;
    return this.worked.filter((i) => begin[i] <= this.view.to && end[i] >= this.view.from);
  }

  rowsNow() {
    const kind = this.kinds.find(({ name }) => name === this.kind);
    return kind ? kind.rows() : { labels: [], of: new Int32Array(0) };
  }

  /** Everything anew. @param {boolean} [zooming] the zoom is the chart's own: leave it alone */
  draw(zooming = false) {
    const rows = this.rowsNow();
    const shown = this.inView().filter((i) => rows.of[i] >= 0);
    const single = this.kind === 'tables' || shown.length <= MOST_BARS;
    this.say(shown.length, single, rows);
    const rowHeight = this.rowHeight(rows.labels.length, single ? this.deepest(shown, rows) : 1);
    const rowsHeight = rows.labels.length * rowHeight;
    // The page below does not jump while somebody zooms.
    this.room = isPaper() ? rowsHeight : Math.max(this.room, rowsHeight);
    const height = ROWS_TOP + this.room + FOOT;
    this.box.style.height = `${height}px`;
    this.render({ rows, shown, single, rowsHeight, height }, zooming);
  }

  /** How many tables of a row are worked on at a time at most. */
  deepest(shown, rows) {
    this.slots = new Map();
    const members = rows.labels.map(() => []);
    for (const i of shown) members[rows.of[i]].push(i);
    let most = 1;
    members.forEach((inRow) => {
      const { slot, slots } = pack(inRow, this.model.work.begin, this.model.work.end);
      for (const [task, at] of slot) this.slots.set(task, [at, slots]);
      most = Math.max(most, slots);
    });
    return most;
  }

  rowHeight(rows, deepest) {
    const base = isPaper() || rows > 30 ? 17 : rows > 12 ? 22 : 30;
    if (this.kind === 'tables' || rows === 0) return base;
    return Math.max(
      base,
      Math.min(
        deepest * MOST_BAR_HEIGHT,
        Math.floor((isPaper() ? LEAST_ROOM : Math.max(this.room, LEAST_ROOM)) / rows),
      ),
    );
  }

  say(shown, single, rows) {
    const { clock, view } = { clock: this.model.clock, view: this.view };
    const digits = view.span < 60_000 ? 3 : 0;
    const stretch = `from ${clock.time(view.from, digits)} to ${clock.time(view.to, digits)} (${duration(view.span)})`;
    const over =
      rows.left > 0
        ? `; ${counted(rows.left, 'more table')} below: zoom in, or choose other rows`
        : '';
    let what = 'No table was begun';
    if (this.worked.length > 0)
      what = single
        ? `${counted(shown, 'table')} one by one`
        : `${counted(shown, 'table')}, as numbers over time: zoom in to see single ones`;
    this.state.textContent = `In view: ${what}${over}, ${stretch}.`;
    this.box.dataset.drawn = single ? 'bars' : 'numbers';
    this.box.dataset.tables = String(shown);
  }

  render({ rows, shown, single, rowsHeight, height }, zooming) {
    const chart = this.chart;
    if (chart.getHeight() !== height)
      chart.resize({ width: isPaper() ? chart.getWidth() : 'auto', height });
    const c = colours();
    const left =
      rows.labels.length === 0
        ? 16
        : Math.min(Math.max(70, Math.round(chart.getWidth() * 0.17)), 190);
    const right = 30;
    const { whole } = this.view;
    const inner = chart.getWidth() - left - right;
    const axis = (more) =>
      timeAxis(more.gridIndex === 0 ? whole : this.view, this.model.clock, c, inner, {
        min: whole.from,
        max: whole.to,
        ...more,
      });
    const look = {
      ...{ model: this.model, view: this.view, single, slots: this.slots, found: this.found },
      named: this.kind !== 'tables',
    };
    const option = {
      animation: false,
      textStyle: { fontFamily: FONT },
      tooltip: { ...tipOptions(c), trigger: 'item' },
      grid: [
        { left, right, top: STAGE_TOP, height: STAGE_HEIGHT, outerBoundsMode: 'none' },
        { left, right, top: ROWS_TOP, height: rowsHeight, outerBoundsMode: 'none' },
      ],
      xAxis: [
        axis({ gridIndex: 0, offset: SLIDER_HEIGHT + 2 }),
        axis({ gridIndex: 1, show: rows.labels.length > 0 }),
      ],
      yAxis: [
        { gridIndex: 0, type: 'value', min: 0, max: 1, show: false },
        {
          gridIndex: 1,
          type: 'category',
          inverse: true,
          data: rows.labels.map((_, i) => String(i)),
          axisLine: { show: false },
          axisTick: { show: false },
          axisLabel: {
            color: c.text,
            fontFamily: FONT,
            fontSize: 11,
            interval: 0,
            width: left - 14,
            overflow: 'truncate',
            formatter: (value) => visible(shortened(rows.labels[Number(value)] ?? '', 60)),
          },
        },
      ],
      dataZoom: this.zoomOptions(c, left, right),
      series: [stageSeries(this.model, c), ...taskSeries(c, rows, shown, look, inner)],
    };
    if (zooming) delete option.dataZoom;
    chart.setOption(option, { replaceMerge: ['series'] });
  }

  zoomOptions(c, left, right) {
    const now = { startValue: this.view.from, endValue: this.view.to };
    return [
      {
        type: 'inside',
        xAxisIndex: 1,
        filterMode: 'none',
        zoomOnMouseWheel: 'ctrl',
        moveOnMouseWheel: false,
        ...now,
      },
      {
        type: 'slider',
        show: !isPaper() && this.worked.length > 0,
        xAxisIndex: 1,
        filterMode: 'none',
        left,
        right,
        top: STAGE_TOP + STAGE_HEIGHT + 1,
        height: SLIDER_HEIGHT,
        showDataShadow: false,
        showDetail: false,
        brushSelect: false,
        borderColor: c.line,
        fillerColor: `${c.accent}33`,
        backgroundColor: c.lane,
        handleStyle: { color: c.panel, borderColor: c.accent },
        moveHandleSize: 0,
        ...now,
      },
    ];
  }
}
