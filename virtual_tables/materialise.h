// From stored fields to shown values: the one place where a record becomes what a person reads.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/store.h"
#include "schema/conversions.h"
#include "schema/value.h"
#include "virtual_tables/session.h"

namespace obviews::vtab {

/// Shows columns of one view's records, each only when asked for. Not thread-safe.
class Materialiser {
 public:
  /// `view` must outlive it.
  Materialiser(std::shared_ptr<const engine::Snapshot> snapshot, const Session& session,
               const schema::View& view);

  /// The shown value. Its text lives until the same column is shown again or the record's bytes go.
  /// Errors: damage of a text that lives outside its record.
  Result<Value> Show(const engine::RecordView& record, size_t column);

  /// What a text column shows for a raw text. Borrows either, as Show does. REQUIRES: a column of
  /// conversion kNone over a text.
  Value ShowRaw(std::string_view raw, size_t column);
  /// Notes a time outside the type's range that the column showed as NULL.
  void CountOutOfRange(const schema::Key& key, size_t column, int64_t raw);

  /// Whether the raw text of a column is what is shown, so that it may be compared in place.
  bool ShowsRawText(size_t column) const;
  /// Whether an empty text shows as NULL (Oracle mode).
  bool EmptyIsNull() const { return session_.mode == schema::Mode::kOracle; }

  /// Values shown so far.
  uint64_t shown_count() const { return shown_count_; }

  /// Times outside the type's range, which showed as NULL: how many (a value shown twice in a row,
  /// for a filter and for the host, counts once), and the first of them in words: that of the
  /// smallest key, of its columns the leftmost, in whatever order they were shown.
  uint64_t out_of_range_count() const { return out_of_range_count_; }
  const std::string& first_out_of_range() const { return first_out_of_range_; }
  /// Where that is: record and column.
  using Place = std::pair<schema::Key, size_t>;
  const std::optional<Place>& first_out_of_range_at() const { return first_out_of_range_at_; }

 private:
  /// A column's own memory: rendered times and texts that had to be copied.
  struct Buffer {
    schema::TextBuffer small;
    std::string large;
    std::optional<schema::Key> out_of_range_at;  ///< the record whose value was counted last
  };

  Result<Value> ShowText(const engine::RecordView& record, size_t column);
  Result<std::string_view> RawText(const engine::RecordView& record, size_t field, Buffer& buffer);
  Result<Value> ShowTime(const engine::RecordView& record, size_t column);
  Result<Value> ShowScn(const engine::RecordView& record, size_t column);
  Result<Value> ShowPercent(const engine::RecordView& record, size_t column);
  Value ShowBytes(const engine::RecordView& record, size_t column);
  Value Shown(schema::ShownText text, const engine::RecordView& record, size_t column, int64_t raw);
  /// The integer of a field, or of the number a key-value text begins with. False: NULL.
  Result<bool> RawNumber(const engine::RecordView& record, size_t field, Buffer& buffer,
                         int64_t* number);

  std::shared_ptr<const engine::Snapshot> snapshot_;
  Session session_;
  const schema::View& view_;
  std::vector<Buffer> buffers_;
  uint64_t shown_count_ = 0;
  uint64_t out_of_range_count_ = 0;
  std::string first_out_of_range_;
  std::optional<Place> first_out_of_range_at_;
};

}  // namespace obviews::vtab
