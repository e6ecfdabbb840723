// Packing and reading columns; see packed_column.h.
#include "engine/packed_column.h"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <optional>

#include "engine/varint.h"

namespace obviews::engine {
namespace {

// Descriptor flags.
constexpr uint8_t kHasExceptions = 1;
constexpr uint8_t kNullExceptions = 2;
constexpr uint8_t kRelative = 4;
constexpr uint8_t kHasExternals = 8;

constexpr size_t kMaxDictionary = 256;
constexpr uint8_t kMaxWidth = 64;

size_t BitmapSize(uint32_t rows) { return (rows + 7) / 8; }
size_t PackedSize(uint32_t rows, uint8_t width) { return (size_t{rows} * width + 7) / 8; }

bool IsWidth(uint8_t width) {
  return width == 0 || width == 1 || width == 2 || width == 4 ||
         (width % 8 == 0 && width <= kMaxWidth);
}

/// The narrowest width for numbers up to `max`.
uint8_t WidthFor(uint64_t max) {
  int bits = std::bit_width(max);
  if (bits == 0) return 0;
  if (bits <= 2) return static_cast<uint8_t>(bits);
  if (bits <= 4) return 4;
  return static_cast<uint8_t>((bits + 7) / 8 * 8);
}

/// Appends numbers of `width` bits each.
template <class Get>
void AppendPacked(uint32_t rows, uint8_t width, Get get, std::string* out) {
  size_t start = out->size();
  out->resize(start + PackedSize(rows, width));
  if (width == 0) return;
  auto* to = reinterpret_cast<unsigned char*>(out->data() + start);
  if (width < 8) {
    uint32_t per_byte = 8U / width;
    for (uint32_t row = 0; row < rows; ++row) {
      to[row / per_byte] =
          static_cast<unsigned char>(to[row / per_byte] | get(row) << (row % per_byte * width));
    }
    return;
  }
  size_t bytes = width / 8U;
  for (uint32_t row = 0; row < rows; ++row, to += bytes) {
    uint64_t number = get(row);
    std::memcpy(to, &number, bytes);
  }
}

void AppendBitmap(const std::vector<uint8_t>& bits, std::string* out) {
  AppendPacked(
      static_cast<uint32_t>(bits.size()), 1, [&](uint32_t row) { return uint64_t{bits[row]}; },
      out);
}

uint32_t Checksum(std::string_view payload) {
  return static_cast<uint32_t>(XXH3_64bits(payload.data(), payload.size()));
}

/// Ends a descriptor: size and checksum of the payload that was appended since `start`.
void AppendPayloadRef(size_t start, std::string* header, const std::string* payload) {
  std::string_view added = std::string_view(*payload).substr(start);
  PutVarint(header, added.size());
  if (added.empty()) return;
  uint32_t checksum = Checksum(added);
  header->append(reinterpret_cast<const char*>(&checksum), sizeof checksum);
}

/// How integers are best packed.
struct IntPlan {
  bool relative = false;
  std::optional<int64_t> exception;  ///< a value kept out of the packed ones
  int64_t base = 0;
  uint8_t width = 0;
};

/// Bits a row that packing min..max takes, with an exceptions' bitmap or without.
uint8_t Cost(const IntPlan& plan, bool bitmap) {
  return static_cast<uint8_t>(plan.width + (bitmap ? 1 : 0));
}

/// Packs `values` (minus `subtract`, if given) into the narrowest width, without the NULL rows.
std::optional<IntPlan> PlanRange(const IntValues& column, const int64_t* subtract,
                                 std::optional<int64_t> exception) {
  IntPlan plan{.relative = subtract != nullptr, .exception = exception};
  auto min = static_cast<int64_t>(std::numeric_limits<int64_t>::max());
  auto max = std::numeric_limits<int64_t>::min();
  for (size_t row = 0; row < column.values.size(); ++row) {
    if (column.nulls[row] != 0) continue;
    int64_t value = column.values[row];
    if (exception && value == *exception) continue;
    if (subtract != nullptr && __builtin_sub_overflow(value, subtract[row], &value)) {
      return std::nullopt;
    }
    min = std::min(min, value);
    max = std::max(max, value);
  }
  if (min > max) return std::nullopt;
  plan.base = min;
  plan.width = WidthFor(static_cast<uint64_t>(max) - static_cast<uint64_t>(min));
  return plan;
}

IntPlan PlanInts(const IntValues& column, const IntValues* previous) {
  bool nulls = column.null_count > 0;
  IntPlan best = *PlanRange(column, nullptr, std::nullopt);
  auto consider = [&](const std::optional<IntPlan>& plan) {
    if (plan && Cost(*plan, plan->exception.has_value()) < Cost(best, best.exception.has_value())) {
      best = *plan;
    }
  };
  if (best.width == 0) return best;
  // "Not yet" is -1 or 0 beside real times and counts.
  std::optional<int64_t> unset;
  if (!nulls && (best.base == -1 || best.base == 0)) unset = best.base;
  if (unset) consider(PlanRange(column, nullptr, unset));
  if (previous != nullptr) {
    consider(PlanRange(column, previous->values.data(), std::nullopt));
    if (unset) consider(PlanRange(column, previous->values.data(), unset));
  }
  return best;
}

/// base and step if every row is base + row * step.
std::optional<std::pair<int64_t, int64_t>> FindStride(const IntValues& column) {
  if (column.null_count > 0 || column.values.size() < 2) return std::nullopt;
  int64_t step = 0;
  if (__builtin_sub_overflow(column.values[1], column.values[0], &step)) return std::nullopt;
  int64_t expected = column.values[0];
  for (size_t row = 1; row < column.values.size(); ++row) {
    if (__builtin_add_overflow(expected, step, &expected) || expected != column.values[row]) {
      return std::nullopt;
    }
  }
  return std::pair(column.values[0], step);
}

/// Each distinct text and which one a row has; nullopt if there are too many.
struct Dictionary {
  std::vector<std::string_view> texts;
  std::vector<uint8_t> codes;
};
std::optional<Dictionary> FindDictionary(const TextValues& column) {
  size_t rows = column.values.size();
  size_t most = std::min(kMaxDictionary, std::max<size_t>(rows / 2, 1));
  Dictionary dictionary;
  dictionary.codes.resize(rows);
  constexpr size_t kSlots = 1024;
  std::array<uint16_t, kSlots> slots{};  // code + 1; 0: free
  for (size_t row = 0; row < rows; ++row) {
    size_t slot = column.hashes[row] % kSlots;
    while (slots[slot] != 0 && dictionary.texts[slots[slot] - 1U] != column.values[row]) {
      slot = (slot + 1) % kSlots;
    }
    if (slots[slot] == 0) {
      if (dictionary.texts.size() == most) return std::nullopt;
      dictionary.texts.push_back(column.values[row]);
      slots[slot] = static_cast<uint16_t>(dictionary.texts.size());
    }
    dictionary.codes[row] = static_cast<uint8_t>(slots[slot] - 1);
  }
  return dictionary;
}

void AppendDictionary(const Dictionary& dictionary, bool nulls, const TextValues& column,
                      std::string* header, std::string* payload) {
  size_t start = payload->size();
  header->push_back(static_cast<char>(ColumnKind::kDict));
  header->push_back(static_cast<char>(nulls ? kHasExceptions | kNullExceptions : 0));
  uint8_t width = WidthFor(dictionary.texts.size() - 1);
  header->push_back(static_cast<char>(width));
  if (nulls) AppendBitmap(column.nulls, payload);
  AppendPacked(
      static_cast<uint32_t>(column.values.size()), width,
      [&](uint32_t row) { return uint64_t{dictionary.codes[row]}; }, payload);
  PutVarint(payload, dictionary.texts.size());
  for (std::string_view text : dictionary.texts) PutVarint(payload, text.size());
  for (std::string_view text : dictionary.texts) payload->append(text);
  AppendPayloadRef(start, header, payload);
}

size_t CommonPrefix(std::string_view a, std::string_view b) {
  return static_cast<size_t>(
      std::mismatch(a.begin(),
                    a.begin() + static_cast<std::ptrdiff_t>(std::min(a.size(), b.size())),
                    b.begin())
          .first -
      a.begin());
}

void AppendPlain(const TextValues& column, bool nulls, bool externals, std::string* header,
                 std::string* payload) {
  auto rows = static_cast<uint32_t>(column.values.size());
  auto counts = [&](uint32_t row) { return column.nulls[row] == 0; };
  std::string_view prefix;
  bool first = true;
  bool same_size = true;
  size_t size = 0;
  size_t total = 0;
  for (uint32_t row = 0; row < rows; ++row) {
    std::string_view text = column.values[row];
    total += text.size();
    // A reference has no prefix in common with texts.
    if (first) {
      prefix = externals ? std::string_view() : text;
      size = text.size();
    }
    first = false;
    same_size &= text.size() == size;
    if (counts(row)) prefix = prefix.substr(0, CommonPrefix(prefix, text));
  }
  // NULL rows hold "", which has no prefix to cut.
  if (nulls) prefix = {};
  size_t start = payload->size();
  header->push_back(static_cast<char>(ColumnKind::kPlain));
  header->push_back(static_cast<char>((nulls ? kHasExceptions | kNullExceptions : 0) |
                                      (externals ? kHasExternals : 0)));
  PutVarint(header, prefix.size());
  header->append(prefix);
  total -= prefix.size() * rows;
  uint8_t end_width = same_size ? 0 : total <= UINT16_MAX ? 2 : 4;
  header->push_back(static_cast<char>(end_width));
  if (same_size) PutVarint(header, size - prefix.size());
  if (nulls) AppendBitmap(column.nulls, payload);
  if (externals) AppendBitmap(column.externals, payload);
  uint64_t end = 0;
  if (!same_size) {
    AppendPacked(
        rows, static_cast<uint8_t>(8 * end_width),
        [&](uint32_t row) { return end += column.values[row].size() - prefix.size(); }, payload);
  }
  for (uint32_t row = 0; row < rows; ++row)
    payload->append(column.values[row].substr(prefix.size()));
  AppendPayloadRef(start, header, payload);
}

}  // namespace

void AppendPacked(uint32_t rows, uint8_t width, const std::vector<uint16_t>& numbers,
                  std::string* out) {
  AppendPacked(
      rows, width, [&](uint32_t row) { return uint64_t{numbers[row]}; }, out);
}

std::string_view PackedColumn::Rest(uint32_t row) const {
  if (end_width == 0) return {rests + size_t{row} * rest_size, rest_size};
  auto width = static_cast<uint8_t>(8 * end_width);
  uint64_t begin = row == 0 ? 0 : Unpack(packed, width, row - 1);
  return {rests + begin, Unpack(packed, width, row) - begin};
}

void AppendIntColumn(IntValues& column, const IntValues* previous, uint8_t previous_index,
                     std::string* header, std::string* payload) {
  size_t rows = column.values.size();
  if (column.null_count == rows) {
    column.constant = true;
    header->push_back(static_cast<char>(ColumnKind::kNull));
    return;
  }
  if (auto stride = FindStride(column)) {
    column.constant = stride->second == 0;
    header->push_back(static_cast<char>(ColumnKind::kStride));
    PutSigned(header, stride->first);
    PutSigned(header, stride->second);
    return;
  }
  IntPlan plan = PlanInts(column, previous);
  size_t start = payload->size();
  bool nulls = column.null_count > 0;
  bool exceptions = nulls || plan.exception;
  column.constant = plan.width == 0 && !exceptions && !plan.relative;
  header->push_back(static_cast<char>(ColumnKind::kInt));
  header->push_back(static_cast<char>((exceptions ? kHasExceptions : 0) |
                                      (nulls ? kNullExceptions : 0) |
                                      (plan.relative ? kRelative : 0)));
  if (plan.relative) header->push_back(static_cast<char>(previous_index));
  if (plan.exception) PutSigned(header, *plan.exception);
  PutSigned(header, plan.base);
  header->push_back(static_cast<char>(plan.width));
  auto is_exception = [&](uint32_t row) {
    return nulls ? column.nulls[row] != 0 : plan.exception && column.values[row] == *plan.exception;
  };
  auto count = static_cast<uint32_t>(rows);
  if (exceptions) {
    AppendPacked(
        count, 1, [&](uint32_t row) { return uint64_t{is_exception(row)}; }, payload);
  }
  AppendPacked(
      count, plan.width,
      [&](uint32_t row) -> uint64_t {
        if (exceptions && is_exception(row)) return 0;
        uint64_t value = static_cast<uint64_t>(column.values[row]);
        if (plan.relative) value -= static_cast<uint64_t>(previous->values[row]);
        return value - static_cast<uint64_t>(plan.base);
      },
      payload);
  AppendPayloadRef(start, header, payload);
}

void AppendTextColumn(TextValues& column, const std::vector<TextCandidate>& earlier,
                      std::string* header, std::string* payload) {
  size_t rows = column.values.size();
  bool externals = !column.externals.empty();
  bool nulls = column.null_count > 0;
  if (column.null_count == rows) {
    header->push_back(static_cast<char>(ColumnKind::kNull));
    return;
  }
  if (externals) {
    AppendPlain(column, nulls, externals, header, payload);
    return;
  }
  column.hashes.resize(rows);
  for (size_t row = 0; row < rows; ++row) {
    column.hashes[row] = XXH3_64bits(column.values[row].data(), column.values[row].size());
  }
  for (const TextCandidate& candidate : earlier) {
    if (candidate.values->hashes == column.hashes && candidate.values->values == column.values &&
        candidate.values->nulls == column.nulls) {
      header->push_back(static_cast<char>(ColumnKind::kSame));
      header->push_back(static_cast<char>(candidate.index));
      return;
    }
  }
  auto dictionary = FindDictionary(column);
  if (dictionary && dictionary->texts.size() == 1 && !nulls) {
    header->push_back(static_cast<char>(ColumnKind::kText));
    PutVarint(header, column.values[0].size());
    header->append(column.values[0]);
    return;
  }
  if (dictionary) {
    AppendDictionary(*dictionary, nulls, column, header, payload);
  } else {
    AppendPlain(column, nulls, externals, header, payload);
  }
}

namespace {

/// Takes descriptors apart; every step fails once one did.
class Reader {
 public:
  explicit Reader(std::string_view* bytes) : bytes_(*bytes) {}
  uint8_t Byte() {
    if (bytes_.empty()) {
      ok_ = false;
      return 0;
    }
    auto byte = static_cast<uint8_t>(bytes_[0]);
    bytes_.remove_prefix(1);
    return byte;
  }
  uint64_t Varint() {
    uint64_t value = 0;
    if (ok_ && !GetVarint(&bytes_, &value)) ok_ = false;
    return value;
  }
  int64_t Signed() {
    uint64_t value = Varint();
    return FromZigzag(value);
  }
  std::string_view Bytes(uint64_t size) {
    if (!ok_ || size > bytes_.size()) {
      ok_ = false;
      return {};
    }
    std::string_view out = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return out;
  }
  bool ok() const { return ok_; }
  std::string_view rest() const { return bytes_; }

 private:
  std::string_view bytes_;
  bool ok_ = true;
};

bool ParseFlags(uint8_t flags, size_t index, Reader& in, PackedColumn* column) {
  column->null_exceptions = (flags & kNullExceptions) != 0;
  column->relative = (flags & kRelative) != 0;
  if (column->relative) {
    column->other = in.Byte();
    if (column->other >= index) return false;
  }
  if ((flags & kHasExceptions) != 0 && !column->null_exceptions) column->exception = in.Signed();
  return true;
}

bool ParseDescriptor(uint8_t flags, size_t index, Reader& in, PackedColumn* column) {
  switch (column->kind) {
    case ColumnKind::kNull:
      return true;
    case ColumnKind::kStride:
      column->base = in.Signed();
      column->step = in.Signed();
      return true;
    case ColumnKind::kText:
      column->text = in.Bytes(in.Varint());
      return true;
    case ColumnKind::kSame:
      column->other = in.Byte();
      return column->other < index;
    case ColumnKind::kInt:
      if (!ParseFlags(flags, index, in, column)) return false;
      column->base = in.Signed();
      column->width = in.Byte();
      return IsWidth(column->width);
    case ColumnKind::kDict:
      column->null_exceptions = (flags & kNullExceptions) != 0;
      column->width = in.Byte();
      return IsWidth(column->width) && column->width <= 8;
    case ColumnKind::kPlain: {
      column->null_exceptions = (flags & kNullExceptions) != 0;
      column->text = in.Bytes(in.Varint());
      column->end_width = in.Byte();
      uint64_t size = column->end_width == 0 ? in.Varint() : 0;
      column->rest_size = static_cast<uint32_t>(size);
      return size <= UINT32_MAX &&
             (column->end_width == 0 || column->end_width == 2 || column->end_width == 4);
    }
  }
  return false;
}

}  // namespace

bool ParseColumn(uint32_t rows, size_t index, std::string_view* header, std::string_view* payload,
                 PackedColumn* column) {
  Reader in(header);
  // What is read again and again keeps its memory.
  std::vector<std::string_view> dictionary = std::move(column->dictionary);
  dictionary.clear();
  *column = {};
  column->dictionary = std::move(dictionary);
  column->kind = static_cast<ColumnKind>(in.Byte());
  bool has_payload = column->kind == ColumnKind::kInt || column->kind == ColumnKind::kDict ||
                     column->kind == ColumnKind::kPlain;
  uint8_t flags = has_payload ? in.Byte() : 0;
  if (!ParseDescriptor(flags, index, in, column) || !in.ok()) return false;
  if (!has_payload) {
    column->prepared = true;
    *header = in.rest();
    return true;
  }
  uint64_t size = in.Varint();
  if (size > payload->size()) return false;
  column->payload = payload->substr(0, size);
  if (size > 0) {
    std::string_view checksum = in.Bytes(sizeof(uint32_t));
    if (!in.ok()) return false;
    std::memcpy(&column->checksum, checksum.data(), sizeof(uint32_t));
  }
  // Where the parts of the payload lie; that they fit is for PrepareColumn to see.
  const auto* at = reinterpret_cast<const unsigned char*>(column->payload.data());
  size_t bitmaps = 0;
  if ((flags & kHasExceptions) != 0) column->exceptions = at + BitmapSize(rows) * bitmaps++;
  if ((flags & kHasExternals) != 0) column->externals = at + BitmapSize(rows) * bitmaps++;
  column->packed = at + BitmapSize(rows) * bitmaps;
  if (!in.ok() || BitmapSize(rows) * bitmaps > size) return false;
  payload->remove_prefix(size);
  *header = in.rest();
  return true;
}

namespace {

/// Whether any of the codes packed in a word is `limit` or more. The codes of each place in a byte
/// are spread into lanes of 16 bits, where adding what is missing to 2^15 tells.
template <unsigned kWidth>
bool WordHasCode(uint64_t word, uint64_t limit) {
  constexpr uint64_t kOnes = 0x0001'0001'0001'0001;
  constexpr uint64_t kMask = ((uint64_t{1} << kWidth) - 1) * kOnes;
  const uint64_t rest = (uint64_t{0x8000} - limit) * kOnes;
  uint64_t found = 0;
  for (unsigned shift = 0; shift < 16; shift += kWidth) found |= (word >> shift & kMask) + rest;
  return (found & 0x8000 * kOnes) != 0;
}

/// The same of all codes of a column, without a branch a row: points are read through here. Bits
/// behind the last code are zero.
template <unsigned kWidth>
bool HasCode(std::string_view packed, uint64_t limit) {
  bool found = false;
  size_t at = 0;
  uint64_t word = 0;
  for (; at + sizeof word <= packed.size(); at += sizeof word) {
    std::memcpy(&word, packed.data() + at, sizeof word);
    found |= WordHasCode<kWidth>(word, limit);
  }
  word = 0;
  std::memcpy(&word, packed.data() + at, packed.size() - at);
  return found || WordHasCode<kWidth>(word, limit);
}

bool HasCode(std::string_view packed, uint8_t width, uint64_t limit) {
  switch (width) {
    case 1:
      return HasCode<1>(packed, limit);
    case 2:
      return HasCode<2>(packed, limit);
    case 4:
      return HasCode<4>(packed, limit);
    default:
      return HasCode<8>(packed, limit);
  }
}

std::string_view PrepareDictionary(std::string_view packed, std::string_view rest,
                                   PackedColumn* column) {
  constexpr std::string_view kBad = "a column's dictionary is malformed";
  Reader in(&rest);
  uint64_t count = in.Varint();
  if (!in.ok() || count == 0 || count > kMaxDictionary) return kBad;
  Reader sizes = in;
  for (uint64_t i = 0; i < count; ++i) in.Varint();
  column->dictionary.reserve(count);
  for (uint64_t i = 0; i < count; ++i) column->dictionary.push_back(in.Bytes(sizes.Varint()));
  if (!in.ok() || !in.rest().empty()) return kBad;
  if (column->width > 0 && count < uint64_t{1} << column->width &&
      HasCode(packed, column->width, count)) {
    return kBad;
  }
  return {};
}

std::string_view PreparePlain(uint32_t rows, std::string_view rest, PackedColumn* column) {
  constexpr std::string_view kBad = "a column's texts are out of order";
  size_t total = size_t{rows} * column->rest_size;
  if (column->end_width != 0) {
    auto width = static_cast<uint8_t>(8 * column->end_width);
    size_t ends = PackedSize(rows, width);
    if (rest.size() < ends) return kBad;
    uint64_t previous = 0;
    for (uint32_t row = 0; row < rows; ++row) {
      uint64_t end = Unpack(column->packed, width, row);
      if (end < previous) return kBad;
      previous = end;
    }
    rest.remove_prefix(ends);
    total = previous;
  }
  if (rest.size() != total) return kBad;
  column->rests = rest.data();
  for (uint32_t row = 0; column->externals != nullptr && row < rows; ++row) {
    if (column->IsExternal(row) && column->Rest(row).size() != kExternalRefSize) {
      return "a text reference has a wrong size";
    }
  }
  return {};
}

}  // namespace

std::string_view PrepareColumn(uint32_t rows, PackedColumn* column) {
  if (column->prepared) return {};
  if (!column->payload.empty() && Checksum(column->payload) != column->checksum) {
    return "the checksum of a column is wrong";
  }
  const auto* begin = reinterpret_cast<const unsigned char*>(column->payload.data());
  std::string_view rest = column->payload.substr(static_cast<size_t>(column->packed - begin));
  std::string_view wrong;
  if (column->kind == ColumnKind::kPlain) {
    wrong = PreparePlain(rows, rest, column);
  } else {
    size_t size = PackedSize(rows, column->width);
    if (rest.size() < size) return "a column is too short";
    std::string_view packed = rest.substr(0, size);
    rest.remove_prefix(size);
    if (column->kind == ColumnKind::kDict) {
      wrong = PrepareDictionary(packed, rest, column);
    } else if (!rest.empty()) {
      wrong = "a column is too long";
    }
  }
  column->prepared = wrong.empty();
  return wrong;
}

}  // namespace obviews::engine
