// Prints what statements and scans yield, in the format asked for.
#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <memory>
#include <span>
#include <vector>

#include "tools/output/result_writer.h"
#include "virtual_tables/sql/sql_session.h"

namespace obviews::tools {

/// The output options of a tool, as the MySQL client has them.
struct PrintOptions {
  bool vertical = false;
  bool table = false;
  bool batch = false;
  bool csv = false;
  bool json = false;
  bool json_lines = false;
  bool markdown = false;
  bool skip_names = false;
  bool verbose = false;

  void AddTo(CLI::App& app);
  /// Whether at most one format was asked for.
  Status Check() const;
  /// A table on a terminal, TSV otherwise, unless an option says which.
  Format format(bool on_terminal) const;
  friend bool operator==(const PrintOptions&, const PrintOptions&) = default;
};

/// Whether results are printed with what only people need, such as which of several views a result
/// is: on a terminal, with -t and with -v, unless the format is one for programs.
bool ForPeople(const PrintOptions& options);

/// One result set on its way to the output. Not thread-safe.
class ResultPrinter final : public vtab::sql::RowReceiver {
 public:
  /// `vertical_wanted`: the statement ended in \G.
  ResultPrinter(Sink& sink, const PrintOptions& options, bool vertical_wanted);

  Status Begin(std::span<const vtab::sql::ResultColumn> columns) override;
  Status Row(std::span<const Value> values) override;
  /// Rows that are rendered in format() already.
  Status Rendered(std::string_view text, uint64_t rows) { return writer_->Rendered(text, rows); }
  Format format() const { return format_; }
  /// Ends the result, if there was one, and hands it to the output.
  Status End();

 private:
  Sink& sink_;
  Format format_;
  OutputOptions options_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::unique_ptr<ResultWriter> writer_;
};

/// What scans did, for people or as JSON.
void PrintExplain(Sink& sink, std::span<const vtab::sql::ScanReport> scans, bool json);

}  // namespace obviews::tools
