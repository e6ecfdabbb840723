// Columns of numbers as the page of a report takes them: in base64, in the narrowest type that
// holds them all. 100,000 numbers of a column are some hundred thousand bytes so.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace obviews::tools {

/// With padding.
std::string Base64(std::string_view bytes);

/// {"type": "u8" | "u16" | "u32" | "f64", "base": N, "data": BASE64}: of each number its distance
/// from `base`, little endian. Missing ones are the largest value of an integer type, or NaN.
/// Numbers more than 2^53 from the smallest one lose their last bits.
nlohmann::ordered_json PackColumn(const std::vector<std::optional<int64_t>>& numbers);

}  // namespace obviews::tools
