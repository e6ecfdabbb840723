// What all sections work on, from the data in the page.
import { RUNNING, msOf, readTasks } from './data.js';
import { Clock } from './format.js';
import { inferWork } from './work.js';

/**
 * Stages with where each ends to the eye: its end, the next one's begin, or the time of the data. A
 * stage that is over at a time nobody noted has that of the present one too, as `also`.
 */
export function readStages(stages, asOf, progress) {
  const read = stages.map(({ stage, percent, start, end }) => ({
    name: stage,
    percent,
    from: msOf(start),
    to: msOf(end),
    running: false,
    also: null,
    until: null,
  }));
  const present = read.findIndex(({ name }) => name === progress.stage.value);
  read.forEach((stage, i) => {
    if (stage.from === null) return;
    const next = read.slice(i + 1).find(({ from }) => from !== null);
    const open = stage.to === null && !next && !progress.ended;
    stage.running = open && i === present;
    if (open && i < present) stage.also = read[present].name;
    const goesOn = stage.running || stage.also !== null;
    stage.until = Math.max(stage.to ?? next?.from ?? (goesOn ? asOf : stage.from), stage.from);
  });
  return read;
}

/** The stretch of time all this is in, with a little room; never empty. */
function wholeTime(model) {
  let from = Infinity;
  let to = -Infinity;
  const add = (ms) => {
    if (ms === null || ms === undefined || Number.isNaN(ms)) return;
    from = Math.min(from, ms);
    to = Math.max(to, ms);
  };
  for (const stage of model.stages) [stage.from, stage.until].forEach(add);
  add(msOf(model.progress.start.value));
  model.work.begin.forEach(add);
  model.work.end.forEach((end, i) => Number.isNaN(model.work.begin[i]) || add(end));
  model.tasks.end.forEach(add);
  for (const { time } of model.samples)
    if (from <= time && (model.progress.ended ? time <= to : true)) add(time);
  if (!model.progress.ended) add(model.asOf);
  if (!Number.isFinite(from)) from = to = model.asOf;
  const room = Math.max(Math.min((to - from) * 0.005, 60_000), 1);
  return { from: from - room, to: to + room };
}

/**
 * What of the tables is shown at first: the time in which they were worked on, without a long one at
 * its end in which nothing moved.
 * @returns {{from: number, to: number}}
 */
function firstView({ whole, tasks, work, asOf, progress }) {
  let from = Infinity;
  let last = -Infinity;
  work.begin.forEach((begin, i) => {
    if (Number.isNaN(begin)) return;
    from = Math.min(from, begin);
    last = Math.max(last, begin, Number.isNaN(tasks.end[i]) ? begin : tasks.end[i]);
  });
  if (!Number.isFinite(from)) return whole;
  let to = progress.ended ? last : Math.max(last, asOf);
  if (last > from && to - last > 3 * (last - from)) to = last + (last - from) * 0.3;
  const room = Math.max((to - from) * 0.01, 0.5);
  if (to - from > 0.8 * (whole.to - whole.from)) return whole;
  return { from: Math.max(whole.from, from - room), to: Math.min(whole.to, to + room) };
}

export function readModel(data) {
  const tasks = readTasks(data.tasks);
  const asOf = msOf(data.progress.asOf);
  const { begin, inferred, workers } = inferWork(tasks);
  // What is being imported goes on to the time of the data; what has no end cannot be drawn.
  const end = tasks.end.map((ms, i) =>
    tasks.outcome[i] === RUNNING ? Math.max(asOf, begin[i]) : ms,
  );
  begin.forEach((_, i) => {
    if (!(end[i] >= begin[i])) begin[i] = NaN;
  });
  const model = {
    job: data.job,
    tenant: data.tenant,
    made: msOf(data.made),
    asOf,
    secretsShown: data.secretsShown,
    clock: new Clock(data.zone),
    progress: data.progress,
    jobEnd: data.progress.ended ? msOf(data.jobEnd) : null,
    stages: readStages(data.stages, asOf, data.progress),
    samples: data.samples.map((sample) => ({ ...sample, time: msOf(sample.time) })),
    tasks,
    work: { begin, end, inferred, workers },
    jobs: data.jobs,
    texts: data.texts,
  };
  model.whole = wholeTime(model);
  model.first = firstView(model);
  return model;
}
