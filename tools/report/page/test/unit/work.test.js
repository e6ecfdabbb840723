// When tables were worked on, told from when they ended.
import assert from 'node:assert/strict';
import test from 'node:test';

import { RUNNING, WAITING } from '../../src/data.js';
import { inferWork } from '../../src/work.js';
import { tasksOf } from './tasks.js';

test('one at a time: each begins when the one before it ended', () => {
  const work = inferWork(
    tasksOf([
      { start: 10, end: 20 },
      { start: 10, end: 50 },
      { start: 10, end: 60 },
    ]),
  );
  assert.deepEqual(
    { ...work, begin: [...work.begin] },
    { begin: [10, 20, 50], inferred: true, workers: 1 },
  );
});

test('an end out of order takes one more worker', () => {
  const work = inferWork(
    tasksOf([
      { start: 0, end: 100 },
      { start: 0, end: 10 },
      { start: 0, end: 30 },
      { start: 0, end: 120 },
    ]),
  );
  assert.equal(work.workers, 2);
  assert.deepEqual([...work.begin], [0, 0, 10, 30]);
});

test('what runs holds a worker, what waits has not begun', () => {
  const work = inferWork(
    tasksOf([
      { start: 0, end: 10 },
      { start: 0, outcome: RUNNING },
      { start: 0, outcome: RUNNING },
      { start: 0, outcome: WAITING },
    ]),
  );
  assert.equal(work.workers, 2);
  assert.deepEqual([...work.begin], [0, 0, 10, NaN]);
});

test('starts that follow ends are of the tables themselves', () => {
  const work = inferWork(
    tasksOf([
      { start: 0, end: 10 },
      { start: 12, end: 20 },
    ]),
  );
  assert.deepEqual(
    { ...work, begin: [...work.begin] },
    { begin: [0, 12], inferred: false, workers: 0 },
  );
});

test('a table alone, and none at all', () => {
  assert.deepEqual([...inferWork(tasksOf([{ start: 3, end: 4 }])).begin], [3]);
  assert.equal(inferWork(tasksOf([])).begin.length, 0);
});

test('a hundred thousand tables take no time that anybody sees', () => {
  const lines = Array.from({ length: 100_000 }, (_, i) => ({
    start: 0,
    end: 100 + Math.floor(i / 16) * 10 + ((i * 7) % 16),
  }));
  const began = performance.now();
  const work = inferWork(tasksOf(lines));
  assert.ok(work.workers <= 32, String(work.workers));
  assert.ok(performance.now() - began < 2000);
});
