// Packing columns; see columns.h.
#include "tools/report/columns.h"

#include <algorithm>
#include <bit>
#include <boost/archive/iterators/base64_from_binary.hpp>
#include <boost/archive/iterators/transform_width.hpp>
#include <limits>

namespace obviews::tools {
namespace {

static_assert(std::endian::native == std::endian::little);

template <class Number>
void AppendBytes(Number number, std::string* out) {
  out->append(reinterpret_cast<const char*>(&number), sizeof(number));
}

template <class Number>
std::string Distances(const std::vector<std::optional<int64_t>>& numbers, int64_t base,
                      Number missing) {
  std::string bytes;
  bytes.reserve(numbers.size() * sizeof(Number));
  for (const auto& number : numbers) {
    // Unsigned, for two int64 may be farther apart than one can say.
    AppendBytes(
        number ? static_cast<Number>(static_cast<uint64_t>(*number) - static_cast<uint64_t>(base))
               : missing,
        &bytes);
  }
  return bytes;
}

}  // namespace

std::string Base64(std::string_view bytes) {
  using boost::archive::iterators::base64_from_binary;
  using boost::archive::iterators::transform_width;
  using Digits = base64_from_binary<transform_width<const char*, 6, 8>>;
  // The iterators read on to whole groups of three bytes.
  std::string whole(bytes);
  const size_t padding = (3 - bytes.size() % 3) % 3;
  whole.append(padding, '\0');
  std::string out(Digits(whole.data()), Digits(whole.data() + whole.size()));
  out.replace(out.size() - padding, padding, padding, '=');
  return out;
}

nlohmann::ordered_json PackColumn(const std::vector<std::optional<int64_t>>& numbers) {
  std::optional<int64_t> smallest;
  std::optional<int64_t> largest;
  for (const auto& number : numbers) {
    if (!number) continue;
    smallest = std::min(smallest.value_or(*number), *number);
    largest = std::max(largest.value_or(*number), *number);
  }
  const int64_t base = smallest.value_or(0);
  const uint64_t span = static_cast<uint64_t>(largest.value_or(0)) - static_cast<uint64_t>(base);
  std::string type;
  std::string bytes;
  if (span < std::numeric_limits<uint8_t>::max()) {
    type = "u8";
    bytes = Distances<uint8_t>(numbers, base, std::numeric_limits<uint8_t>::max());
  } else if (span < std::numeric_limits<uint16_t>::max()) {
    type = "u16";
    bytes = Distances<uint16_t>(numbers, base, std::numeric_limits<uint16_t>::max());
  } else if (span < std::numeric_limits<uint32_t>::max()) {
    type = "u32";
    bytes = Distances<uint32_t>(numbers, base, std::numeric_limits<uint32_t>::max());
  } else {
    type = "f64";
    bytes = Distances<double>(numbers, base, std::numeric_limits<double>::quiet_NaN());
  }
  return {{"type", type}, {"base", base}, {"data", Base64(bytes)}};
}

}  // namespace obviews::tools
