// Columns as the program packs them.
import assert from 'node:assert/strict';
import test from 'node:test';

import { readTasks, tableName, unpack } from '../../src/data.js';

const packed = (type, base, array) => ({
  type,
  base,
  data: Buffer.from(array.buffer).toString('base64'),
});

test('each type is its distance from the base, and has a number for what is missing', () => {
  assert.deepEqual([...unpack(packed('u8', 5, new Uint8Array([0, 3, 255])))], [5, 8, NaN]);
  assert.deepEqual([...unpack(packed('u16', -1, new Uint16Array([0, 65535])))], [-1, NaN]);
  assert.deepEqual(
    [...unpack(packed('u32', 1e15, new Uint32Array([7, 0xffffffff])))],
    [1e15 + 7, NaN],
  );
  assert.deepEqual([...unpack(packed('f64', 1, new Float64Array([1e12, NaN])))], [1e12 + 1, NaN]);
  assert.deepEqual([...unpack(packed('u8', 0, new Uint8Array([])))], []);
});

test('a report without tasks has none', () => {
  assert.equal(readTasks(null).count, 0);
});

test('times become milliseconds', () => {
  const u8 = (...numbers) => packed('u8', 0, new Uint8Array(numbers));
  const column = u8(0);
  const tasks = readTasks({
    ...{ count: 1, databases: ['shop'], targets: [], reasons: [], names: ['orders'] },
    ...{
      id: column,
      database: column,
      target: u8(255),
      outcome: u8(2),
      rows: column,
      bytes: column,
      reason: u8(255),
    },
    ...{
      start: packed('u8', 1000, new Uint8Array([250])),
      end: packed('u8', 2000, new Uint8Array([0])),
    },
  });
  assert.equal(tasks.start[0], 1.25);
  assert.equal(tasks.end[0], 2);
  assert.equal(tableName(tasks, 0), 'shop.orders');
});
