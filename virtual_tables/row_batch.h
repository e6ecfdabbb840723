// Rows of a view as text, many at a time: how whole views are printed. What all rows of a batch
// have in common is shown once.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "virtual_tables/view_cursor.h"

namespace obviews::vtab {

/// One column of a batch. NULL is a text without data (data() == nullptr); the empty text has data.
struct ShownColumn {
  bool constant = false;                    ///< all rows show `text`
  bool number = false;                      ///< shown values are numbers
  bool plain = false;                       ///< nothing but digits and the signs of times
  std::string_view text;                    ///< if constant
  std::span<const std::string_view> texts;  ///< else one a row

  std::string_view at(size_t row) const { return constant ? text : texts[row]; }
};

/// Walks a view as ViewCursor does, in batches. Not thread-safe. Keeps its snapshot alive.
class BatchCursor {
 public:
  /// A request that names columns has just those in its batches, in that order.
  BatchCursor(std::shared_ptr<const engine::Snapshot> snapshot, const Session& session,
              ScanRequest request);
  ~BatchCursor();
  BatchCursor(BatchCursor&&) noexcept;
  BatchCursor& operator=(BatchCursor&&) noexcept;

  /// Moves to the next rows, at least one. False at the end. Errors: damage.
  Result<bool> Next();

  size_t rows() const;
  /// Live until Next.
  std::span<const ShownColumn> columns() const;

  const Plan& plan() const;
  ScanStats stats() const;
  std::string warning() const;
  /// Times that showed as NULL because no text can hold them, and the first of them in words.
  uint64_t out_of_range_count() const;
  const std::string& first_out_of_range() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace obviews::vtab
