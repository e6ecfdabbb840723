/* The C interface of obviews: reads the views of a record store, and writes the jobs of recoveries.
 *
 * A host loads libobviews_engine.so (dlopen, or links to it), calls its one exported function,
 * obviews_plugin(), and finds everything else in the tables of functions that returns. C99; also
 * C++.
 *
 * RULES THAT HOLD EVERYWHERE
 *
 * Handles. A store, session, snapshot, scan, record or job store is held by an opaque pointer that
 * only this library understands. It may be given away and closed once. A handle that is NULL,
 * closed, of another kind or made up is an error, never undefined behaviour. Whoever closes a
 * handle need not close what was opened from it first: what those still need stays until the last
 * of them is closed.
 *
 * Memory. What a host gives is read during the call alone, and copied where it is needed longer.
 * What the library gives belongs to the handle named beside each function and lives as long as is
 * said there; a host never frees it. The only thing to free is an error (error_free).
 *
 * Errors. Functions return OBVIEWS_OK or the code of an error. Where the last argument, `error`, is
 * not NULL, it is set: to NULL on success, otherwise to an error that the host frees with
 * error_free. Where a call fails, the pointer, number or value it was to set is NULL or 0, and a
 * struct says nothing. Messages are one line or more of UTF-8 for a person and hold no secret.
 *
 * Threads. Functions may be called from any thread, except from signal handlers. Stores, sessions,
 * snapshots and job stores may be used by many threads at once; a scan or record by one at a time
 * (the next call must happen after the one before; two at once are an error).
 *
 * Processes. A child made by fork() cannot use the library if its parent had called any function
 * but obviews_plugin() before, since the threads of the store are not there in the child: all its
 * calls return OBVIEWS_ERROR_FORKED, closing too, and set nothing but the error. After exec() all
 * is well. Such a child may end as it likes; exit() in it ends with the handlers that were
 * registered after the library was first used. A store that is open when the process ends needs no
 * repair, but its next reader is told that its writer did not close it; no call may be running
 * then, for exit() destroys what the library stands on.
 *
 * Growth. Every table and struct of options begins with its size. Within one OBVIEWS_ABI_VERSION
 * they grow at the end alone. A host sets `size` to sizeof its own struct and leaves what it does
 * not use 0, which is the default everywhere; the library takes shorter structs than its own, and
 * longer ones if what it does not know is 0. Before it uses a member that this comment's version of
 * the header did not have, a host asks OBVIEWS_HAS(). Structs without a size never change.
 *
 * What is not checked: that pointers to memory of the host are good, that what was given out is not
 * used after its lifetime, that a callback returns (it must not throw or jump out), and that a
 * thread is not cancelled in the middle of a call.
 */
#ifndef OBVIEWS_PLUGIN_H
#define OBVIEWS_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

/* NOLINTBEGIN: C, and names as in C. */

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this interface. Another one is another interface: there is no compatibility
 * between versions, and libobviews_engine.so.N has version N. */
#define OBVIEWS_ABI_VERSION 1u

/* Whether a table or struct that the library gave has this member. */
#define OBVIEWS_HAS(object, member) \
  ((size_t)(object)->size >= (size_t)((const char*)(&(object)->member + 1) - (const char*)(object)))

#if defined(__GNUC__)
#define OBVIEWS_EXPORT __attribute__((visibility("default")))
#else
#define OBVIEWS_EXPORT
#endif

/* ---- Errors ---------------------------------------------------------------------------------- */

/* Codes of errors. Numbers are never changed or used again; there may be more of them later. */
enum {
  OBVIEWS_OK = 0,
  OBVIEWS_ERROR_INVALID_ARGUMENT = 1, /* what the caller gave is wrong: a name, a value, a
                                         statement, a handle */
  OBVIEWS_ERROR_NOT_FOUND = 2,        /* no such view, tenant or record */
  OBVIEWS_ERROR_CONFLICT = 3,         /* a record is no longer what the change was made for; nothing
                                         was changed: read again */
  OBVIEWS_ERROR_STORE_MISSING = 4,    /* the directory is missing, empty or no record store */
  OBVIEWS_ERROR_STORE_LOCKED = 5,     /* somebody else holds the store for writing */
  OBVIEWS_ERROR_STORE_UNREADABLE = 6, /* permissions or I/O keep the store from being used */
  OBVIEWS_ERROR_STORE_NEWER = 7,      /* the store has a format that this library does not know */
  OBVIEWS_ERROR_CORRUPTION = 8,       /* stored bytes are damaged; they are never shown as rows */
  OBVIEWS_ERROR_INTERNAL = 9,         /* a bug of the library */
  OBVIEWS_ERROR_OUT_OF_MEMORY = 10,
  OBVIEWS_ERROR_ABI_VERSION = 11, /* the library has another version of this interface */
  OBVIEWS_ERROR_FORKED = 12       /* this process was forked from one that used the library */
};

/* Why a call failed. The layout is the same in all versions of the interface, so that the error of
 * obviews_plugin() can be read without it. `message` ends with a zero byte. Any thread. */
typedef struct obviews_error {
  int32_t code;
  uint32_t reserved;
  const char* message;
} obviews_error;

/* ---- Values ---------------------------------------------------------------------------------- */

/* Bytes: most often UTF-8, but what records hold is not checked to be, and may hold zero bytes. Not
 * terminated. No data and no size is NULL; the empty text has data. */
typedef struct obviews_text {
  const char* data;
  size_t size;
} obviews_text;

enum {
  OBVIEWS_NULL = 0,
  OBVIEWS_INT = 1,  /* as.integer */
  OBVIEWS_UINT = 2, /* as.unsigned_integer */
  OBVIEWS_REAL = 3, /* as.real: a number with two decimals */
  OBVIEWS_TEXT = 4, /* as.text */
  OBVIEWS_BLOB = 5  /* as.text; only as a constant of a condition, where it is above all others */
};

typedef struct obviews_value {
  uint32_t kind;
  uint32_t reserved; /* 0 */
  union {
    int64_t integer;
    uint64_t unsigned_integer;
    double real;
    obviews_text text;
  } as;
} obviews_value;

/* ---- Handles --------------------------------------------------------------------------------- */

typedef struct obviews_store obviews_store;       /* an open directory of records */
typedef struct obviews_session obviews_session;   /* who asks: tenant, mode, zones */
typedef struct obviews_snapshot obviews_snapshot; /* one state of a store */
typedef struct obviews_scan obviews_scan;         /* rows of one view */
typedef struct obviews_jobs obviews_jobs;         /* the jobs of a store that is written */
typedef struct obviews_record obviews_record;     /* one record as it is stored, in memory */

/* ---- Stores and sessions --------------------------------------------------------------------- */

enum {
  OBVIEWS_FOLLOW = 0,     /* read what another process may be writing; takes no lock */
  OBVIEWS_READ_ONLY = 1,  /* read the state at opening, for ever; takes no lock */
  OBVIEWS_READ_WRITE = 2, /* the one writer of the store; takes its lock */

  /* Flags, with OBVIEWS_READ_WRITE. */
  OBVIEWS_CREATE_IF_MISSING = 1, /* make the store if the directory is missing or empty */
  OBVIEWS_NO_SYNC = 2            /* a commit may be lost if the machine goes down */
};

typedef struct obviews_store_options {
  uint32_t size;
  uint32_t access;
  uint32_t flags;
  uint32_t reserved;
} obviews_store_options;

enum {
  OBVIEWS_SHOW_SECRETS = 1, /* passwords and keys are ****** without it */
  OBVIEWS_FIXED_NOW = 2     /* progress is told for now_usec instead of the snapshot's time */
};

/* Texts end with a zero byte; NULL is the default. */
typedef struct obviews_session_options {
  uint32_t size;
  uint32_t flags;
  const char* tenant;           /* an id, a name, or sys; default sys */
  const char* mode;             /* mysql or oracle; default: the tenant's own */
  const char* time_zone;        /* +08:00 or an IANA name; default +08:00 */
  const char* system_time_zone; /* of SCN displays; default +08:00 */
  const char* view_version;     /* 4.2.1 (default), 4.2.3 or 4.3.3: shape of the restore views */
  int64_t now_usec;             /* microseconds since the epoch; with OBVIEWS_FIXED_NOW */
} obviews_session_options;

typedef struct obviews_session_info {
  uint32_t size;
  uint32_t oracle_mode; /* 1: Oracle mode, 0: MySQL mode */
  int64_t tenant_id;    /* 0: of a session without a store that is not sys */
  const char* notice;   /* what a person should know, such as that the store has no records of the
                           tenant; "" if nothing. Lives until session_close. */
} obviews_session_info;

typedef struct obviews_snapshot_info {
  uint32_t size;
  uint32_t reserved;
  uint64_t commits;       /* how many the state comes of; 0 in a new store */
  int64_t committed_usec; /* when the last of them happened; 0: never */
  int64_t taken_usec;     /* when the snapshot was taken; microseconds since the epoch, as above */
} obviews_snapshot_info;

/* ---- Views ----------------------------------------------------------------------------------- */

enum {
  OBVIEWS_COLUMN_INTEGER = 0, /* shown as OBVIEWS_INT or OBVIEWS_UINT */
  OBVIEWS_COLUMN_REAL = 1,    /* shown as OBVIEWS_REAL */
  OBVIEWS_COLUMN_TEXT = 2     /* shown as OBVIEWS_TEXT */
};

typedef struct obviews_column_info {
  uint32_t size;
  uint32_t kind;      /* OBVIEWS_COLUMN_*: what a host declares the column as */
  uint32_t nullable;  /* 1 or 0 */
  uint32_t key;       /* 1: part of what tells rows apart */
  uint32_t max_bytes; /* longer texts are cut; 0: never */
  uint32_t reserved;
  const char* name;       /* upper case */
  const char* type;       /* as the server declares it in this mode */
  const char* source;     /* table and column its value comes from */
  const char* conversion; /* how that becomes what is shown */
  const char* meaning;    /* one line for people */
} obviews_column_info;

typedef struct obviews_view_info {
  uint32_t size;
  uint32_t own;              /* 1: a view of obviews, which no server has */
  const char* name;          /* upper case */
  const char* schema;        /* oceanbase or SYS */
  const char* since_version; /* the server's */
  uint32_t view_id;          /* the server's id; 0: none */
  uint32_t column_count;
  const obviews_column_info* const* columns; /* in the order of the view */
} obviews_view_info;

/* ---- Scans ----------------------------------------------------------------------------------- */

enum {
  OBVIEWS_AND = 1,     /* children; of none: true */
  OBVIEWS_OR = 2,      /* children; of none: false */
  OBVIEWS_NOT = 3,     /* one child */
  OBVIEWS_COMPARE = 4, /* column, op, one literal */
  OBVIEWS_IN = 5,      /* column, literals */
  OBVIEWS_IS_NULL = 6, /* column */
  OBVIEWS_LIKE = 7     /* column, one OBVIEWS_TEXT, escape; up to the first zero byte of either */
};

enum {
  OBVIEWS_EQ = 0,
  OBVIEWS_NE = 1,
  OBVIEWS_LT = 2,
  OBVIEWS_LE = 3,
  OBVIEWS_GT = 4,
  OBVIEWS_GE = 5
};

/* Limits of a condition: levels, nodes (a node used twice counts twice), literals. */
#define OBVIEWS_MAX_PREDICATE_DEPTH 200
#define OBVIEWS_MAX_PREDICATE_NODES 100000
#define OBVIEWS_MAX_PREDICATE_LITERALS 1000000

/* A condition on shown values, true, false or unknown as in SQL; rows are those it is true of.
 * Texts compare by bytes, LIKE ignores ASCII case, a number beside a text column is its text and a
 * text beside a number column its number: SQLite's rules. An OBVIEWS_UINT above 2^63-1 compares as
 * a real, and a real that is not a number as NULL. Members that a kind does not use are 0. */
typedef struct obviews_predicate {
  uint32_t size;
  uint32_t kind;
  uint32_t column; /* position in the view */
  uint32_t op;
  const struct obviews_predicate* const* children;
  size_t child_count;
  const obviews_value* literals;
  size_t literal_count;
  uint32_t escape; /* a code point; 0: none */
  uint32_t reserved;
} obviews_predicate;

enum {
  OBVIEWS_SCAN_TEXTS = 1,    /* for fetch_texts: all values as text, most of them not copied */
  OBVIEWS_SCAN_LIMIT = 2,    /* at most `limit` rows */
  OBVIEWS_SCAN_COLUMNS = 4,  /* only `columns`, in their order; without it all of the view */
  OBVIEWS_SCAN_KEY_ORDER = 8 /* by TENANT_ID, JOB_ID, TASK_ID, also where that costs more */
};

typedef struct obviews_scan_options {
  uint32_t size;
  uint32_t flags;
  const char* view;        /* name; ASCII case ignored */
  const uint32_t* columns; /* positions in the view; one may come twice */
  size_t column_count;
  const obviews_predicate* predicate; /* NULL: every row */
  uint64_t limit;
  uint64_t offset; /* rows passed over first */
} obviews_scan_options;

/* Rows of values. Row r has values[r * column_count + c]. */
typedef struct obviews_batch {
  uint32_t size;
  uint32_t column_count;
  uint64_t row_count;
  const obviews_value* values;
} obviews_batch;

enum {
  OBVIEWS_TEXTS_OF_NUMBERS = 1, /* shown values are numbers */
  OBVIEWS_TEXTS_PLAIN = 2       /* nothing but digits and the signs of numbers and times */
};

/* One column of texts. Row r has texts[r * step]: step is 0 where all rows show the same. */
typedef struct obviews_text_column {
  const obviews_text* texts;
  uint32_t step;
  uint32_t flags;
} obviews_text_column;

typedef struct obviews_text_batch {
  uint32_t size;
  uint32_t column_count;
  uint64_t row_count;
  const obviews_text_column* columns;
} obviews_text_batch;

/* How a scan is answered, and what it did so far. Conditions are in SQL. */
typedef struct obviews_explanation {
  uint32_t size;
  uint32_t reserved;
  const char* view;
  const char* access_path;    /* point, range, index or full */
  const obviews_text* ranges; /* key ranges; none: every record is visited */
  size_t range_count;
  const obviews_text* pushed; /* conditions that keys and stored fields answer */
  size_t pushed_count;
  const obviews_text* residual; /* conditions that are tested on shown values */
  size_t residual_count;
  uint64_t records_read;
  uint64_t records_decoded;
  uint64_t records_returned;
  uint64_t out_of_range; /* values that show as NULL because no time text can hold them */
  const char* warning;   /* the first of those; "" if none */
} obviews_explanation;

/* Reads stores. */
typedef struct obviews_reader {
  uint32_t size;
  uint32_t abi_version;

  /* Opens a store. `options` may be NULL: to follow. A process may open a store several times, but
   * once for writing. Errors: STORE_MISSING, STORE_LOCKED, STORE_UNREADABLE, STORE_NEWER,
   * CORRUPTION. */
  int32_t (*store_open)(const char* directory, const obviews_store_options* options,
                        obviews_store** store, obviews_error** error);
  /* Lets a store go. If nothing that was opened from it is open any more it is closed now, and what
   * goes wrong with that is told; otherwise with the last of those. Nothing that was committed is
   * lost either way. */
  int32_t (*store_close)(obviews_store* store, obviews_error** error);
  /* What a person should know about the store, such as that its last writer did not close it.
   * `notices` are the store's, and live until store_close. */
  int32_t (*store_notices)(const obviews_store* store, const obviews_text** notices, size_t* count,
                           obviews_error** error);

  /* A session on a store. `options` may be NULL: the sys tenant. Without a store (NULL), the
   * session describes views, and that is all it can do; it is the sys tenant's unless `tenant` is
   * something else than sys or `mode` is oracle. Errors: INVALID_ARGUMENT for bad options,
   * NOT_FOUND for a name of no tenant. */
  int32_t (*session_open)(const obviews_store* store, const obviews_session_options* options,
                          obviews_session** session, obviews_error** error);
  int32_t (*session_close)(obviews_session* session, obviews_error** error);
  /* `info->size` is set by the host. */
  int32_t (*session_info)(const obviews_session* session, obviews_session_info* info,
                          obviews_error** error);

  /* The views of a session's tenant, in the catalog's order, and one of them by its name (ASCII
   * case ignored; NOT_FOUND names the nearest). They are the session's, live until session_close,
   * and never change. */
  int32_t (*views)(const obviews_session* session, const obviews_view_info* const** views,
                   size_t* count, obviews_error** error);
  int32_t (*describe)(const obviews_session* session, const char* view,
                      const obviews_view_info** info, obviews_error** error);

  /* The present state of a store: one state across all views. While it is open it keeps the disk
   * space of what it sees. */
  int32_t (*snapshot_take)(const obviews_store* store, obviews_snapshot** snapshot,
                           obviews_error** error);
  int32_t (*snapshot_close)(obviews_snapshot* snapshot, obviews_error** error);
  /* `info->size` is set by the host. */
  int32_t (*snapshot_info)(const obviews_snapshot* snapshot, obviews_snapshot_info* info,
                           obviews_error** error);

  /* Begins a scan. `snapshot` is one of the session's store; NULL: a new one of the scan's own. A
   * scan keeps what it needs, so session and snapshot may be closed before it. Errors: NOT_FOUND
   * for no such view, INVALID_ARGUMENT for what is wrong with the options. */
  int32_t (*scan_open)(const obviews_session* session, const obviews_snapshot* snapshot,
                       const obviews_scan_options* options, obviews_scan** scan,
                       obviews_error** error);
  int32_t (*scan_close)(obviews_scan* scan, obviews_error** error);
  /* The next rows, at most `max_rows` (0: as many as suit the library), and at least one unless the
   * scan is at its end. Batch, values and texts are the scan's and live until the next fetch or
   * scan_close. fetch copies texts into the batch; fetch_texts leaves them where they are if it
   * can, which makes whole views of history tasks several times as fast. It is for scans with
   * OBVIEWS_SCAN_TEXTS, and fetch for the others. Errors: CORRUPTION, which names
   * the record, after the rows before it; the scan ends with it. */
  int32_t (*fetch)(obviews_scan* scan, uint64_t max_rows, const obviews_batch** batch,
                   obviews_error** error);
  int32_t (*fetch_texts)(obviews_scan* scan, uint64_t max_rows, const obviews_text_batch** batch,
                         obviews_error** error);
  /* `explanation` is the scan's and lives until it is asked for again or scan_close. */
  int32_t (*explain)(obviews_scan* scan, const obviews_explanation** explanation,
                     obviews_error** error);
  /* How many rows such a scan has; of tasks often told from counts that the store keeps. */
  int32_t (*count_rows)(const obviews_session* session, const obviews_snapshot* snapshot,
                        const obviews_scan_options* options, uint64_t* rows, obviews_error** error);
} obviews_reader;

/* ---- Jobs ------------------------------------------------------------------------------------ */

/* Kinds of records have the names recover_job, import_job, import_task and restore_job, and with
 * _history those in history. Names of fields are those of the server's tables; record_field lists
 * them. docs/lifecycle.md has the statuses and what may follow which. */

/* Of jobs task_id is 0. Never changes. */
typedef struct obviews_key {
  int64_t tenant_id;
  int64_t job_id;
  int64_t task_id;
} obviews_key;

/* A field by its name and what to set it to: OBVIEWS_TEXT for texts, OBVIEWS_INT or OBVIEWS_UINT
 * for integers, OBVIEWS_NULL where the field may be NULL. Times are microseconds since the epoch.
 * Never changes. */
typedef struct obviews_field {
  const char* name;
  obviews_value value;
} obviews_field;

enum {
  /* A statement whose tenant the store does not know is refused. Without it a RECOVER gives the
   * tenant the next even id, and registers it. */
  OBVIEWS_STRICT_TENANTS = 1
};

typedef struct obviews_jobs_options {
  uint32_t size;
  uint32_t flags;
  const char* address;          /* host:port in comments of failures; default 127.0.0.1:2882 */
  const char* system_time_zone; /* UNTIL TIME is read in it; default +08:00 */
  /* The time of day, microseconds since the epoch; NULL: the system's clock. Called with `context`
   * from any thread that makes a change, until jobs_close and the last call have returned. */
  int64_t (*now_usec)(void* context);
  void* context;
} obviews_jobs_options;

typedef struct obviews_statement_result {
  uint32_t size;
  uint32_t reserved;
  int64_t sys_job_id; /* of the recovery that was started; 0: none */
  int64_t target_tenant_id;
  uint64_t canceled_recover_jobs;
  uint64_t canceled_import_jobs;
  uint64_t observed_jobs; /* live jobs that were loaded, and so were not touched */
} obviews_statement_result;

/* A recovery to be started: what was asked for, resolved and checked by the host. Lists are in the
 * server's form, `db`.`table`,`db`.`other`; with import_all they are empty. A text without data is
 * empty, or NULL where that is said. */
typedef struct obviews_start_request {
  uint32_t size;
  uint32_t import_all; /* 1: all tables of the backup */
  int64_t target_tenant_id;
  obviews_text target_tenant_name;
  uint64_t restore_scn; /* nanoseconds since the epoch */
  obviews_text db_list;
  obviews_text table_list;
  obviews_text remap_db_list;
  obviews_text remap_table_list;
  obviews_text remap_tablegroup_list;
  obviews_text remap_tablespace_list;
  obviews_text backup_dest;
  obviews_text restore_option;
  obviews_text backup_set_list;
  obviews_text backup_piece_list;
  obviews_text backup_tenant_name;
  obviews_text backup_cluster_name;
  int64_t backup_tenant_id;
  obviews_text backup_passwd;     /* may be NULL; a secret */
  obviews_text external_kms_info; /* may be NULL; a secret */
  obviews_text description;       /* may be NULL */
} obviews_start_request;

/* A change of one record: its status from one to another, or the same one to set fields alone. */
typedef struct obviews_change {
  uint32_t size;
  uint32_t reserved;
  const char* kind; /* of a live record */
  obviews_key key;
  const char* from;
  const char* to;
  const obviews_field* fields; /* not of the key, and not status */
  size_t field_count;
} obviews_change;

/* A table to import, with its name after all remaps. Table groups and tablespaces may be NULL. */
typedef struct obviews_listed_table {
  uint32_t size;
  uint32_t reserved;
  obviews_text source_database;
  obviews_text source_table;
  obviews_text source_tablegroup;
  obviews_text source_tablespace;
  obviews_text target_database;
  obviews_text target_table;
  obviews_text target_tablegroup;
  obviews_text target_tablespace;
  int64_t columns;
  int64_t bytes;
  int64_t rows;
  int64_t indexes;
  int64_t constraints;
  int64_t ref_constraints;
  int64_t triggers;
} obviews_listed_table;

/* Writes what happens to recoveries. Who drives a recovery calls this: nothing here decides what
 * comes next. Every call that changes something is one commit, which is made whole or not at all.
 * Only recoveries that were started in the store may be driven; those that were loaded are
 * observed. */
typedef struct obviews_job_calls {
  uint32_t size;
  uint32_t abi_version;

  /* The jobs of a store that is open for writing. `options` may be NULL. A store has one at a time,
   * which gives out the ids. */
  int32_t (*jobs_open)(const obviews_store* store, const obviews_jobs_options* options,
                       obviews_jobs** jobs, obviews_error** error);
  int32_t (*jobs_close)(obviews_jobs* jobs, obviews_error** error);
  /* Called after every start and cancel with the sys job's id, by the thread that committed; it may
   * call the library. Replaces the one set before, which may still be running in other threads;
   * NULL: none. */
  int32_t (*set_listener)(obviews_jobs* jobs, void (*listener)(void* context, int64_t sys_job_id),
                          void* context, obviews_error** error);

  /* Runs ALTER SYSTEM RECOVER TABLE ... or ALTER SYSTEM CANCEL RECOVER TABLE .... Errors:
   * INVALID_ARGUMENT with the server's code and the place in the statement, NOT_FOUND for an
   * unknown tenant. `result` may be NULL; its size is set by the host. */
  int32_t (*run_statement)(obviews_jobs* jobs, obviews_text statement,
                           obviews_statement_result* result, obviews_error** error);
  /* Makes the sys recover job and the restore job, then the target tenant's recover job. Errors:
   * INVALID_ARGUMENT with -4179 while the target has a live recovery. */
  int32_t (*start)(obviews_jobs* jobs, const obviews_start_request* request, int64_t* sys_job_id,
                   obviews_error** error);
  /* The target tenant's recover job of a sys job, if it has none yet, live or in history. */
  int32_t (*ensure_user_job)(obviews_jobs* jobs, int64_t sys_job_id, obviews_error** error);
  /* Sets the live import and recover jobs of a tenant to CANCELING. No job is a success. `result`
   * as above. */
  int32_t (*cancel)(obviews_jobs* jobs, int64_t tenant_id, obviews_statement_result* result,
                    obviews_error** error);

  /* Makes all changes in one commit. Errors: INVALID_ARGUMENT for a step that no life has and for
   * fields that cannot be set; CONFLICT if a record no longer has its `from`. */
  int32_t (*advance)(obviews_jobs* jobs, const obviews_change* const* changes, size_t count,
                     obviews_error** error);
  /* The auxiliary tenant's own restore job, of a sys tenant's restore_job in CREATE_TENANT, which
   * goes to WAIT_TENANT_RESTORE_FINISH. */
  int32_t (*make_aux_restore_job)(obviews_jobs* jobs, const obviews_record* restore_job,
                                  int64_t aux_tenant_id, obviews_error** error);
  /* The import job of a target tenant's recover_job in GEN_IMPORT_JOB, which goes to IMPORTING. */
  int32_t (*make_import_job)(obviews_jobs* jobs, const obviews_record* recover_job,
                             int64_t aux_tenant_id, obviews_error** error);
  /* One task for each table of an import_job in INIT, which goes to IMPORT_TABLE. */
  int32_t (*make_tasks)(obviews_jobs* jobs, const obviews_record* import_job,
                        const obviews_listed_table* const* tables, size_t count,
                        obviews_error** error);
  /* Moves a finished recover_job, restore_job, or import_job with its tasks, to history. `from` is
   * the status the caller saw. `fields` are set in the history record. */
  int32_t (*move_to_history)(obviews_jobs* jobs, const char* kind, const obviews_key* key,
                             const char* from, const obviews_field* fields, size_t field_count,
                             obviews_error** error);
  /* Removes the restore records of an auxiliary tenant that was dropped. */
  int32_t (*forget_tenant)(obviews_jobs* jobs, int64_t aux_tenant_id, int64_t restore_job_id,
                           obviews_error** error);

  /* The sys job ids of the live recoveries that may be driven, in order. Sets `count` to how many
   * there are and fills in `ids` as far as its `capacity` goes. */
  int32_t (*live_recoveries)(const obviews_jobs* jobs, int64_t* ids, size_t capacity, size_t* count,
                             obviews_error** error);
  /* A record of any kind; no record is NULL, and a success. */
  int32_t (*find)(const obviews_jobs* jobs, const char* kind, const obviews_key* key,
                  obviews_record** record, obviews_error** error);
  /* The job that `owner` has and that this job of another tenant is the initiator of. By key. */
  int32_t (*find_by_initiator)(const obviews_jobs* jobs, const char* kind, int64_t owner,
                               int64_t initiator_tenant, int64_t initiator_job,
                               obviews_record** record, obviews_error** error);

  /* A record is a copy of what was stored when it was found, secrets too. Texts live until
   * record_close. */
  int32_t (*record_close)(obviews_record* record, obviews_error** error);
  int32_t (*record_key)(const obviews_record* record, obviews_key* key, obviews_error** error);
  /* NOT_FOUND if its kind has no such field. */
  int32_t (*record_get)(const obviews_record* record, const char* field, obviews_value* value,
                        obviews_error** error);
  /* The fields one after the other; NOT_FOUND for an index behind the last. The name ends with a
   * zero byte and lives until record_close. */
  int32_t (*record_field)(const obviews_record* record, size_t index, obviews_field* field,
                          obviews_error** error);

  /* The time changes are stamped with. It never runs backwards. */
  int32_t (*now_usec)(const obviews_jobs* jobs, int64_t* usec, obviews_error** error);
  /* The comment of a failure with a server's (negative) code: `result:<code>(), addr:...,
   * trace_id:...`. Writes up to `capacity` bytes, the last of which is zero, into `comment`; `size`
   * is what all of it takes, without the zero. */
  int32_t (*failure_comment)(const obviews_jobs* jobs, int32_t code, char* comment, size_t capacity,
                             size_t* size, obviews_error** error);
  /* Looks how far a live recovery is and keeps that: CDB_OB_RECOVER_TABLE_PROGRESS tells rates and
   * ends from such looks. It is written with the next change of any job, so it waits for no disk.
   * Worth a call after each step of a recovery, and every second or so between. NOT_FOUND if there
   * is no such recovery that may be driven. */
  int32_t (*note_progress)(obviews_jobs* jobs, int64_t sys_job_id, obviews_error** error);
} obviews_job_calls;

/* ---- The entry point ------------------------------------------------------------------------- */

/* Everything there is. The tables live as long as the process. */
typedef struct obviews_api {
  uint32_t size;
  uint32_t abi_version;
  const char* library_version; /* of obviews, such as 0.1.0 */
  /* Frees an error. NULL, and one that was freed, are passed over. */
  void (*error_free)(obviews_error* error);
  const obviews_reader* reader;
  const obviews_job_calls* jobs;
} obviews_api;

/* The tables of this version of the interface: give OBVIEWS_ABI_VERSION. The same ones whoever asks
 * and however often. NULL if the library has another version; `*error`, if `error` is not NULL,
 * then names both, lives until this thread's next such call, and needs not be freed. Any thread;
 * also in a forked child. The library stays in the process when it is unloaded (dlclose), so it may
 * be loaded again; handles stay good meanwhile. */
OBVIEWS_EXPORT const obviews_api* obviews_plugin(uint32_t abi_version, obviews_error** error);

/* The type of obviews_plugin, for dlsym. */
typedef const obviews_api* (*obviews_plugin_function)(uint32_t abi_version, obviews_error** error);

#ifdef __cplusplus
}
#endif

/* NOLINTEND */

#endif /* OBVIEWS_PLUGIN_H */
