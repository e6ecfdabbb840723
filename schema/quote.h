// Bytes of unknown origin made fit for a message.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace obviews::schema {

/// The text in double quotes, control bytes and invalid UTF-8 escaped, cut after 64 bytes (`...`).
inline std::string QuoteForMessage(std::string_view text) {
  constexpr size_t kShown = 64;
  return fmt::format("{:?}{}", text.substr(0, kShown), text.size() > kShown ? "..." : "");
}

}  // namespace obviews::schema
