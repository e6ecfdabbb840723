// From the data in the page to what the sections work on. Times are milliseconds since 1970 from
// here on, with fractions; NaN and null are what is not known.

export const WAITING = 0;
export const RUNNING = 1;
export const DONE = 2;
export const FAILED = 3;
export const OUTCOMES = ['waiting', 'running', 'imported', 'failed'];

/**
 * A column that the program packed; missing numbers are NaN.
 * @param {{type: string, base: number, data: string}} column
 * @returns {Float64Array}
 */
export function unpack(column) {
  const text = atob(column.data);
  const raw = new Uint8Array(text.length);
  for (let i = 0; i < text.length; ++i) raw[i] = text.charCodeAt(i);
  const Type = { u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, f64: Float64Array }[
    column.type
  ];
  const packed = new Type(raw.buffer, 0, raw.length / Type.BYTES_PER_ELEMENT);
  const missing = { u8: 0xff, u16: 0xffff, u32: 0xffffffff, f64: NaN }[column.type];
  const numbers = new Float64Array(packed.length);
  for (let i = 0; i < packed.length; ++i) {
    numbers[i] = packed[i] === missing ? NaN : packed[i] + column.base;
  }
  return numbers;
}

/** @param {Float64Array} usec */
function toMs(usec) {
  return usec.map((time) => time / 1000);
}

/** @param {number | null | undefined} usec */
export function msOf(usec) {
  return usec === null || usec === undefined ? null : usec / 1000;
}

/**
 * @typedef {object} Tasks the tables, column by column
 * @property {number} count
 * @property {string[]} databases
 * @property {string[]} targets
 * @property {string[]} reasons
 * @property {string[]} names
 * @property {Float64Array} id
 * @property {Float64Array} database index of databases
 * @property {Float64Array} target index of targets, NaN: the same name
 * @property {Float64Array} outcome
 * @property {Float64Array} start as recorded
 * @property {Float64Array} end
 * @property {Float64Array} rows
 * @property {Float64Array} bytes
 * @property {Float64Array} reason index of reasons
 */

/** @returns {Tasks} */
export function readTasks(data) {
  const columns = data ?? { count: 0, databases: [], targets: [], reasons: [], names: [] };
  const column = (name) => (data ? unpack(data[name]) : new Float64Array(0));
  return {
    count: columns.count,
    databases: columns.databases,
    targets: columns.targets,
    reasons: columns.reasons,
    names: columns.names,
    id: column('id'),
    database: column('database'),
    target: column('target'),
    outcome: column('outcome'),
    start: toMs(column('start')),
    end: toMs(column('end')),
    rows: column('rows'),
    bytes: column('bytes'),
    reason: column('reason'),
  };
}

/** `db`.`table` of a task @param {Tasks} tasks @param {number} i */
export function tableName(tasks, i) {
  return `${tasks.databases[tasks.database[i]]}.${tasks.names[i]}`;
}
