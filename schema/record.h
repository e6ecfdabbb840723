// A record in memory: every field of one kind, owned. The form writers, loaders and tests use;
// readers use engine::RecordView, which copies nothing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "schema/records.h"

namespace obviews::schema {

/// The key of a record: order-preserving as stored. `task_id` is 0 for jobs.
struct Key {
  int64_t tenant_id = 0;
  int64_t job_id = 0;
  int64_t task_id = 0;
  friend constexpr auto operator<=>(const Key&, const Key&) = default;
};
/// "(1002, 3, 1047)", or "(1002, 3)" for kinds without tasks.
std::string ToString(const RecordType& type, const Key& key);

/// A field's stored value: NULL, integer, SCN or text. kTime is an int64_t, kPairs a text in the
/// form EncodePairs makes.
using FieldValue = std::variant<std::monostate, int64_t, uint64_t, std::string>;

/// One record. Not thread-safe.
class Record {
 public:
  /// Every field unset (schema::Unset), so a writer sets only what it knows.
  explicit Record(RecordKind kind);

  RecordKind kind() const { return kind_; }
  const RecordType& type() const { return GetRecordType(kind_); }

  const FieldValue& operator[](size_t field) const { return values_[field]; }
  FieldValue& operator[](size_t field) { return values_[field]; }
  size_t size() const { return values_.size(); }

  /// By name; REQUIRES: the kind has such a field.
  void Set(std::string_view field, FieldValue value);
  const FieldValue& Get(std::string_view field) const;
  /// "" for NULL and for integers.
  std::string_view Text(std::string_view field) const;
  /// 0 for NULL and for text.
  int64_t Int(std::string_view field) const;

  Key key() const;

  /// The same values as the live or history twin. REQUIRES: both kinds have the same fields (all
  /// but restore jobs).
  Record AsTwin() const;

  friend bool operator==(const Record&, const Record&) = default;

 private:
  RecordKind kind_;
  std::vector<FieldValue> values_;
};

/// The value of a field nobody set.
FieldValue UnsetValue(const Field& field);

/// (name, value) pairs of a key-value table in one text, and back. A NULL value is a disengaged
/// optional's stand-in: `is_null`. Malformed bytes decode to the pairs before the damage.
struct NamedValue {
  std::string name;
  std::string value;
  bool is_null = false;
  friend bool operator==(const NamedValue&, const NamedValue&) = default;
};
std::string EncodePairs(const std::vector<NamedValue>& pairs);
std::vector<NamedValue> DecodePairs(std::string_view encoded);

}  // namespace obviews::schema
