// Stages and parameters, from what may be missing.
import assert from 'node:assert/strict';
import test from 'node:test';

import { readStages } from '../../src/model.js';
import { parameters } from '../../src/parameters.js';
import { restoreRates, unitOf } from '../../src/rates.js';

const stage = (name, start, end) => ({ stage: name, percent: null, start, end });

test('a stage lasts to its end, or to the next one', () => {
  const read = readStages([stage('PREPARE', 0, null), stage('RESTORE', 5000, 9000)], 20, {
    ended: true,
    stage: { value: 'COMPLETED' },
  });
  assert.deepEqual(
    read.map(({ until, running }) => [until, running]),
    [
      [5, false],
      [9, false],
    ],
  );
});

test('the present stage goes on', () => {
  const [restore] = readStages([stage('RESTORE', 5000, null)], 20, {
    ended: false,
    stage: { value: 'RESTORE' },
  });
  assert.deepEqual([restore.until, restore.running, restore.also], [20, true, null]);
});

test('a stage that is over at a time nobody noted shares its own with the present one', () => {
  const [prepare] = readStages([stage('PREPARE', 5000, null), stage('RESTORE', null, null)], 20, {
    ended: false,
    stage: { value: 'RESTORE' },
  });
  assert.deepEqual([prepare.until, prepare.running, prepare.also], [20, false, 'RESTORE']);
});

test('values that are the same in several jobs are told once', () => {
  const jobs = [
    {
      role: 'A',
      values: [
        ['DB_LIST', 0],
        ['STATUS', 1],
        ['DESCRIPTION', null],
      ],
    },
    {
      role: 'B',
      values: [
        ['DB_LIST', 0],
        ['DESCRIPTION', 1],
      ],
    },
  ];
  assert.deepEqual(parameters(jobs, ['`a`', 'x']), [
    { name: 'DB_LIST', values: [{ text: '`a`', roles: ['A', 'B'] }] },
    { name: 'DESCRIPTION', values: [{ text: 'x', roles: ['B'] }] },
  ]);
});

test('rates of a restore are told from looks at it, and not across a new beginning', () => {
  const samples = [
    [0, 0],
    [10, 100],
    [20, 300],
    [30, 50],
    [40, 50],
  ].map(([time, bytes]) => ({ time, bytes }));
  assert.deepEqual(
    restoreRates(samples).map(({ perMs }) => perMs),
    [10, 20],
  );
});

test('a rate is told in the unit in which it is one at least', () => {
  assert.equal(unitOf(1).name, 's');
  assert.equal(unitOf(1 / 60_000).name, 'min');
  assert.equal(unitOf(0).name, 'd');
});
