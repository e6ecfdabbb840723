// Values of a view's columns in the rows of one stored block: what all rows of the block have in
// common is worked out once, and a value is shown when it is asked for. For hosts that take rows
// one by one, but come to all of them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/record_block.h"
#include "virtual_tables/materialise.h"

namespace obviews::vtab {

/// How the times of views of MySQL mode come.
enum class TimeForm : uint8_t {
  kShown,         ///< as texts, as everywhere
  kMicroseconds,  ///< as an Int, since the epoch, also one that no text can show
};

/// Shows the columns of one view. Not thread-safe.
class BlockValues {
 public:
  /// `view` must outlive it. `columns`: those that will be asked for.
  BlockValues(std::shared_ptr<const engine::Snapshot> snapshot, const Session& session,
              const schema::View& view, const std::vector<size_t>& columns, TimeForm times);

  /// Turns to a block, of which the columns' fields can be read. It must live, unchanged, until the
  /// next one.
  void Begin(const engine::RecordBlock& block);

  /// Whether all rows of the block show the same in a column. May say no although they do.
  bool IsAlike(size_t column) const { return columns_[column].way == Way::kAlike; }
  /// The shown value. Its text lives until the same column is asked for again, or the next block.
  /// Errors: damage of a text that lives outside its record. REQUIRES: a column that was named.
  Result<Value> Show(uint32_t row, size_t column);

  /// See Materialiser.
  uint64_t out_of_range_count() const { return shower_.out_of_range_count(); }
  const std::string& first_out_of_range() const { return shower_.first_out_of_range(); }

 private:
  /// How a column's values are found in the present block.
  enum class Way : uint8_t {
    kEach,     ///< as the Materialiser does
    kAlike,    ///< `alike`
    kInteger,  ///< the packed number
    kTime,     ///< the packed number, or NULL where it says "no time"
    kText,     ///< the stored text
  };
  struct Column {
    size_t field = 0;
    bool is_integer = false;
    bool is_unsigned = false;
    bool is_time = false;
    bool is_raw_text = false;  ///< texts are shown as they are
    schema::Conversion conversion = schema::Conversion::kNone;

    Way way = Way::kEach;
    const engine::PackedColumn* packed = nullptr;
    Value alike;
  };

  static Way WayOf(const engine::RecordBlock& block, Column& column);

  Materialiser shower_;
  std::vector<size_t> asked_;
  std::vector<Column> columns_;  ///< by column of the view
  const engine::RecordBlock* block_ = nullptr;
};

}  // namespace obviews::vtab
