// The page: reads its data and puts the sections together.
import { View, chartsToPaper, chartsToScreen, flushCharts } from './charts.js';
import { el } from './dom.js';
import { Failures } from './failures.js';
import { visible } from './format.js';
import { header, headline } from './header.js';
import { readModel } from './model.js';
import { parametersSection } from './parameters.js';
import { slowest } from './slowest.js';
import { onPrint } from './theme.js';
import { Throughput } from './throughput.js';
import { Timeline } from './timeline.js';

/** Opens what is closed, so that paper has it, and returns what puts it back. */
function openAll(root) {
  const opened = [...root.querySelectorAll('details.reason:not([open])')];
  for (const details of opened) {
    details.fill?.();
    details.open = true;
  }
  return () => opened.forEach((details) => (details.open = false));
}

function build() {
  const source = document.getElementById('data');
  const model = readModel(JSON.parse(source.textContent));
  source.remove();
  document.title = `${model.tenant === '' ? 'Recovery' : visible(model.tenant)} ${model.job}: ${headline(model.progress)}`;
  const view = new View(model.whole, model.first);
  const timeline = new Timeline(model, view);
  const throughput = new Throughput(model, view);
  const failures = new Failures(model);
  const root = document.getElementById('report');
  const sections = [
    timeline.node,
    throughput.node,
    failures.node,
    slowest(model),
    parametersSection(model),
  ];
  root.append(
    header(model),
    el('main', {}, ...sections),
    el(
      'footer',
      {},
      'Made by dump-views report of obviews. Nothing in this page is fetched from anywhere.',
    ),
  );
  timeline.start();
  throughput.start();
  flushCharts();
  let close = () => {};
  onPrint({
    before: () => {
      close = openAll(root);
      chartsToPaper();
    },
    after: () => {
      close();
      chartsToScreen();
    },
  });
  performance.mark('report-drawn');
  document.documentElement.dataset.ready = 'true';
}

build();
