// UTF-8 decoding by the table of well-formed sequences, and widths by the C library.
#include "tools/output/utf8.h"

#include <wchar.h>

#include <algorithm>

namespace obviews::tools {
namespace {

// Makes wcwidth() of this thread answer for `locale`; the thread's own locale comes back after.
class ThreadLocale {
 public:
  explicit ThreadLocale(locale_t locale) : previous_(uselocale(locale)) {}
  ~ThreadLocale() { uselocale(previous_); }
  ThreadLocale(const ThreadLocale&) = delete;
  ThreadLocale& operator=(const ThreadLocale&) = delete;

 private:
  locale_t previous_;
};

}  // namespace

Utf8Char DecodeUtf8(std::string_view text) {
  const auto at = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = at(0);
  if (lead < 0x80) return {lead, 1};
  const uint8_t length = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
  if (length == 0 || text.size() < length) return {};
  // The second byte's range is what excludes overlong forms, surrogates and values too large.
  const unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (at(1) < low || at(1) > high) return {};
  char32_t code_point = lead & (0x7Fu >> length);
  for (size_t i = 1; i < length; ++i) {
    if ((at(i) & 0xC0) != 0x80) return {};
    code_point = code_point << 6 | (at(i) & 0x3Fu);
  }
  return {code_point, length};
}

WidthMeter::WidthMeter() : locale_(newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)) {}

WidthMeter::~WidthMeter() {
  if (locale_ != nullptr) freelocale(locale_);
}

size_t WidthMeter::Measure(std::string_view text) const {
  const bool ascii = std::all_of(text.begin(), text.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  return ascii ? text.size() : MeasureNonAscii(text);
}

size_t WidthMeter::MeasureNonAscii(std::string_view text) const {
  const ThreadLocale use(locale_);  // a null locale leaves the thread's own in place
  size_t width = 0;
  while (!text.empty()) {
    const Utf8Char c = DecodeUtf8(text);
    text.remove_prefix(std::max<size_t>(c.length, 1));
    if (c.length <= 1 || locale_ == nullptr) {
      ++width;
      continue;
    }
    const int columns = wcwidth(static_cast<wchar_t>(c.code_point));
    width += columns > 0 ? static_cast<size_t>(columns) : 0;
  }
  return width;
}

}  // namespace obviews::tools
