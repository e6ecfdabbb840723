// The answer at one glance: what became of the recovery, how far it is, when it ends.
import { el } from './dom.js';
import { bytes, count, counted, duration, percent, visible } from './format.js';
import { isDark, onColours, toggleTheme } from './theme.js';

const HEADLINES = {
  PREPARE: 'Preparing',
  RESTORE: 'Restoring the auxiliary tenant',
  ACTIVATE: 'Activating the auxiliary tenant',
  LIST: 'Finding the tables to import',
  IMPORT: 'Importing tables',
  FINISH: 'Finishing',
  CANCELING: 'Being cancelled',
  COMPLETED: 'Completed',
  FAILED: 'Failed',
};

/** Good, bad, mixed, busy or unknown: the colour of the headline. */
export function moodOf(progress) {
  const stage = progress.stage.value;
  if (!stage) return 'unknown';
  if (stage === 'FAILED') return 'bad';
  if (stage === 'COMPLETED') return progress.tablesFailed.value > 0 ? 'mixed' : 'good';
  return stage === 'CANCELING' || progress.stalledSeconds.value > 0 ? 'mixed' : 'busy';
}

/** One line. */
export function headline(progress) {
  const stage = progress.stage.value;
  if (!stage) return 'Stage not known';
  const failed = progress.tablesFailed.value ?? 0;
  const but = failed > 0 && stage !== 'FAILED' ? `, ${counted(failed, 'table')} failed` : '';
  return `${HEADLINES[stage]}${but}`;
}

/** A term and its value, or why there is none. */
function fact(name, value, why) {
  return el(
    'div.fact',
    {},
    el('dt', {}, name),
    value === null ? el('dd.why', {}, `unknown: ${visible(why ?? '')}`) : el('dd', {}, value),
  );
}

function figure(name, { value, why }, show) {
  return fact(name, value === undefined ? null : show(value), why);
}

function endFact({ progress, clock, jobEnd }) {
  if (progress.ended) {
    return jobEnd === null
      ? fact('Ended', null, 'the records have no time of the end')
      : fact('Ended', clock.time(jobEnd));
  }
  const { eta, etaLow, etaHigh } = progress;
  if (eta.value === undefined) return fact('Estimated end', null, eta.why);
  const best = clock.time(eta.value / 1000);
  // The day is told again only where it is another one.
  const likely = [etaLow, etaHigh].map((usec) => {
    const text = clock.time(usec / 1000);
    return text.slice(0, 10) === best.slice(0, 10) ? text.slice(11) : text;
  });
  const value = el(
    'span',
    {},
    best,
    el('br'),
    el('small', {}, `likely ${likely[0]} to ${likely[1]}`),
  );
  return fact('Estimated end', value);
}

/** Tables as one bar of shares, with its legend. */
function tablesBar(progress) {
  const parts = [
    ['done', 'imported', progress.tablesFinished],
    ['failed', 'failed', progress.tablesFailed],
    ['running', 'being imported', progress.tablesRunning],
    ['waiting', 'not begun', progress.tablesLeft],
  ];
  const total = progress.tablesTotal.value;
  if (parts.some(([, , { value }]) => value === undefined) || !total) return null;
  const bar = el('div.shares', { 'aria-hidden': 'true' });
  for (const [kind, , { value }] of parts) {
    if (value === 0) continue;
    const part = el(`span.${kind}`);
    part.style.flexGrow = String(Math.max(value / total, 0.004));
    bar.append(part);
  }
  const marks = { done: 'imported', failed: 'failed', running: 'running', waiting: 'waiting' };
  const legend = parts
    .filter(([kind, , { value }]) => value > 0 || kind === 'done' || kind === 'failed')
    .map(([kind, name, { value }]) =>
      el(
        'li',
        {},
        el('span', { class: `mark ${marks[kind]}`, 'aria-hidden': 'true' }),
        ` ${count(value)} ${name}`,
      ),
    );
  return el('div.tables', {}, bar, el('ul.legend', {}, ...legend));
}

function problems(progress) {
  const lines = [];
  if (progress.waitingFor) lines.push(['Waiting for', progress.waitingFor]);
  if (progress.stalledSeconds.value > 0)
    lines.push(['Stalled', `nothing moved for ${duration(progress.stalledSeconds.value * 1000)}`]);
  if (progress.retry) lines.push(['Again', progress.retry]);
  for (const { what, reason } of progress.failures)
    lines.push([`Failed: ${what}`, reason || 'no reason given']);
  if (lines.length === 0) return null;
  return el(
    'dl.problems',
    {},
    ...lines.map(([name, text]) =>
      el('div', {}, el('dt', {}, visible(name)), el('dd', {}, visible(text))),
    ),
  );
}

function buttons() {
  const theme = el('button', { type: 'button', id: 'theme', onclick: toggleTheme });
  const name = () => (theme.textContent = isDark() ? 'Light' : 'Dark');
  name();
  onColours(name);
  return el(
    'div.buttons',
    {},
    theme,
    el('button', { type: 'button', onclick: () => window.print() }, 'Print'),
  );
}

/** @param {object} model main.js has it */
export function header(model) {
  const { progress, clock } = model;
  const known = progress.percent.value !== undefined;
  const share = known ? progress.percent.value / 1e6 : 0;
  const done = el('span.done');
  done.style.width = `${share * 100}%`;
  const bytesText = ({ bytesFinished, bytesTotal }) => {
    const whole = bytesTotal.value === undefined || bytesTotal.value === bytesFinished.value;
    return `${bytes(bytesFinished.value)}${whole ? '' : ` of ${bytes(bytesTotal.value)}`}`;
  };
  const madeAt = `Made ${clock.time(model.made)}${progress.ended ? '' : `; figures as of ${clock.time(model.asOf)}`}; times in zone ${clock.name}`;
  return el(
    'header',
    { class: moodOf(progress) },
    el(
      'div.title',
      {},
      el(
        'div',
        {},
        el('p.kicker', {}, `Table recovery ${model.job}`),
        el(
          'h1',
          {},
          el('bdi', {}, model.tenant === '' ? 'Target tenant not known' : visible(model.tenant)),
        ),
      ),
      buttons(),
    ),
    el(
      'div.answer',
      {},
      el('p.headline', {}, headline(progress)),
      el('p.percent', {}, known ? percent(progress.percent.value) : '—'),
    ),
    known
      ? el(
          'div.bar',
          {
            role: 'progressbar',
            'aria-label': 'Percent of the whole',
            'aria-valuemin': 0,
            'aria-valuemax': 100,
            'aria-valuenow': (share * 100).toFixed(2),
          },
          done,
        )
      : el('p.why', {}, `Percent unknown: ${visible(progress.percent.why)}`),
    progress.stage.value ? null : el('p.why', {}, `Stage unknown: ${visible(progress.stage.why)}`),
    el(
      'dl.facts',
      {},
      figure('Started', progress.start, (usec) => clock.time(usec / 1000)),
      endFact(model),
      figure(progress.ended ? 'Took' : 'Elapsed', progress.elapsedSeconds, (s) =>
        progress.ended && model.jobEnd !== null && progress.start.value
          ? duration(model.jobEnd - progress.start.value / 1000)
          : duration(s * 1000),
      ),
      figure('Tables', progress.tablesTotal, count),
      figure('Restored', progress.bytesFinished, () => bytesText(progress)),
      progress.ended ? null : figure('Pace', progress.rate, (rate) => rate),
    ),
    tablesBar(progress) ??
      (progress.tablesFinished.value === undefined && progress.tablesTotal.value !== undefined
        ? el('p.why', {}, `How many are done is unknown: ${visible(progress.tablesFinished.why)}`)
        : null),
    problems(progress),
    el(
      'p.made',
      {},
      madeAt +
        (model.secretsShown
          ? '; SECRETS ARE SHOWN: keep this page to yourself'
          : '; secrets are masked'),
    ),
  );
}
