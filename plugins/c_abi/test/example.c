/* Prints the tables that are being imported:
 *     cc example.c $(pkg-config --cflags --libs obviews) && ./a.out obviews-db */
#include <obviews_plugin.h>
#include <stdio.h>
#include <string.h>

static const obviews_api* api;
static obviews_error* error;

static int fail(void) {
  fprintf(stderr, "error %d: %s\n", (int)error->code, error->message);
  if (api != NULL) api->error_free(error);
  return 1;
}

/* Position of a column that the view has. */
static uint32_t column(const obviews_view_info* view, const char* name) {
  uint32_t at = 0;
  while (strcmp(view->columns[at]->name, name) != 0) at++;
  return at;
}

int main(int argc, char** argv) {
  obviews_store* store;
  obviews_session* session;
  obviews_scan* scan;
  const obviews_view_info* view;
  const obviews_batch* batch;

  if ((api = obviews_plugin(OBVIEWS_ABI_VERSION, &error)) == NULL) return fail();
  const obviews_reader* reader = api->reader;
  if (reader->store_open(argc > 1 ? argv[1] : "obviews-db", NULL, &store, &error) ||
      reader->session_open(store, NULL, &session, &error) ||
      reader->describe(session, "CDB_OB_IMPORT_TABLE_TASKS", &view, &error)) {
    return fail();
  }

  /* WHERE STATUS = 'DOING' */
  obviews_value doing = {.kind = OBVIEWS_TEXT, .as.text = {"DOING", 5}};
  obviews_predicate where = {.size = sizeof where,
                             .kind = OBVIEWS_COMPARE,
                             .op = OBVIEWS_EQ,
                             .column = column(view, "STATUS"),
                             .literals = &doing,
                             .literal_count = 1};
  uint32_t shown[] = {column(view, "TASK_ID"), column(view, "SRC_TABLE")};
  obviews_scan_options options = {.size = sizeof options,
                                  .flags = OBVIEWS_SCAN_COLUMNS,
                                  .view = view->name,
                                  .columns = shown,
                                  .column_count = 2,
                                  .predicate = &where};
  if (reader->scan_open(session, NULL, &options, &scan, &error)) return fail();
  do {
    if (reader->fetch(scan, 0, &batch, &error)) return fail();
    for (uint64_t row = 0; row < batch->row_count; row++) {
      const obviews_value* values = batch->values + row * batch->column_count;
      printf("%lld %.*s\n", (long long)values[0].as.integer, (int)values[1].as.text.size,
             values[1].as.text.data);
    }
  } while (batch->row_count > 0);

  reader->scan_close(scan, NULL);
  reader->session_close(session, NULL);
  return reader->store_close(store, &error) ? fail() : 0;
}
