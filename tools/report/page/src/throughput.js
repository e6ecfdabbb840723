// How fast it went: tables, rows and bytes in a time, and the percent. Over the stretch of time
// that the timeline shows.
import { binsOver, countIn, spread } from './bins.js';
import { FONT, makeChart, timeAxis, tip, tipOptions } from './charts.js';
import { DONE, FAILED } from './data.js';
import { el, section, table } from './dom.js';
import { bytes, bytesStep, compact, count, counted, decimal, duration } from './format.js';
import { restoreRates, unitOf } from './rates.js';
import { colours } from './theme.js';

const PLOT = 104;
const GAP = 46;
const TOP = 26;
const LEFT = 62;
const RIGHT = 30;

export class Throughput {
  constructor(model, view) {
    this.model = model;
    this.view = view;
    const { tasks } = model;
    const ended = (i) =>
      !Number.isNaN(tasks.end[i]) && (tasks.outcome[i] === DONE || tasks.outcome[i] === FAILED);
    this.anyEnded = tasks.end.some((_, i) => ended(i));
    this.anyRows = tasks.rows.some((rows, i) => rows > 0 && tasks.outcome[i] === DONE);
    this.anyBytes = tasks.bytes.some((size, i) => size > 0 && tasks.outcome[i] === DONE);
    this.rates = restoreRates(model.samples);
    this.percents = model.samples.filter((sample) => sample.percent !== null);
    this.plots = this.choosePlots();
    this.missing = this.whatIsMissing();
    this.box = el('div.chart', {
      id: 'throughput-chart',
      role: 'img',
      'aria-label': this.summary(),
    });
    this.node = section(
      'throughput',
      'Throughput',
      this.plots.length > 0 ? this.box : null,
      ...this.missing.map((text) => el('p.note', {}, text)),
      this.asTable(),
    );
  }

  choosePlots() {
    const plots = [];
    if (this.anyEnded) plots.push('tables');
    if (this.anyRows) plots.push('rows');
    if (this.rates.length > 0 || this.anyBytes) plots.push('bytes');
    if (this.percents.length > 1) plots.push('percent');
    return plots;
  }

  whatIsMissing() {
    const missing = [];
    if (!this.anyEnded)
      missing.push('Tables over time: no table has ended, or no task of one is in the store.');
    else if (!this.anyRows)
      missing.push('Rows over time: listings do not show how many rows a table has.');
    if (this.rates.length === 0 && !this.anyBytes)
      missing.push('Bytes over time: the store has not two looks at the restore.');
    if (this.percents.length < 2)
      missing.push('Percent over time: the store has not two looks at this recovery.');
    return missing;
  }

  summary() {
    const { tasks, clock } = this.model;
    const ended = tasks.outcome.filter((outcome) => outcome === DONE || outcome === FAILED).length;
    return `Charts over time, from ${clock.time(this.view.whole.from)} to ${clock.time(this.view.whole.to)}: ${this.plots.join(', ')}. ${counted(ended, 'table')} ended. A table with the same figures follows.`;
  }

  /** Bins over some time, with what fell into each. */
  binned(from, to, most) {
    const { tasks, work, clock } = this.model;
    const bins = binsOver(from, to, most, clock.offset(from));
    const done = countIn(bins, tasks.end, (i) => tasks.outcome[i] === DONE);
    const failed = countIn(bins, tasks.end, (i) => tasks.outcome[i] === FAILED);
    const rows = new Float64Array(bins.size);
    const size = new Float64Array(bins.size);
    for (let i = 0; i < tasks.count; ++i) {
      if (tasks.outcome[i] !== DONE || Number.isNaN(tasks.end[i])) continue;
      const begin = Number.isNaN(work.begin[i]) ? tasks.end[i] : work.begin[i];
      if (tasks.rows[i] > 0) spread(bins, rows, begin, tasks.end[i], tasks.rows[i]);
      if (tasks.bytes[i] > 0) spread(bins, size, begin, tasks.end[i], tasks.bytes[i]);
    }
    return { bins, done, failed, rows, size };
  }

  asTable() {
    if (!this.anyEnded) return null;
    const { clock } = this.model;
    const { whole } = this.view;
    const { bins, done, failed, rows } = this.binned(whole.from, whole.to, 40);
    const lines = [];
    for (let i = 0; i < bins.size; ++i) {
      if (done[i] + failed[i] + rows[i] === 0) continue;
      const at = bins.begin + i * bins.step;
      lines.push([
        clock.time(at, bins.step < 1000 ? 3 : 0),
        count(done[i]),
        count(failed[i]),
        rows[i] > 0 ? count(rows[i]) : '—',
      ]);
    }
    const heads = [`From (for ${duration(bins.step)})`, 'Imported', 'Failed', 'Rows'];
    return el(
      'details.data',
      {},
      el('summary', {}, 'The same as a table'),
      el('div.scroll', {}, table(heads, lines, { numeric: [1, 2, 3] })),
    );
  }

  start() {
    if (this.plots.length === 0) return;
    this.box.style.height = `${TOP + this.plots.length * (PLOT + GAP)}px`;
    makeChart(this.box, (chart) => {
      this.chart = chart;
      this.draw();
    });
    this.view.onChange(() => {
      cancelAnimationFrame(this.frame);
      this.frame = requestAnimationFrame(() => this.draw());
    });
  }

  draw() {
    const { chart, model } = this;
    // All of the time, until somebody asks for some of it.
    const view = this.view.touched ? this.view : this.view.whole;
    this.shown = view;
    const c = colours();
    const inner = chart.getWidth() - LEFT - RIGHT;
    this.now = this.binned(view.from, view.to, Math.max(10, Math.floor(inner / 7)));
    const parts = this.plots.map((plot) => this[plot](c));
    const axes = parts.map((_, i) => timeAxis(view, model.clock, c, inner, { gridIndex: i }));
    chart.setOption(
      {
        animation: false,
        textStyle: { fontFamily: FONT },
        tooltip: {
          ...tipOptions(c),
          trigger: 'axis',
          axisPointer: { type: 'line', lineStyle: { color: c.muted } },
          formatter: (shown) => this.tip(shown),
        },
        grid: parts.map((_, i) => ({
          left: LEFT,
          right: RIGHT,
          top: TOP + i * (PLOT + GAP),
          height: PLOT,
          outerBoundsMode: 'none',
        })),
        xAxis: axes,
        yAxis: parts.map((part, i) => ({
          gridIndex: i,
          type: 'value',
          name: part.title,
          nameLocation: 'end',
          nameGap: 9,
          nameTextStyle: {
            color: c.text,
            align: 'left',
            fontSize: 12,
            fontWeight: 600,
            padding: [0, 0, 0, -LEFT + 12],
          },
          min: 0,
          splitNumber: 3,
          axisLine: { show: false },
          axisLabel: { color: c.muted, fontSize: 11, formatter: part.label ?? compact },
          splitLine: { lineStyle: { color: c.line } },
          ...part.axis,
        })),
        series: parts.flatMap((part, i) =>
          part.series.map((series) => ({
            xAxisIndex: i,
            yAxisIndex: i,
            animation: false,
            ...series,
          })),
        ),
      },
      { notMerge: true },
    );
  }

  /** Bins as rectangles from 0, on top of what `below` has. */
  bars(id, values, perUnit, fill, below) {
    const { bins } = this.now;
    const data = [];
    for (let i = 0; i < bins.size; ++i) {
      if (values[i] === 0) continue;
      const from = below ? below[i] * perUnit : 0;
      data.push([
        bins.begin + (i + 0.5) * bins.step,
        from + values[i] * perUnit,
        from,
        bins.begin + i * bins.step,
        values[i],
      ]);
    }
    return {
      id,
      type: 'custom',
      clip: true,
      data,
      encode: { x: 0, y: 1 },
      renderItem: (_, api) => {
        const [x0, top] = api.coord([api.value(3), api.value(1)]);
        const [x1, bottom] = api.coord([api.value(3) + bins.step, api.value(2)]);
        const wide = Math.max(x1 - x0 - (x1 - x0 > 3 ? 1 : 0), 1);
        return {
          type: 'rect',
          shape: { x: x0, y: top, width: wide, height: Math.max(bottom - top, 1) },
          style: { fill },
        };
      },
    };
  }

  tables(c) {
    const { bins, done, failed } = this.now;
    let most = 0;
    for (let i = 0; i < bins.size; ++i) most = Math.max(most, done[i] + failed[i]);
    const unit = unitOf(most / bins.step);
    const perUnit = unit.ms / bins.step;
    return {
      title: `Tables ended / ${unit.name} (in ${duration(bins.step)})`,
      series: [
        this.bars('failed', failed, perUnit, c.outcomes[FAILED]),
        this.bars('done', done, perUnit, c.outcomes[DONE], failed),
      ],
    };
  }

  rows(c) {
    const { bins, rows } = this.now;
    const most = rows.reduce((a, b) => Math.max(a, b), 0);
    const unit = unitOf(most / bins.step);
    return {
      title: `Rows imported / ${unit.name}`,
      series: [this.bars('rows', rows, unit.ms / bins.step, c.outcomes[DONE])],
    };
  }

  bytes(c) {
    const { bins, size } = this.now;
    const view = this.shown;
    const line = [];
    for (const { from, to, perMs } of this.rates) {
      if (to < view.from || from > view.to) continue;
      line.push([from, perMs * 1000], [to, perMs * 1000]);
    }
    const series = [];
    if (this.anyBytes) series.push(this.bars('bytes', size, 1000 / bins.step, c.outcomes[DONE]));
    if (line.length > 0) {
      series.push({
        id: 'restored',
        type: 'line',
        data: line,
        showSymbol: false,
        clip: true,
        lineStyle: { color: c.accent, width: 2 },
        itemStyle: { color: c.accent },
        areaStyle: { color: c.accent, opacity: 0.18 },
      });
    }
    const what = [
      this.rates.length > 0 ? 'restored (line)' : '',
      this.anyBytes ? 'imported (bars, by the size of tables)' : '',
    ];
    const most = Math.max(
      0,
      ...line.map(([, rate]) => rate),
      this.anyBytes ? (size.reduce((a, b) => Math.max(a, b), 0) * 1000) / bins.step : 0,
    );
    const interval = bytesStep(most / 3);
    const axis = { interval, max: Math.ceil(most / interval) * interval };
    return {
      title: `Bytes / s: ${what.filter((text) => text).join(', ')}`,
      label: bytes,
      axis,
      series,
    };
  }

  percent(c) {
    const data = this.percents.map(({ time, percent }) => [time, percent / 1e4]);
    return {
      title: 'Percent',
      axis: { max: 100, interval: 25 },
      label: (value) => `${value}%`,
      series: [
        {
          id: 'percent',
          type: 'line',
          data,
          showSymbol: data.length < 3,
          clip: true,
          lineStyle: { color: c.accent, width: 2 },
          itemStyle: { color: c.accent },
          areaStyle: { color: c.accent, opacity: 0.12 },
        },
      ],
    };
  }

  tip(shown) {
    const { clock } = this.model;
    const [first] = shown;
    const at = first.value[0];
    const lines = shown.map(({ seriesId, value }) => {
      if (seriesId === 'percent')
        return ['', `${decimal(value[1])}% at ${clock.time(value[0], 3)}`];
      if (seriesId === 'restored') return ['restored', `${bytes(value[1])}/s`];
      if (seriesId === 'bytes') return ['imported', bytes(value[4])];
      if (seriesId === 'rows') return ['rows', count(value[4])];
      return [seriesId === 'done' ? 'imported' : 'failed', counted(value[4], 'table')];
    });
    return tip(
      `${clock.time(at, this.now.bins.step < 10_000 ? 3 : 0)} (bins of ${duration(this.now.bins.step)})`,
      lines,
    );
  }
}
