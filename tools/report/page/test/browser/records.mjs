// Records of one recovery of any size, as lines that obviewsctl load takes, and the hostile names
// that some of them have.

const SECOND = 1_000_000;
const START = 1_692_618_865 * SECOND;

export const HOSTILE_NAMES = [
  '<script>window.hacked = 1</script>',
  '</script><script>window.hacked = 2</script>',
  '<img src=x onerror="window.hacked = 3">',
  `quotes '"\`&amp;{b|c}`,
  'x'.repeat(120),
  'emoji 😀 turned \u202e around \u0007\u0000\n',
  '<!-- no comment',
];
const REASONS = [
  (n) => `result:-4016(), addr:10.0.0.${n % 9}:2882, trace_id:YB42${n.toString(16)}-0-0`,
  () => 'create table with such option: "a\\b" not supported',
  () => 'Entry not exist: <b>the index</b>, oss://b/p?access_key=TOPSECRET',
];

/** Numbers that look random and are the same every time. @param {number} seed */
function random(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** When each table was imported, by so many workers. */
function drive(count, workers, begin) {
  const next = random(count);
  const free = new Array(workers).fill(begin);
  return Array.from({ length: count }, (_, i) => {
    const worker = free.indexOf(Math.min(...free));
    const rows = Math.floor(1000 / (next() + 0.001));
    const from = free[worker];
    const to = from + Math.floor((0.02 + rows / 200_000) * SECOND);
    free[worker] = to;
    // One at least, however few tables there are.
    return { id: i + 1, rows, from, to, failed: i === 1 || next() < 0.02 };
  });
}

/**
 * @param {{tables: number, workers?: number, running?: boolean}} options running: two thirds done
 * @returns {Generator<string>} lines
 */
export function* records({ tables, workers = 8, running = false }) {
  const line = (kind, fields) => `${JSON.stringify({ obviews_record: 1, kind, ...fields })}\n`;
  const restored = START + 1200 * SECOND;
  const listed = restored + 30 * SECOND;
  const driven = drive(tables, workers, listed + SECOND);
  const end = Math.max(...driven.slice(-workers * 4).map(({ to }) => to)) + SECOND;
  const now = running ? driven[Math.floor((tables * 2) / 3)].from : Infinity;
  const history = running ? '' : '_history';
  const aux = `AUX_RECOVER$${START}`;
  const asked = {
    aux_tenant_name: aux,
    target_tenant_name: 'shop',
    target_tenant_id: 1002,
    import_all: 1,
    db_list: '',
    table_list: '',
    restore_scn: (START - 3600 * SECOND) * 1000,
    restore_option: 'pool_list=pool_1',
    backup_dest: 'oss://bucket/data?host=h&access_id=ID&access_key=TOPSECRET',
    backup_set_list: '',
    backup_piece_list: '',
    backup_passwd: 'hunter2hunter2',
    description: 'drill </script><script>window.hacked = 4</script>',
  };
  const outcome = { result: running ? '' : 'SUCCEESS', end_ts: running ? 0 : end, start_ts: START };
  yield line('tenant', { id: 1002, name: 'shop', mode: 'mysql' });
  const sys = { tenant_id: 1, job_id: 1, initiator_tenant_id: 1, initiator_job_id: 0 };
  yield line(`recover_job${history}`, {
    ...sys,
    ...asked,
    ...outcome,
    status: running ? 'RECOVERING' : 'COMPLETED',
  });
  const user = { tenant_id: 1002, job_id: 1, initiator_tenant_id: 1, initiator_job_id: 1 };
  yield line(`recover_job${history}`, {
    ...user,
    ...asked,
    ...outcome,
    status: running ? 'IMPORTING' : 'COMPLETED',
  });
  yield line('restore_job_history', {
    ...{ tenant_id: 1, job_id: 1, initiator_tenant_id: 1, initiator_job_id: 1, status: 'SUCCESS' },
    ...{ restore_tenant_name: aux, restore_tenant_id: 1004, backup_dest: asked.backup_dest },
    ...{ start_time: START + SECOND, finish_time: restored, total_bytes: 3e12, finish_bytes: 3e12 },
  });
  const job = { tenant_id: 1002, job_id: 2 };
  yield line(`import_job${history}`, {
    ...{
      ...job,
      initiator_tenant_id: 1002,
      initiator_job_id: 1,
      src_tenant_name: aux,
      src_tenant_id: 1004,
    },
    ...{
      ...outcome,
      start_ts: listed,
      status: running ? 'IMPORT_TABLE' : 'IMPORT_FINISH',
      import_all: 1,
    },
    ...{ total_table_count: tables, finished_table_count: 0, failed_table_count: 0 },
  });
  for (const { id, rows, from, to, failed } of driven) {
    const status = from > now ? 'INIT' : to > now ? 'DOING' : 'FINISH';
    const over = status === 'FINISH';
    yield line(`import_task${history}`, {
      ...{
        ...job,
        task_id: id,
        src_tenant_id: 1004,
        status,
        start_ts: listed,
        completion_ts: over ? to : -1,
      },
      src_database: `db_${String(Math.floor((id * Math.min(60, Math.ceil(tables / 50))) / (tables + 1))).padStart(2, '0')}`,
      src_table: HOSTILE_NAMES[id - 2] ?? `table_${String(id).padStart(6, '0')}`,
      ...{ total_rows: rows, total_bytes: rows * 200 },
      ...{
        result: over ? (failed ? 'FAILED' : 'SUCCEESS') : '',
        comment: over && failed ? REASONS[id % 3](id) : '',
      },
    });
  }
}
