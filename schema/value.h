// A value of one view column in one row, as every host receives it.
#pragma once

#include <cstdint>
#include <string_view>

namespace obviews {

/// A shown value. Text is borrowed: whoever hands out a Value says how long its bytes live.
/// Trivially copyable; thread-compatible.
class Value {
 public:
  enum class Kind : uint8_t {
    kNull,
    kInt,   ///< signed 64-bit
    kUint,  ///< unsigned 64-bit
    kReal,  ///< a DECIMAL(6,2) of the newer restore views; shown with two decimals
    kText,  ///< bytes, normally UTF-8 but never validated
  };

  constexpr Value() = default;
  static constexpr Value Null() { return {}; }
  static constexpr Value Int(int64_t v) {
    Value r;
    r.kind_ = Kind::kInt;
    r.int_ = v;
    return r;
  }
  static constexpr Value Uint(uint64_t v) {
    Value r;
    r.kind_ = Kind::kUint;
    r.int_ = static_cast<int64_t>(v);
    return r;
  }
  static constexpr Value Real(double v) {
    Value r;
    r.kind_ = Kind::kReal;
    r.real_ = v;
    return r;
  }
  static constexpr Value Text(std::string_view v) {
    Value r;
    r.kind_ = Kind::kText;
    r.text_ = v;
    return r;
  }

  constexpr Kind kind() const { return kind_; }
  constexpr bool is_null() const { return kind_ == Kind::kNull; }
  constexpr int64_t as_int() const { return int_; }
  constexpr uint64_t as_uint() const { return static_cast<uint64_t>(int_); }
  constexpr double as_real() const { return real_; }
  constexpr std::string_view as_text() const { return text_; }

  friend constexpr bool operator==(const Value& a, const Value& b) {
    return a.kind_ == b.kind_ && a.int_ == b.int_ && a.real_ == b.real_ && a.text_ == b.text_;
  }

 private:
  Kind kind_ = Kind::kNull;
  int64_t int_ = 0;
  double real_ = 0;
  std::string_view text_;
};

}  // namespace obviews
