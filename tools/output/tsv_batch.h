// Batches of shown rows as TSV, the format of --batch: what is printed most, so made for speed.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "virtual_tables/row_batch.h"

namespace obviews::tools {

/// Renders batches. Reuse one object: it keeps its memory. Not thread-safe.
class TsvBatch {
 public:
  /// Appends `rows` rows as the --batch writer prints them, each with its newline.
  void Append(std::span<const vtab::ShownColumn> columns, size_t rows, std::string* out);

 private:
  /// A stretch of each line: the same bytes in all of them, then one column.
  struct Segment {
    std::string bytes;
    const vtab::ShownColumn* column = nullptr;
  };
  void MakeSegments(std::span<const vtab::ShownColumn> columns);

  std::vector<Segment> segments_;
  std::string end_;      ///< of every line
  std::string escaped_;  ///< a cell that differs from its text
};

}  // namespace obviews::tools
