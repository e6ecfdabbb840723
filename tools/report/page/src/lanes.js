// The rows of the timeline: tables one by one, or as numbers over time.
import { FONT, tip } from './charts.js';
import { DONE, FAILED, RUNNING, tableName } from './data.js';
import { counted, decimal, visible } from './format.js';
import { linesOf } from './timeline_text.js';

/** Width of a bin where numbers are drawn, pixels. */
const BIN_WIDTH = 3;

/** The grounds of the rows. */
function laneSeries(c, rows, view) {
  return {
    id: 'lanes',
    type: 'custom',
    xAxisIndex: 1,
    yAxisIndex: 1,
    silent: true,
    z: 0,
    data: rows.labels.map((_, i) => [view.from, i]),
    renderItem: (params, api) => {
      const [, y] = api.coord([api.value(0), api.value(1)]);
      const high = api.size([0, 1])[1] - 4;
      const { x, width } = params.coordSys;
      return {
        type: 'rect',
        shape: { x, y: y - high / 2, width, height: high, r: 2 },
        style: { fill: c.lane },
      };
    },
  };
}

/** Tables one by one. */
function barSeries(c, rows, shown, look) {
  const { tasks, work } = look.model;
  return {
    id: 'bars',
    type: 'custom',
    xAxisIndex: 1,
    yAxisIndex: 1,
    clip: true,
    z: 2,
    data: shown.map((i) => [rows.of[i], work.begin[i], work.end[i], i]),
    encode: { x: [1, 2], y: 0 },
    tooltip: {
      formatter: ({ value }) => tip(tableName(tasks, value[3]), linesOf(look.model, value[3])),
    },
    renderItem: (params, api) => bar(c, look, params, api),
  };
}

function bar(c, { model, slots: places, found, named }, params, api) {
  const { tasks } = model;
  const task = api.value(3);
  const area = params.coordSys;
  const [x0, y] = api.coord([api.value(1), api.value(0)]);
  const [x1] = api.coord([api.value(2), api.value(0)]);
  const from = Math.max(x0, area.x - 2);
  const to = Math.min(Math.max(x1, x0 + 2), area.x + area.width + 2);
  if (to <= from) return null;
  const high = api.size([0, 1])[1] - 6;
  const [slot, slots] = places.get(task) ?? [0, 1];
  const each = high / slots;
  const gap = each > 5 ? 1 : 0;
  const outcome = tasks.outcome[task];
  const shape = {
    x: from,
    y: y - high / 2 + slot * each,
    width: Math.max(to - from - (to - from > 4 ? 1 : 0), 1.5),
    height: Math.max(each - gap, 1),
    r: each > 8 ? 2 : 0,
  };
  const children = [
    {
      type: 'rect',
      shape,
      style: {
        fill: c.outcomes[outcome],
        stroke: task === found ? c.text : outcome === FAILED && each > 8 ? c.failedEdge : undefined,
        lineWidth: task === found ? 2 : 1,
      },
    },
  ];
  const name = visible(tasks.names[task]);
  if (named && each >= 11 && to - from > 44) {
    children.push({
      type: 'text',
      silent: true,
      style: {
        text: name,
        x: from + 4,
        y: shape.y + shape.height / 2,
        textVerticalAlign: 'middle',
        fill: c.onBars[outcome],
        font: `11px ${FONT}`,
        width: to - from - 8,
        overflow: 'truncate',
      },
    });
  }
  return { type: 'group', children };
}

/**
 * Of each row and bin: how many tables were worked on at a time, of these how many failed and how
 * many still run, and how many ended.
 */
function numbersOf({ tasks, work }, rows, shown, view, size) {
  const step = (view.to - view.from) / size;
  const busy = rows.labels.map(() => new Float64Array(size));
  const failed = rows.labels.map(() => new Float64Array(size));
  const running = rows.labels.map(() => new Float64Array(size));
  const ended = rows.labels.map(() => new Float64Array(size));
  for (const i of shown) {
    const row = rows.of[i];
    const first = (work.begin[i] - view.from) / step;
    const last = (work.end[i] - view.from) / step;
    for (
      let bin = Math.max(0, Math.floor(first));
      bin <= Math.min(size - 1, Math.floor(last));
      ++bin
    ) {
      const share = Math.max(Math.min(last, bin + 1) - Math.max(first, bin), 1e-6);
      busy[row][bin] += share;
      if (tasks.outcome[i] === FAILED) failed[row][bin] += share;
      if (tasks.outcome[i] === RUNNING) running[row][bin] += share;
    }
    const end = Math.floor((tasks.end[i] - view.from) / step);
    if (end >= 0 && end < size) ended[row][end] += 1;
  }
  const data = [];
  rows.labels.forEach((_, row) => {
    const most = busy[row].reduce((a, b) => Math.max(a, b), 0);
    for (let bin = 0; bin < size; ++bin) {
      if (busy[row][bin] === 0) continue;
      data.push([
        row,
        view.from + bin * step,
        view.from + (bin + 1) * step,
        busy[row][bin] / most,
        failed[row][bin] / most,
        busy[row][bin],
        ended[row][bin],
        running[row][bin] / most,
      ]);
    }
  });
  return data;
}

/** Tables as numbers over time. */
function numberSeries(c, rows, shown, look, width) {
  const { view } = look;
  const { clock } = look.model;
  const size = Math.max(1, Math.floor(width / BIN_WIDTH));
  return {
    id: 'numbers',
    type: 'custom',
    xAxisIndex: 1,
    yAxisIndex: 1,
    clip: true,
    z: 2,
    data: numbersOf(look.model, rows, shown, view, size),
    encode: { x: [1, 2], y: 0 },
    tooltip: {
      formatter: ({ value }) =>
        tip(rows.labels[value[0]], [
          ['from', clock.time(value[1], view.span < 600_000 ? 3 : 0)],
          ['worked on at a time', decimal(value[5])],
          ['ended', counted(value[6], 'table')],
          ['failed of what was worked on', `${decimal((100 * value[4]) / value[3])}%`],
        ]),
    },
    renderItem: (params, api) => {
      const [x0, y] = api.coord([api.value(1), api.value(0)]);
      const [x1] = api.coord([api.value(2), api.value(0)]);
      const high = api.size([0, 1])[1] - 4;
      const bottom = y + high / 2;
      const all = Math.max(api.value(3) * high, 2);
      const bad = api.value(4) > 0 ? Math.min(Math.max(api.value(4) * high, 3), all) : 0;
      const rect = (from, height, fill) => ({
        type: 'rect',
        shape: { x: x0, y: from, width: x1 - x0 + 0.5, height },
        style: { fill },
      });
      const children = [rect(bottom - all, all, c.outcomes[DONE])];
      if (api.value(7) > 0)
        children.push(
          rect(bottom - all, Math.min(Math.max(api.value(7) * high, 2), all), c.outcomes[RUNNING]),
        );
      if (bad > 0) children.push(rect(bottom - bad, bad, c.outcomes[FAILED]));
      return { type: 'group', children };
    },
  };
}

/**
 * @param {object} c colours
 * @param {import('./groups.js').Rows} rows
 * @param {number[]} shown tasks
 * @param {object} look model, view; single: one by one; slots: the place of each task in its row and
 *     of how many; found: the task to point at; named: bars have names
 * @param {number} width of the time axis, pixels
 */
export function taskSeries(c, rows, shown, look, width) {
  if (rows.labels.length === 0) return [];
  const tables = look.single
    ? barSeries(c, rows, shown, look)
    : numberSeries(c, rows, shown, look, width);
  return [laneSeries(c, rows, look.view), tables];
}
