// What all charts have in common: the parts of the library that are used, sizes, and the stretch of
// time that they show together.
import { BarChart, CustomChart, LineChart } from 'echarts/charts';
import { DataZoomComponent, GridComponent, TooltipComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';

import { visible } from './format.js';
import { onColours } from './theme.js';

echarts.use([
  BarChart,
  CustomChart,
  LineChart,
  DataZoomComponent,
  GridComponent,
  TooltipComponent,
  CanvasRenderer,
]);

export const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif';

/** Width of charts on paper, CSS pixels. */
const PAPER_WIDTH = 684;
const charts = new Set();

/** The stretch of time that all charts show. */
export class View {
  constructor(whole, first) {
    this.whole = whole;
    this.from = first.from;
    this.to = first.to;
    this.touched = false;
    this.listeners = [];
  }

  get span() {
    return this.to - this.from;
  }

  onChange(listener) {
    this.listeners.push(listener);
  }

  /** Shows [from, to], moved and cut to what there is. @param {object} [source] who asks */
  show(from, to, source) {
    const { whole } = this;
    const least = Math.min(1, whole.to - whole.from);
    const span = Math.min(Math.max(to - from, least), whole.to - whole.from);
    const begin = Math.min(Math.max(from, whole.from), whole.to - span);
    if (begin === this.from && begin + span === this.to) return;
    this.from = begin;
    this.to = begin + span;
    this.touched = true;
    for (const listener of this.listeners) listener(source);
  }

  /** Makes the stretch so many times as long, around its middle. */
  scale(factor) {
    const middle = (this.from + this.to) / 2;
    const half = (this.span * factor) / 2;
    this.show(middle - half, middle + half);
  }

  /** Goes on by a share of the stretch. */
  move(share) {
    this.show(this.from + this.span * share, this.to + this.span * share);
  }
}

/**
 * A chart in `node`, drawn anew by `draw(chart)` whenever its colours or width change.
 * @param {HTMLElement} node @param {(chart: echarts.ECharts) => void} draw
 */
export function makeChart(node, draw) {
  const chart = echarts.init(node, null, {
    renderer: 'canvas',
    devicePixelRatio: Math.max(2, window.devicePixelRatio || 1),
  });
  charts.add({ chart, draw });
  onColours(() => draw(chart));
  let width = node.clientWidth;
  new ResizeObserver(() => {
    if (node.clientWidth === width || node.clientWidth === 0) return;
    width = node.clientWidth;
    chart.resize();
    draw(chart);
  }).observe(node);
  draw(chart);
  return chart;
}

function resizeAll(size) {
  for (const { chart, draw } of charts) {
    chart.resize(size);
    draw(chart);
    chart.getZr().flush();
  }
}

/** Draws all charts as wide as paper is. */
export function chartsToPaper() {
  resizeAll({ width: PAPER_WIDTH });
}

export function chartsToScreen() {
  resizeAll({ width: 'auto' });
}

/** Draws what is still to be drawn at once. */
export function flushCharts() {
  for (const { chart } of charts) chart.getZr().flush();
}

/** A tooltip of texts: a head, and lines of name and value. */
export function tip(head, lines) {
  const node = document.createElement('div');
  node.className = 'tip';
  const title = document.createElement('strong');
  title.textContent = visible(head);
  node.append(title);
  for (const [name, value] of lines) {
    const line = document.createElement('div');
    line.textContent = visible(name === '' ? value : `${name}: ${value}`);
    node.append(line);
  }
  return node;
}

/** Options of a tooltip in the page's colours. */
export function tipOptions(colours) {
  return {
    confine: true,
    transitionDuration: 0,
    backgroundColor: colours.panel,
    borderColor: colours.line,
    textStyle: { color: colours.text, fontFamily: FONT, fontSize: 12 },
    extraCssText: 'max-width:28rem;white-space:normal;overflow-wrap:anywhere',
  };
}

/** A time axis that shows a stretch of time. @param {{from: number, to: number}} view */
export function timeAxis(view, clock, colours, width, more = {}) {
  const span = view.to - view.from;
  const shift = clock.offset(view.from);
  const ticks = Math.max(2, Math.min(10, Math.floor(width / (span < 5000 ? 110 : 90))));
  return {
    type: 'value',
    min: view.from,
    max: view.to,
    axisLine: { show: false },
    axisTick: {
      show: true,
      lineStyle: { color: colours.line },
      customValues: tickTimes(view, shift, ticks),
    },
    axisLabel: {
      color: colours.muted,
      fontFamily: FONT,
      fontSize: 11,
      hideOverlap: true,
      customValues: tickTimes(view, shift, ticks),
      formatter: (time) => clock.tick(time, span),
    },
    splitLine: { show: false },
    ...more,
  };
}

const DAY = 86_400_000;
const TICK_STEPS = [
  ...[0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5],
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((s) => s * 1000),
  ...[1, 2, 5, 10, 15, 30].map((m) => m * 60_000),
  ...[1, 2, 3, 6, 12].map((h) => h * 3_600_000),
  ...[1, 2, 5, 10, 30, 90, 365].map((d) => d * DAY),
];

/** Round times of the zone's clock inside the view. */
export function tickTimes(view, shift, most) {
  const step =
    TICK_STEPS.find((s) => (view.to - view.from) / s <= most) ?? (view.to - view.from) / most;
  const times = [];
  for (let at = Math.ceil((view.from + shift) / step) * step; at - shift <= view.to; at += step) {
    times.push(at - shift);
    if (times.length > 2 * most) break;
  }
  return times;
}
