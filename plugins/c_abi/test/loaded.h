// The library as a host loads it, and calls whose errors are kept; for the tests.
#pragma once

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <obviews_plugin.h>

#include <string>
#include <string_view>
#include <vector>

#include "stores.h"

namespace obviews::c_abi::testing {

/// What a call said.
struct Said {
  int32_t code = 0;
  std::string message;
};

inline obviews_plugin_function EntryPoint() {
  void* library = dlopen(OBVIEWS_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  EXPECT_NE(library, nullptr) << dlerror();
  return library == nullptr
             ? nullptr
             : reinterpret_cast<obviews_plugin_function>(dlsym(library, "obviews_plugin"));
}

inline const obviews_api* Api() {
  static const obviews_api* api = EntryPoint()(OBVIEWS_ABI_VERSION, nullptr);
  return api;
}
inline const obviews_reader* Reader() { return Api()->reader; }
inline const obviews_job_calls* Calls() { return Api()->jobs; }

/// Makes a call with an error out-parameter. The code returned is that of the error.
template <class Function, class... Arguments>
Said Try(Function function, Arguments... arguments) {
  obviews_error* error = nullptr;
  Said said;
  said.code = function(arguments..., &error);
  EXPECT_EQ(error == nullptr ? OBVIEWS_OK : error->code, said.code);
  if (error != nullptr) said.message = error->message;
  Api()->error_free(error);
  return said;
}

/// Makes a call that must succeed.
template <class Function, class... Arguments>
void Do(Function function, Arguments... arguments) {
  Said said = Try(function, arguments...);
  EXPECT_EQ(said.code, OBVIEWS_OK) << said.message;
}

inline obviews_text ToText(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view ToView(const obviews_text& text) { return {text.data, text.size}; }
inline obviews_value TextValue(std::string_view text) {
  obviews_value value{};
  value.kind = OBVIEWS_TEXT;
  value.as.text = ToText(text);
  return value;
}
inline obviews_value IntValue(int64_t number) {
  obviews_value value{};
  value.kind = OBVIEWS_INT;
  value.as.integer = number;
  return value;
}

/// A struct of options with its size.
template <class Struct>
Struct Sized() {
  Struct made{};
  made.size = sizeof made;
  return made;
}

/// NULL, and texts and numbers as they are.
inline std::string Shown(const obviews_value& value) {
  switch (value.kind) {
    case OBVIEWS_NULL:
      return "NULL";
    case OBVIEWS_INT:
      return std::to_string(value.as.integer);
    case OBVIEWS_UINT:
      return std::to_string(value.as.unsigned_integer);
    case OBVIEWS_TEXT:
      return std::string(ToView(value.as.text));
    default:
      return "a value of kind " + std::to_string(value.kind);
  }
}

/// A test with a directory of its own for a store at db().
class CAbiTest : public e2e::StoreTest {
 protected:
  static constexpr const char* kTasks = "CDB_OB_IMPORT_TABLE_TASKS";

  void LoadDocument() const {
    ASSERT_EQ(LoadText(e2e::ReadFile(e2e::DataPath("document.md")), {}, "document.md").code, 0);
  }
  /// So many tasks of one job, in the order of TASK_ID 1, 2, ..., by turns INIT and DOING.
  void LoadTasks(int count) const {
    std::string rows = "TENANT_ID\tTASK_ID\tJOB_ID\tSRC_TABLE\tSTATUS\n";
    for (int task = 1; task <= count; ++task) {
      rows += "1002\t" + std::to_string(task) + "\t3\ttable_" + std::to_string(task) + "\t" +
              (task % 2 == 0 ? "DOING" : "INIT") + "\n";
    }
    e2e::Ran ran = LoadText(rows, {"--view", kTasks, "--format", "tsv"}, "tasks.tsv");
    ASSERT_EQ(ran.code, 0) << ran.err;
  }

  obviews_store* Open(uint32_t access = OBVIEWS_FOLLOW, uint32_t flags = 0) const {
    auto options = Sized<obviews_store_options>();
    options.access = access;
    options.flags = flags;
    obviews_store* store = nullptr;
    Do(Reader()->store_open, db().c_str(), &options, &store);
    return store;
  }
  static obviews_session* OpenSession(obviews_store* store, const char* tenant = nullptr) {
    auto options = Sized<obviews_session_options>();
    options.tenant = tenant;
    obviews_session* session = nullptr;
    Do(Reader()->session_open, store, &options, &session);
    return session;
  }
  static uint32_t ColumnOf(obviews_session* session, const char* view, std::string_view name) {
    const obviews_view_info* info = nullptr;
    Do(Reader()->describe, session, view, &info);
    uint32_t column = 0;
    while (column < info->column_count && info->columns[column]->name != name) ++column;
    return column;
  }
  static obviews_scan_options ScanOf(const char* view) {
    auto options = Sized<obviews_scan_options>();
    options.view = view;
    return options;
  }
  static obviews_scan* OpenScan(obviews_session* session, const obviews_scan_options& options) {
    obviews_scan* scan = nullptr;
    Do(Reader()->scan_open, session, nullptr, &options, &scan);
    return scan;
  }
  /// All rows of a scan, a text each, values apart by a blank.
  static std::vector<std::string> RowsOf(obviews_session* session,
                                         const obviews_scan_options& options) {
    obviews_scan* scan = OpenScan(session, options);
    std::vector<std::string> rows;
    while (true) {
      const obviews_batch* batch = nullptr;
      Do(Reader()->fetch, scan, 0, &batch);
      if (batch == nullptr || batch->row_count == 0) break;
      for (uint64_t row = 0; row < batch->row_count; ++row) {
        std::string& text = rows.emplace_back();
        for (uint32_t c = 0; c < batch->column_count; ++c) {
          text += (c == 0 ? "" : " ") + Shown(batch->values[row * batch->column_count + c]);
        }
      }
    }
    Do(Reader()->scan_close, scan);
    return rows;
  }
};

}  // namespace obviews::c_abi::testing
