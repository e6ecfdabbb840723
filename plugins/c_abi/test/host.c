/* A host in plain C99 that loads the library by its path, as one that knows it by nothing else.
 *
 *   host LIBRARY views DB [TENANT]        the views, and how many columns each has
 *   host LIBRARY texts DB VIEW [TENANT]   all rows as TSV, through a scan of texts
 *   host LIBRARY values DB VIEW [TENANT]  the same through a scan of values
 *   host LIBRARY recover DB               makes DB and takes one recovery from start to history
 */
#include <dlfcn.h>
#include <inttypes.h>
#include <obviews_plugin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_PER_BATCH 7

static const obviews_api* api;
static const obviews_reader* reader;
static const obviews_job_calls* calls;

static obviews_error* error;

/* Ends the program with what a call that failed said. */
static void check(int32_t code) {
  if (code == OBVIEWS_OK) return;
  fprintf(stderr, "error %d: %s\n", (int)code, error->message);
  api->error_free(error);
  exit(1);
}

static void load(const char* path) {
  void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  obviews_plugin_function entry;
  if (library == NULL) {
    fprintf(stderr, "%s\n", dlerror());
    exit(1);
  }
  /* POSIX's way around what C does not say about pointers to functions. */
  *(void**)&entry = dlsym(library, "obviews_plugin");
  if (entry == NULL || (api = entry(OBVIEWS_ABI_VERSION, &error)) == NULL) {
    fprintf(stderr, "%s\n", entry == NULL ? "no entry point" : error->message);
    exit(1);
  }
  reader = api->reader;
  calls = api->jobs;
}

/* ---- reading */

static void print_text(obviews_text text) {
  size_t i;
  if (text.data == NULL) {
    fputs("NULL", stdout);
    return;
  }
  for (i = 0; i < text.size; i++) {
    switch (text.data[i]) {
      case '\t':
        fputs("\\t", stdout);
        break;
      case '\n':
        fputs("\\n", stdout);
        break;
      case '\0':
        fputs("\\0", stdout);
        break;
      case '\\':
        fputs("\\\\", stdout);
        break;
      default:
        putchar(text.data[i]);
    }
  }
}

static void print_value(const obviews_value* value) {
  switch (value->kind) {
    case OBVIEWS_NULL:
      fputs("NULL", stdout);
      break;
    case OBVIEWS_INT:
      printf("%" PRId64, value->as.integer);
      break;
    case OBVIEWS_UINT:
      printf("%" PRIu64, value->as.unsigned_integer);
      break;
    case OBVIEWS_REAL:
      printf("%.2f", value->as.real);
      break;
    default:
      print_text(value->as.text);
  }
}

static void end_cell(uint32_t column, uint32_t columns) {
  putchar(column + 1 == columns ? '\n' : '\t');
}

/* Names of columns, as clients print them: if there are rows. */
static void print_names(const obviews_view_info* view) {
  uint32_t c;
  for (c = 0; c < view->column_count; c++) {
    fputs(view->columns[c]->name, stdout);
    end_cell(c, view->column_count);
  }
}

static void print_texts(obviews_scan* scan, const obviews_view_info* view) {
  int named = 0;
  for (;;) {
    const obviews_text_batch* batch;
    uint64_t row;
    uint32_t c;
    check(reader->fetch_texts(scan, ROWS_PER_BATCH, &batch, &error));
    if (batch->row_count == 0) return;
    if (!named++) print_names(view);
    for (row = 0; row < batch->row_count; row++) {
      for (c = 0; c < batch->column_count; c++) {
        print_text(batch->columns[c].texts[row * batch->columns[c].step]);
        end_cell(c, batch->column_count);
      }
    }
  }
}

static void print_values(obviews_scan* scan, const obviews_view_info* view) {
  int named = 0;
  for (;;) {
    const obviews_batch* batch;
    uint64_t row;
    uint32_t c;
    check(reader->fetch(scan, ROWS_PER_BATCH, &batch, &error));
    if (batch->row_count == 0) return;
    if (!named++) print_names(view);
    for (row = 0; row < batch->row_count; row++) {
      for (c = 0; c < batch->column_count; c++) {
        print_value(&batch->values[row * batch->column_count + c]);
        end_cell(c, batch->column_count);
      }
    }
  }
}

static obviews_session* open_session(obviews_store* store, const char* tenant) {
  obviews_session_options options = {.size = sizeof options, .tenant = tenant};
  obviews_session* session;
  check(reader->session_open(store, &options, &session, &error));
  return session;
}

static void list_views(obviews_session* session) {
  const obviews_view_info* const* views;
  size_t count, i;
  check(reader->views(session, &views, &count, &error));
  for (i = 0; i < count; i++) {
    printf("%s\t%u\t%s\n", views[i]->name, (unsigned)views[i]->column_count,
           views[i]->since_version);
  }
}

static void print_view(obviews_session* session, const char* name, int as_texts) {
  const obviews_view_info* view;
  obviews_scan_options options = {.size = sizeof options, .view = name};
  obviews_scan* scan;
  check(reader->describe(session, name, &view, &error));
  if (as_texts) options.flags = OBVIEWS_SCAN_TEXTS;
  check(reader->scan_open(session, NULL, &options, &scan, &error));
  if (as_texts) {
    print_texts(scan, view);
  } else {
    print_values(scan, view);
  }
  check(reader->scan_close(scan, &error));
}

static int read_store(const char* what, const char* db, const char* view, const char* tenant) {
  obviews_store* store;
  obviews_session* session;
  check(reader->store_open(db, NULL, &store, &error));
  session = open_session(store, tenant);
  if (strcmp(what, "views") == 0) {
    list_views(session);
  } else {
    print_view(session, view, strcmp(what, "texts") == 0);
  }
  check(reader->session_close(session, &error));
  check(reader->store_close(store, &error));
  return 0;
}

/* ---- writing */

static obviews_jobs* jobs;
static int64_t recovery;

static obviews_text text_of(const char* text) {
  obviews_text made;
  made.data = text;
  made.size = strlen(text);
  return made;
}

static obviews_record* find(const char* kind, int64_t owner, int64_t tenant, int64_t job) {
  obviews_record* record;
  check(calls->find_by_initiator(jobs, kind, owner, tenant, job, &record, &error));
  if (record == NULL) {
    fprintf(stderr, "no %s of tenant %" PRId64 "\n", kind, owner);
    exit(1);
  }
  return record;
}

static obviews_key key_of(const obviews_record* record) {
  obviews_key key;
  check(calls->record_key(record, &key, &error));
  return key;
}

static void change(const char* kind, obviews_key key, const char* from, const char* to,
                   const obviews_field* fields, size_t count) {
  obviews_change made = {.size = sizeof made, .kind = kind, .from = from, .to = to};
  const obviews_change* changes[1];
  made.key = key;
  made.fields = fields;
  made.field_count = count;
  changes[0] = &made;
  check(calls->advance(jobs, changes, 1, &error));
  check(calls->note_progress(jobs, recovery, &error));
}

/* Takes a record through statuses; `path` ends with NULL. */
static void go(const char* kind, obviews_key key, const char* const* path) {
  for (; path[1] != NULL; path++) change(kind, key, path[0], path[1], NULL, 0);
}

/* The step that ends a life well, with the time of it in the field `when`. */
static void end_well(const char* kind, obviews_key key, const char* from, const char* to,
                     const char* when) {
  obviews_field fields[2] = {{.name = "result"}};
  fields[0].value.kind = OBVIEWS_TEXT;
  fields[0].value.as.text = text_of("SUCCEESS");
  fields[1].name = when;
  fields[1].value.kind = OBVIEWS_INT;
  check(calls->now_usec(jobs, &fields[1].value.as.integer, &error));
  change(kind, key, from, to, fields, 2);
}

static void finish_job(const char* kind, obviews_key key, const char* from, const char* to) {
  end_well(kind, key, from, to, "end_ts");
  check(calls->move_to_history(jobs, kind, &key, to, NULL, 0, &error));
}

/* The id of the restore job. */
static int64_t restore(int64_t sys_job, int64_t aux) {
  static const char* const aux_life[] = {"RESTORE_PRE",
                                         "RESTORE_CREATE_INIT_LS",
                                         "PHYSICAL_RESTORE_WAIT_RESTORE_TO_CONSISTENT_SCN",
                                         "RESTORE_WAIT_LS",
                                         "POST_CHECK",
                                         "UPGRADE",
                                         "RESTORE_SUCCESS",
                                         NULL};
  static const char* const sys_life[] = {"WAIT_TENANT_RESTORE_FINISH", "RESTORE_SUCCESS", NULL};
  obviews_record* record = find("restore_job", 1, 1, sys_job);
  obviews_key key = key_of(record);
  obviews_key aux_key = key;
  aux_key.tenant_id = aux;
  check(calls->make_aux_restore_job(jobs, record, aux, &error));
  go("restore_job", aux_key, aux_life);
  check(calls->move_to_history(jobs, "restore_job", &aux_key, "RESTORE_SUCCESS", NULL, 0, &error));
  go("restore_job", key, sys_life);
  check(calls->move_to_history(jobs, "restore_job", &key, "RESTORE_SUCCESS", NULL, 0, &error));
  check(calls->record_close(record, &error));
  return key.job_id;
}

static void import(obviews_record* user_job, int64_t aux) {
  static const char* const job_life[] = {"IMPORT_TABLE", "RECONSTRUCT_REF_CONSTRAINT", NULL};
  obviews_listed_table tables[2] = {{.size = sizeof tables[0]}, {.size = sizeof tables[1]}};
  const obviews_listed_table* list[2];
  obviews_field imported = {.name = "finished_table_count"};
  obviews_key key = key_of(user_job);
  obviews_record* record;
  int i;
  check(calls->make_import_job(jobs, user_job, aux, &error));
  record = find("import_job", key.tenant_id, key.tenant_id, key.job_id);
  key = key_of(record);
  for (i = 0; i < 2; i++) {
    tables[i].source_database = tables[i].target_database = text_of("shop");
    tables[i].source_table = text_of(i == 0 ? "orders" : "items");
    tables[i].target_table = text_of(i == 0 ? "orders_old" : "items_old");
    tables[i].columns = 4;
    tables[i].rows = 100;
    list[i] = &tables[i];
  }
  check(calls->make_tasks(jobs, record, list, 2, &error));
  check(calls->record_close(record, &error));
  for (i = 1; i <= 2; i++) {
    obviews_key task = key;
    task.task_id = i;
    change("import_task", task, "INIT", "DOING", NULL, 0);
    end_well("import_task", task, "DOING", "FINISH", "completion_ts");
  }
  imported.value.kind = OBVIEWS_UINT;
  imported.value.as.unsigned_integer = 2;
  change("import_job", key, "IMPORT_TABLE", "IMPORT_TABLE", &imported, 1);
  go("import_job", key, job_life);
  finish_job("import_job", key, "RECONSTRUCT_REF_CONSTRAINT", "IMPORT_FINISH");
}

static void print_started(void* context, int64_t sys_job) {
  printf("%s %" PRId64 "\n", (const char*)context, sys_job);
}

static int recover(const char* db) {
  static const char* const sys_life[] = {"PREPARE", "RECOVERING", NULL};
  static const char* const user_life[] = {"PREPARE", "RESTORE_AUX_TENANT", "ACTIVE_AUX_TENANT",
                                          "GEN_IMPORT_JOB", NULL};
  static char started[] = "listener: recovery";
  const int64_t aux = 1010;
  obviews_store_options options = {
      .size = sizeof options, .access = OBVIEWS_READ_WRITE, .flags = OBVIEWS_CREATE_IF_MISSING};
  obviews_statement_result result = {.size = sizeof result};
  obviews_store* store;
  obviews_record* user_job;
  obviews_key sys_key = {1, 0, 0};
  obviews_key user_key;
  int64_t restore_job;
  size_t live;
  check(reader->store_open(db, &options, &store, &error));
  check(calls->jobs_open(store, NULL, &jobs, &error));
  check(calls->set_listener(jobs, print_started, started, &error));
  check(calls->run_statement(
      jobs,
      text_of("ALTER SYSTEM RECOVER TABLE shop.orders, shop.items TO TENANT shop_tenant "
              "FROM 'file:///backup' UNTIL SCN = 1692104831498747191 "
              "WITH 'pool_list=p' REMAP TABLE shop.orders:orders_old, shop.items:items_old"),
      &result, &error));
  sys_key.job_id = recovery = result.sys_job_id;
  check(calls->live_recoveries(jobs, NULL, 0, &live, &error));
  printf("%d live\n", (int)live);
  user_job = find("recover_job", result.target_tenant_id, 1, sys_key.job_id);
  user_key = key_of(user_job);
  go("recover_job", sys_key, sys_life);
  restore_job = restore(sys_key.job_id, aux);
  go("recover_job", user_key, user_life);
  import(user_job, aux);
  finish_job("recover_job", user_key, "IMPORTING", "COMPLETED");
  check(calls->forget_tenant(jobs, aux, restore_job, &error));
  finish_job("recover_job", sys_key, "RECOVERING", "COMPLETED");
  check(calls->live_recoveries(jobs, NULL, 0, &live, &error));
  printf("%d live\n", (int)live);
  check(calls->record_close(user_job, &error));
  check(calls->jobs_close(jobs, &error));
  check(reader->store_close(store, &error));
  return 0;
}

int main(int argc, char** argv) {
  if (argc < 4) {
    fprintf(stderr, "usage: host LIBRARY views|texts|values|recover DB [VIEW] [TENANT]\n");
    return 2;
  }
  load(argv[1]);
  if (strcmp(argv[2], "recover") == 0) return recover(argv[3]);
  if (strcmp(argv[2], "views") == 0) {
    return read_store(argv[2], argv[3], NULL, argc > 4 ? argv[4] : NULL);
  }
  return read_store(argv[2], argv[3], argc > 4 ? argv[4] : "", argc > 5 ? argv[5] : NULL);
}
