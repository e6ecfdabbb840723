// A set of a record kind's fields: what a scan is going to read.
#pragma once

#include <cstddef>
#include <cstdint>

namespace obviews::engine {

/// Field indexes below 64, which every record kind keeps to (records.cc asserts it). A value type.
class FieldSet {
 public:
  constexpr FieldSet() = default;
  static constexpr FieldSet All() {
    FieldSet set;
    set.bits_ = ~uint64_t{0};
    return set;
  }
  constexpr void Add(size_t field) { bits_ |= uint64_t{1} << field; }
  constexpr void Add(FieldSet other) { bits_ |= other.bits_; }
  constexpr bool Has(size_t field) const { return (bits_ >> field & 1) != 0; }
  constexpr bool IsEmpty() const { return bits_ == 0; }
  friend constexpr bool operator==(const FieldSet&, const FieldSet&) = default;

 private:
  uint64_t bits_ = 0;
};

}  // namespace obviews::engine
