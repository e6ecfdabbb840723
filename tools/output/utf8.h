// Strict UTF-8 decoding of one character, and how wide a text stands on a terminal.
#pragma once

#include <locale.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace obviews::tools {

/// One character at the beginning of a text.
struct Utf8Char {
  char32_t code_point = 0;
  uint8_t length = 0;  ///< bytes taken, 1 to 4; 0 when the text begins with no valid character
};

/// Decodes the first character of `text`. Overlong forms, surrogates, values above U+10FFFF and
/// cut sequences are not valid. REQUIRES: text is not empty.
Utf8Char DecodeUtf8(std::string_view text);

/// Measures texts in terminal columns: East Asian wide characters and emoji take 2, combining
/// marks and controls beyond ASCII 0, each byte that is not valid UTF-8 and everything else 1.
/// Sequences joined by ZWJ count as the sum of their parts. The C library's tables for the C.UTF-8
/// locale decide; without that locale every character counts 1. Thread-compatible.
class WidthMeter {
 public:
  WidthMeter();
  ~WidthMeter();
  WidthMeter(const WidthMeter&) = delete;
  WidthMeter& operator=(const WidthMeter&) = delete;

  size_t Measure(std::string_view text) const;

 private:
  size_t MeasureNonAscii(std::string_view text) const;

  locale_t locale_;
};

}  // namespace obviews::tools
