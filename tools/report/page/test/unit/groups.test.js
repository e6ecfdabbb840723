// Rows of the timeline and kinds of failures.
import assert from 'node:assert/strict';
import test from 'node:test';

import { FAILED } from '../../src/data.js';
import { byDatabase, byOutcome, byTable, byWorker, pack } from '../../src/groups.js';
import { failuresByReason, kindOf, withoutNames } from '../../src/reasons.js';
import { tasksOf } from './tasks.js';

const tasks = tasksOf([
  { start: 5, end: 9, database: 1 },
  { start: 0, end: 4, database: 0 },
  { start: 2, end: 6, database: 0, outcome: FAILED },
]);

test('databases stand in the order in which they were begun', () => {
  const rows = byDatabase(tasks, tasks.start, [0, 1, 2]);
  assert.deepEqual(rows.labels, ['a', 'b']);
  assert.deepEqual([...rows.of], [1, 0, 0]);
});

test('databases that are too many share the last row', () => {
  const many = tasksOf([
    { start: 0, database: 0 },
    { start: 1, database: 1 },
    { start: 2, database: 2 },
    { start: 3, database: 2 },
  ]);
  const rows = byDatabase(many, many.start, [0, 1, 2, 3], 2);
  assert.deepEqual(rows.labels, ['c', '2 more databases']);
  assert.deepEqual([...rows.of], [1, 1, 0, 0]);
});

test('workers are as many as tables overlap', () => {
  assert.deepEqual(byWorker(tasks, tasks.start, tasks.end).labels, ['worker 1', 'worker 2']);
  assert.deepEqual([...byWorker(tasks, tasks.start, tasks.end).of], [0, 0, 1]);
});

test('outcomes that nothing has get no row', () => {
  assert.deepEqual(byOutcome(tasks), {
    labels: ['failed', 'imported'],
    of: Int32Array.from([1, 1, 0]),
  });
});

test('tables of a stretch of time, the first ones', () => {
  const rows = byTable(tasks, tasks.start, tasks.end, 5, 20, 1);
  assert.deepEqual(rows, { labels: ['a.t3'], of: Int32Array.from([-1, -1, 0]), left: 1 });
});

test('packing takes as few slots as can be', () => {
  const { slot, slots } = pack(
    [0, 1, 2],
    Float64Array.from([0, 1, 4]),
    Float64Array.from([4, 2, 5]),
  );
  assert.deepEqual(
    [[...slot], slots],
    [
      [
        [0, 0],
        [1, 1],
        [2, 0],
      ],
      2,
    ],
  );
});

test('failures of one kind differ in server and trace alone', () => {
  assert.equal(kindOf('result:-4016(), addr:10.0.0.1:2882, trace_id:YB42-0-0'), 'result:-4016()');
  assert.equal(kindOf('addr:[::1]:2882, trace_id:X'), 'no reason given');
  assert.equal(kindOf('  '), 'no reason given');
  assert.equal(kindOf('table `addr` exists'), 'table `addr` exists');
});

test('a reason that names its own table is that of others too', () => {
  assert.equal(
    withoutNames("Table 'a.t' exists, not 't2'", ['a.t', 't']),
    "Table '…' exists, not 't2'",
  );
  assert.equal(withoutNames('`t` in `a.t`', ['a.t', 't']), '`…` in `…`');
  assert.equal(withoutNames("''", ['']), "''");
  const failed = tasksOf(
    [
      { outcome: FAILED, reason: 0 },
      { outcome: FAILED, reason: 1, target: 0 },
    ],
    { reasons: ["Table 'a.t1' exists", "Table 'new' exists"], targets: ['b.new'] },
  );
  assert.deepEqual(failuresByReason(failed, FAILED), [{ kind: "Table '…' exists", tasks: [0, 1] }]);
});

test('kinds with most tables come first', () => {
  const failed = tasksOf(
    [
      { outcome: FAILED, reason: 0 },
      { outcome: FAILED, reason: 1 },
      { outcome: FAILED, reason: 2 },
      { outcome: FAILED, reason: NaN },
    ],
    {
      reasons: ['disk', 'x, trace_id:1', 'x, trace_id:2'],
    },
  );
  assert.deepEqual(failuresByReason(failed, FAILED), [
    { kind: 'x', tasks: [1, 2] },
    { kind: 'disk', tasks: [0] },
    { kind: 'no reason given', tasks: [3] },
  ]);
});
