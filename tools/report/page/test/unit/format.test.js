// Figures, times and stored texts as people read them.
import assert from 'node:assert/strict';
import test from 'node:test';

import {
  Clock,
  bytes,
  bytesStep,
  compact,
  counted,
  duration,
  percent,
  shortened,
  visible,
} from '../../src/format.js';

test('durations have their two largest units', () => {
  const cases = [
    [0, '0 s'],
    [0.25, '0.25 ms'],
    [12.4, '12 ms'],
    [999.9, '1000 ms'],
    [1500, '1.5 s'],
    [59_990, '60 s'],
    [60_000, '1 min'],
    [84 * 60_000 + 54_000, '1 h 24 min'],
    [3_600_000, '1 h'],
    [86_400_000 * 2 + 3_600_000 * 3, '2 d 3 h'],
    [-2000, '−2 s'],
  ];
  for (const [ms, text] of cases) assert.equal(duration(ms), text, String(ms));
});

test('bytes have units of 1024, as the views show them', () => {
  assert.equal(bytes(0), '0 B');
  assert.equal(bytes(1023), '1,023 B');
  assert.equal(bytes(1536), '1.5 kB');
  assert.equal(bytes(3e12), '2.73 TB');
});

test('steps of a bytes axis are round in its unit', () => {
  assert.equal(bytesStep(0.3), 1);
  assert.equal(bytesStep(300), 500);
  assert.equal(bytesStep(190 * 1024 * 1024), 200 * 1024 * 1024);
  assert.equal(bytesStep(700 * 1024), 1024 * 1024);
});

test('percent is cut, not rounded', () => {
  assert.equal(percent(999_999), '99.99%');
  assert.equal(percent(1_000_000), '100.00%');
  assert.equal(percent(0), '0.00%');
});

test('one of a thing has no s', () => {
  assert.equal(counted(1, 'table'), '1 table');
  assert.equal(counted(2000, 'table'), '2,000 tables');
  assert.equal(compact(3_000_000), '3 M');
  assert.equal(compact(15_000), '15 k');
});

test('what nobody sees is shown, and what belongs to names stays', () => {
  assert.equal(visible('a\nb\u0000\u007f'), 'a␊b␀␡');
  assert.equal(visible('x\u202ey'), 'x‹202E›y');
  assert.equal(visible('👨\u200d👩 表 <b>'), '👨\u200d👩 表 <b>');
});

test('texts are cut between characters', () => {
  assert.equal(shortened('short', 10), 'short');
  assert.equal(shortened('😀😀😀😀', 3), '😀😀…');
});

test('a clock follows the offsets of its zone', () => {
  const clock = new Clock({
    name: 'Europe/Berlin',
    offsets: [
      [0, 3600],
      [1000, 7200],
    ],
  });
  assert.equal(clock.time(0), '1970-01-01 01:00:00');
  assert.equal(clock.time(1_000_000, 3), '1970-01-01 02:16:40.000');
  assert.equal(clock.tick(1_000_000, 1000), '02:16:40.000');
  assert.equal(clock.tick(1_000_000, 3_600_000), '02:16');
});
