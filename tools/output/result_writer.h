// Prints result sets in the formats the tools offer, row by row.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "schema/status.h"
#include "schema/value.h"
#include "tools/output/sink.h"

namespace obviews::tools {

enum class Format : uint8_t { kTable, kBatch, kVertical, kCsv, kJson, kJsonLines, kMarkdown };

/// Numbers stand to the right in tables, text to the left.
enum class ColumnKind : uint8_t { kText, kNumeric };

/// What a writer needs to know about a column.
struct ColumnHeader {
  /// As `decimals`: the shortest text that reads back as the same number.
  static constexpr int kShortest = -1;

  std::string_view name;  ///< borrowed during Begin() only
  ColumnKind kind = ColumnKind::kText;
  bool nullable = false;  ///< a table column keeps room for NULL even while none was seen
  int decimals = 2;       ///< digits after the point of Value::Kind::kReal, or kShortest
};

struct OutputOptions {
  bool column_names = true;  ///< false: -N. JSON keeps its keys.
  /// `3 rows in set (0.01 sec)` or `Empty set`, and an empty line, after a table, a vertical
  /// listing and TSV. The other formats never have one.
  bool footer = false;
  /// A table reads this many rows, or this many bytes of them, before it settles its widths.
  size_t table_rows = 10'000;
  size_t table_bytes = size_t{8} << 20;
};

/// One result set: Begin() once, Row() any number of times, End() once. Make a new writer for the
/// next one; several may follow each other on one sink. Not thread-safe.
///
/// Memory is constant for any number of rows, except that a table holds its first rows as
/// OutputOptions says. A writer never flushes the sink. Every call returns the sink's sticky error
/// once a write has failed; sink.reader_gone() tells the quiet ending of `| head` from a full disk.
class ResultWriter {
 public:
  virtual ~ResultWriter() = default;
  ResultWriter(const ResultWriter&) = delete;
  ResultWriter& operator=(const ResultWriter&) = delete;

  /// Starts the result. REQUIRES: at least one column.
  Status Begin(std::span<const ColumnHeader> columns);

  /// Prints one row of as many values as there are columns. Text is borrowed during the call.
  Status Row(std::span<const Value> values);

  /// Prints `rows` rows that are rendered in this writer's format already.
  Status Rendered(std::string_view text, uint64_t rows);

  /// Ends the result; without `elapsed` the footer has no time.
  Status End(std::optional<std::chrono::nanoseconds> elapsed = std::nullopt);

  /// Rows printed so far.
  uint64_t rows() const { return rows_; }

 protected:
  ResultWriter(Sink& sink, const OutputOptions& options) : sink_(sink), options_(options) {}

  virtual void WriteBegin(std::span<const ColumnHeader> columns) = 0;
  /// rows() counts the rows before this one.
  virtual void WriteRow(std::span<const Value> values) = 0;
  /// What must stand before the first row.
  virtual void WriteHeader() {}
  virtual void WriteEnd() {}
  /// Whether OutputOptions::footer applies to this format.
  virtual bool has_footer() const { return false; }

  Sink& sink() { return sink_; }
  const OutputOptions& options() const { return options_; }
  /// ColumnHeader::decimals of a column.
  int decimals(size_t column) const { return decimals_[column]; }

 private:
  void WriteFooter(std::optional<std::chrono::nanoseconds> elapsed);

  Sink& sink_;
  OutputOptions options_;
  std::vector<int> decimals_;
  uint64_t rows_ = 0;
};

/// A writer for one result set in `format`. `sink` must outlive it.
std::unique_ptr<ResultWriter> MakeWriter(Format format, Sink& sink,
                                         const OutputOptions& options = {});

}  // namespace obviews::tools
