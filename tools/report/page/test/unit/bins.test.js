// Counting over time.
import assert from 'node:assert/strict';
import test from 'node:test';

import { binsOver, countIn, niceStep, spread } from '../../src/bins.js';

test('steps are those people count in', () => {
  assert.equal(niceStep(3_600_000, 100), 60_000);
  assert.equal(niceStep(60_000, 60), 1000);
  assert.equal(niceStep(700, 100), 10);
});

test('bins begin at a multiple of the step on the clock', () => {
  assert.deepEqual(binsOver(1_500, 9_000, 10, 0), { begin: 1000, step: 1000, size: 8 });
});

test('what is accepted counts where it falls', () => {
  const bins = { begin: 0, step: 10, size: 2 };
  assert.deepEqual([...countIn(bins, [0, 9, 10, 20, NaN, -1], () => true)], [2, 1]);
  assert.deepEqual([...countIn(bins, [0, 9], (i) => i === 1)], [1, 0]);
});

test('a weight is spread over the time it took', () => {
  const bins = { begin: 0, step: 10, size: 3 };
  const sums = new Float64Array(3);
  spread(bins, sums, 5, 25, 20);
  assert.deepEqual([...sums], [5, 10, 5]);
  spread(bins, sums, 12, 12, 7);
  assert.deepEqual([...sums], [5, 17, 5]);
  spread(bins, sums, -10, 10, 20);
  assert.deepEqual([...sums], [15, 17, 5]);
  spread(bins, sums, 40, 50, 1);
  assert.deepEqual([...sums], [15, 17, 5]);
});
