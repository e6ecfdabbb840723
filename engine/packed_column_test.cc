// Columns of blocks: the packing that each shape of values gets, what comes back of it, and that
// bytes which were not written so are refused.
#include "engine/packed_column.h"

#include <gtest/gtest.h>
#include <xxhash.h>

#include <limits>
#include <optional>

#include "engine/varint.h"

namespace obviews::engine {
namespace {

constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

using Ints = std::vector<std::optional<int64_t>>;
using Texts = std::vector<std::optional<std::string>>;

/// A column as a block keeps it.
struct Packed {
  std::string header;
  std::string payload;
};

IntValues ToValues(const Ints& ints) {
  IntValues out;
  for (const auto& value : ints) {
    if (value) {
      out.Add(*value);
    } else {
      out.AddNull();
    }
  }
  return out;
}

/// Owns what the views refer to.
struct TextColumn {
  explicit TextColumn(Texts texts, const std::vector<bool>& references = {})
      : kept(std::move(texts)) {
    for (size_t row = 0; row < kept.size(); ++row) {
      if (!kept[row]) {
        values.AddNull();
      } else if (!references.empty() && references[row]) {
        values.AddReference(*kept[row]);
      } else {
        values.Add(*kept[row]);
      }
    }
  }
  Texts kept;
  TextValues values;
};

/// "" or the first complaint.
std::string Open(uint32_t rows, const Packed& packed, std::string* kept, PackedColumn* column,
                 size_t index = 5) {
  *kept = packed.payload + std::string(kUnpackSlack, '\0');
  std::string_view header = packed.header;
  std::string_view payload = std::string_view(*kept).substr(0, packed.payload.size());
  if (!ParseColumn(rows, index, &header, &payload, column)) return "descriptor";
  if (!header.empty() || !payload.empty()) return "left over";
  return std::string(PrepareColumn(rows, column));
}

// ---- numbers

TEST(PackedNumbers, ComeBackAtEveryWidth) {
  for (uint8_t width : {0, 1, 2, 4, 8, 16}) {
    for (uint32_t rows : {1U, 2U, 7U, 8U, 9U, 31U, 32U, 33U}) {
      std::vector<uint16_t> numbers;
      for (uint32_t row = 0; row < rows; ++row) {
        numbers.push_back(static_cast<uint16_t>((row * 40503U + 1) & ((1U << width) - 1)));
      }
      std::string bytes = "#";
      AppendPacked(rows, width, numbers, &bytes);
      EXPECT_EQ(bytes.size(), 1 + (rows * width + 7) / 8) << int{width} << " bits " << rows;
      bytes.append(kUnpackSlack, '\xFF');
      for (uint32_t row = 0; row < rows; ++row) {
        EXPECT_EQ(Unpack(reinterpret_cast<const unsigned char*>(bytes.data()) + 1, width, row),
                  numbers[row])
            << int{width} << " bits, row " << row;
      }
    }
  }
}

// ---- integers

struct IntShape {
  const char* name;
  Ints values;
  Ints previous = {};  ///< empty: there is no column before
  ColumnKind kind;
  int width = 0;
  bool relative = false;
  bool bitmap = false;
};
void PrintTo(const IntShape& shape, std::ostream* out) { *out << shape.name; }

const IntShape kIntShapes[] = {
    {"AllNull", {{}, {}, {}}, {}, ColumnKind::kNull},
    {"OneRow", {7}, {}, ColumnKind::kInt},
    {"OneExtremeRow", {kMin}, {}, ColumnKind::kInt},
    {"Constant", {7, 7, 7, 7}, {}, ColumnKind::kStride},
    {"CountsUp", {5, 6, 7, 8}, {}, ColumnKind::kStride},
    {"CountsDownByTen", {50, 40, 30, 20}, {}, ColumnKind::kStride},
    {"OverflowIsNoStride", {kMin, kMax, 0}, {}, ColumnKind::kInt, 64},
    {"OneBit", {4, 5, 5, 4}, {}, ColumnKind::kInt, 1},
    {"TwoBits", {1, 4, 2, 2}, {}, ColumnKind::kInt, 2},
    {"ThreeBitsTakeFour", {1, 8, 2, 2}, {}, ColumnKind::kInt, 4},
    {"FiveBitsTakeEight", {1, 32, 2, 2}, {}, ColumnKind::kInt, 8},
    {"NineBitsTakeSixteen", {1, 512, 2, 2}, {}, ColumnKind::kInt, 16},
    {"ThreeBytes", {1, 1 << 20, 2, 2}, {}, ColumnKind::kInt, 24},
    {"SevenBytes", {1, int64_t{1} << 50, 2, 2}, {}, ColumnKind::kInt, 56},
    {"NullAmongEquals", {7, {}, 7, 7}, {}, ColumnKind::kInt, 0, false, true},
    {"NullAmongOthers", {{}, 9, 7, {}}, {}, ColumnKind::kInt, 2, false, true},
    {"NotYetBesideTimes",
     {-1, 1692191329492389, 1692191329492388, -1},
     {},
     ColumnKind::kInt,
     1,
     false,
     true},
    {"ZeroBesideTimes",
     {0, 1692191329492389, 1692191329492389, 0},
     {},
     ColumnKind::kInt,
     0,
     false,
     true},
    {"JustBehindAnother",
     {1003, 9001, 5002, 42},
     {1000, 9000, 5000, 39},
     ColumnKind::kInt,
     2,
     true},
    {"AlwaysAsFarBehind", {1003, 9003, 5003}, {1000, 9000, 5000}, ColumnKind::kInt, 0, true},
    {"BehindOrNotYet",
     {1003, -1, 5001, 8003},
     {1000, 9000, 5000, 8000},
     ColumnKind::kInt,
     2,
     true,
     true},
    {"BehindOrNull",
     {1003, {}, 5001, 8003},
     {1000, 9000, 5000, 8000},
     ColumnKind::kInt,
     2,
     true,
     true},
    {"BehindNulls", {1003, 4, 5001, 8003}, {1000, {}, 5000, 8000}, ColumnKind::kInt, 2, true},
    {"TooFarFromAnother", {kMax, 1, kMax, 2}, {kMin, 0, kMin, 1}, ColumnKind::kInt, 64},
};

class IntColumn : public ::testing::TestWithParam<IntShape> {};

TEST_P(IntColumn, IsPackedAsItsShapeAllows) {
  const IntShape& shape = GetParam();
  auto rows = static_cast<uint32_t>(shape.values.size());
  IntValues values = ToValues(shape.values);
  IntValues previous = ToValues(shape.previous);
  Packed packed;
  AppendIntColumn(values, shape.previous.empty() ? nullptr : &previous, 3, &packed.header,
                  &packed.payload);
  std::string kept;
  PackedColumn column;
  ASSERT_EQ(Open(rows, packed, &kept, &column), "");
  EXPECT_EQ(column.kind, shape.kind);
  EXPECT_EQ(column.width, shape.width);
  EXPECT_EQ(column.relative, shape.relative);
  EXPECT_EQ(column.exceptions != nullptr, shape.bitmap);
  if (shape.relative) {
    EXPECT_EQ(column.other, 3);
  }
  for (uint32_t row = 0; row < rows; ++row) {
    ASSERT_EQ(column.IsNull(row), !shape.values[row]) << "row " << row;
    if (!shape.values[row]) continue;
    int64_t value = column.exception;
    if (column.kind == ColumnKind::kStride) {
      value = column.base + static_cast<int64_t>(row) * column.step;
    } else if (!column.IsException(row)) {
      uint64_t sum = static_cast<uint64_t>(column.base) + Unpack(column.packed, column.width, row);
      if (column.relative) sum += static_cast<uint64_t>(previous.values[row]);
      value = static_cast<int64_t>(sum);
    }
    EXPECT_EQ(value, *shape.values[row]) << "row " << row;
  }
}

INSTANTIATE_TEST_SUITE_P(PackedColumn, IntColumn, ::testing::ValuesIn(kIntShapes),
                         [](const auto& info) { return std::string(info.param.name); });

// ---- texts

Texts Numbered(size_t count, const std::string& prefix) {
  Texts out;
  for (size_t i = 0; i < count; ++i) out.emplace_back(prefix + std::to_string(100 + i));
  return out;
}
Texts Cycle(size_t rows, size_t distinct) {
  Texts out;
  for (size_t row = 0; row < rows; ++row) out.emplace_back("t" + std::to_string(row % distinct));
  return out;
}
Texts With(Texts texts, size_t row, std::optional<std::string> text) {
  texts[row] = std::move(text);
  return texts;
}

struct TextShape {
  const char* name;
  Texts values;
  ColumnKind kind;
  int width = 0;            ///< kDict: of a code; kPlain: bytes of an end offset
  std::string common = {};  ///< kText, kPlain: what the descriptor holds
};
void PrintTo(const TextShape& shape, std::ostream* out) { *out << shape.name; }

const TextShape kTextShapes[] = {
    {"AllNull", {{}, {}}, ColumnKind::kNull},
    {"OneRow", {"x"}, ColumnKind::kText, 0, "x"},
    {"OneEmptyRow", {""}, ColumnKind::kText},
    {"Constant", {"FINISH", "FINISH", "FINISH"}, ColumnKind::kText, 0, "FINISH"},
    {"ConstantOrNull", {"FINISH", {}, "FINISH", "FINISH"}, ColumnKind::kDict, 1},
    {"EmptyOrNull", {"", {}, "", {}}, ColumnKind::kDict, 0},
    {"TwoTexts", Cycle(8, 2), ColumnKind::kDict, 1},
    {"FourTexts", Cycle(8, 4), ColumnKind::kDict, 2},
    {"FiveTexts", Cycle(10, 5), ColumnKind::kDict, 4},
    {"SeventeenTexts", Cycle(40, 17), ColumnKind::kDict, 8},
    {"TwoHundredFiftySixTexts", Cycle(512, 256), ColumnKind::kDict, 8},
    {"TwoHundredFiftySevenTexts", Cycle(514, 257), ColumnKind::kPlain, 2, "t"},
    {"AllDifferentOfOneSize", Numbered(5, "table_"), ColumnKind::kPlain, 0, "table_10"},
    {"AllDifferent", With(Numbered(5, "table_"), 2, "table_long"), ColumnKind::kPlain, 2, "table_"},
    {"OneIsThePrefix", With(Numbered(5, "table_"), 0, "table_"), ColumnKind::kPlain, 2, "table_"},
    {"NothingInCommon", With(Numbered(5, "table_"), 4, "other"), ColumnKind::kPlain, 2},
    {"DifferentOrNull", With(Numbered(5, "table_"), 1, {}), ColumnKind::kPlain, 2},
    {"DifferentOrEmpty", With(Numbered(5, "table_"), 1, ""), ColumnKind::kPlain, 2},
    {"OddBytes",
     {std::string("\0\xFF", 2), std::string("\0", 1), std::string("\0\n", 2)},
     ColumnKind::kPlain,
     2,
     std::string("\0", 1)},
    {"MoreThan64KiB", With(Numbered(40, std::string(4000, 'x')), 3, "y"), ColumnKind::kPlain, 4},
};

std::optional<std::string> TextAt(const PackedColumn& column, uint32_t row) {
  if (column.IsNull(row)) return std::nullopt;
  switch (column.kind) {
    case ColumnKind::kText:
      return std::string(column.text);
    case ColumnKind::kDict:
      return std::string(column.dictionary[Unpack(column.packed, column.width, row)]);
    case ColumnKind::kPlain:
      return std::string(column.text) + std::string(column.Rest(row));
    default:
      return std::nullopt;
  }
}

class TextColumnShape : public ::testing::TestWithParam<TextShape> {};

TEST_P(TextColumnShape, IsPackedAsItsShapeAllows) {
  const TextShape& shape = GetParam();
  TextColumn texts(shape.values);
  auto rows = static_cast<uint32_t>(shape.values.size());
  Packed packed;
  AppendTextColumn(texts.values, {}, &packed.header, &packed.payload);
  std::string kept;
  PackedColumn column;
  ASSERT_EQ(Open(rows, packed, &kept, &column), "");
  EXPECT_EQ(column.kind, shape.kind);
  EXPECT_EQ(column.kind == ColumnKind::kPlain ? column.end_width : column.width, shape.width);
  EXPECT_EQ(column.text, shape.common);
  for (uint32_t row = 0; row < rows; ++row) {
    ASSERT_EQ(TextAt(column, row), shape.values[row]) << "row " << row;
  }
}

INSTANTIATE_TEST_SUITE_P(PackedColumn, TextColumnShape, ::testing::ValuesIn(kTextShapes),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(TextColumns, AreWrittenOnceIfTheyAreTheSame) {
  struct Case {
    Texts first;
    Texts second;
    bool same;
  };
  const Case cases[] = {
      {Numbered(4, "a"), Numbered(4, "a"), true},
      {Cycle(8, 2), Cycle(8, 2), true},
      {With(Cycle(8, 2), 3, {}), With(Cycle(8, 2), 3, {}), true},
      {Numbered(4, "a"), With(Numbered(4, "a"), 3, "a104"), false},
      {With(Cycle(8, 2), 3, {}), With(Cycle(8, 2), 3, ""), false},
      {{"x", "x"}, {"x", {}}, false},
  };
  for (const Case& c : cases) {
    TextColumn first(c.first);
    TextColumn second(c.second);
    Packed one;
    AppendTextColumn(first.values, {}, &one.header, &one.payload);
    Packed two;
    AppendTextColumn(second.values, {{2, &first.values}}, &two.header, &two.payload);
    std::string kept;
    PackedColumn column;
    ASSERT_EQ(Open(static_cast<uint32_t>(c.second.size()), two, &kept, &column), "");
    EXPECT_EQ(column.kind == ColumnKind::kSame, c.same) << *c.second.back();
    EXPECT_TRUE(!c.same || column.other == 2);
  }
}

TEST(TextColumns, TellReferencesFromTexts) {
  std::string reference(kExternalRefSize, 'r');
  for (const Texts& texts : {Texts{"short", reference, {}}, Texts{reference, "short", ""},
                             Texts{reference, reference, reference}}) {
    std::vector<bool> externals;
    for (const auto& text : texts) externals.push_back(text == reference);
    TextColumn column_of(texts, externals);
    Packed packed;
    AppendTextColumn(column_of.values, {}, &packed.header, &packed.payload);
    std::string kept;
    PackedColumn column;
    ASSERT_EQ(Open(3, packed, &kept, &column), "");
    for (uint32_t row = 0; row < 3; ++row) {
      EXPECT_EQ(column.IsExternal(row), externals[row]) << row;
      EXPECT_EQ(TextAt(column, row), texts[row]) << row;
    }
  }
}

// ---- what was not written so

struct Sample {
  uint32_t rows = 0;
  Packed packed;
};
std::vector<Sample> Samples() {
  std::vector<Sample> out;
  for (const IntShape& shape : kIntShapes) {
    IntValues values = ToValues(shape.values);
    IntValues previous = ToValues(shape.previous);
    Sample sample{static_cast<uint32_t>(shape.values.size()), {}};
    AppendIntColumn(values, shape.previous.empty() ? nullptr : &previous, 3, &sample.packed.header,
                    &sample.packed.payload);
    out.push_back(sample);
  }
  for (const TextShape& shape : kTextShapes) {
    if (shape.values.size() > 20) continue;
    TextColumn texts(shape.values);
    Sample sample{static_cast<uint32_t>(shape.values.size()), {}};
    AppendTextColumn(texts.values, {}, &sample.packed.header, &sample.packed.payload);
    out.push_back(sample);
  }
  return out;
}

TEST(PackedColumn, EveryFlippedBitOfAPayloadIsNoticed) {
  for (const Sample& sample : Samples()) {
    for (size_t bit = 0; bit < 8 * sample.packed.payload.size(); ++bit) {
      Packed flipped = sample.packed;
      flipped.payload[bit / 8] = static_cast<char>(flipped.payload[bit / 8] ^ (1 << bit % 8));
      std::string kept;
      PackedColumn column;
      ASSERT_EQ(Open(sample.rows, flipped, &kept, &column), "the checksum of a column is wrong")
          << bit;
    }
  }
}

TEST(PackedColumn, EveryCutIsNoticed) {
  for (const auto& [rows, packed] : Samples()) {
    std::string kept;
    PackedColumn column;
    ASSERT_EQ(Open(rows, packed, &kept, &column), "");
    for (size_t size = 0; size < packed.header.size(); ++size) {
      EXPECT_NE(Open(rows, {packed.header.substr(0, size), packed.payload}, &kept, &column), "");
    }
    for (size_t size = 0; size < packed.payload.size(); ++size) {
      EXPECT_EQ(Open(rows, {packed.header, packed.payload.substr(0, size)}, &kept, &column),
                "descriptor");
    }
  }
}

/// The descriptor's end for a payload, with its true checksum.
Packed Column(std::string head, const std::string& payload) {
  PutVarint(&head, payload.size());
  auto checksum = static_cast<uint32_t>(XXH3_64bits(payload.data(), payload.size()));
  if (!payload.empty()) head.append(reinterpret_cast<const char*>(&checksum), sizeof checksum);
  return {head, payload};
}

TEST(PackedColumn, SaysWhatIsMalformed) {
  constexpr char kInt = 1;
  constexpr char kSame = 4;
  constexpr char kDict = 5;
  constexpr char kPlain = 6;
  auto bytes = [](std::initializer_list<int> list) {
    std::string out;
    for (int byte : list) out.push_back(static_cast<char>(byte));
    return out;
  };
  struct Case {
    const char* what;
    Packed packed;
    const char* said;
  };
  const Case cases[] = {
      {"a kind of the future", {bytes({7}), ""}, "descriptor"},
      {"nothing at all", {"", ""}, "descriptor"},
      {"the same as itself", {bytes({kSame, 5}), ""}, "descriptor"},
      {"the same as a later one", {bytes({kSame, 9}), ""}, "descriptor"},
      {"relative to a later one", Column(bytes({kInt, 4, 6, 0, 0}), ""), "descriptor"},
      {"three bits", Column(bytes({kInt, 0, 0, 3}), "xx"), "descriptor"},
      {"72 bits", Column(bytes({kInt, 0, 0, 72}), std::string(36, 'x')), "descriptor"},
      {"a dictionary of 16 bit codes", Column(bytes({kDict, 0, 16}), "12345678"), "descriptor"},
      {"ends of three bytes", Column(bytes({kPlain, 0, 0, 3}), "x"), "descriptor"},
      {"a prefix that is cut", {bytes({kPlain, 0, 99, 'x'}), ""}, "descriptor"},
      {"a bitmap that is missing", Column(bytes({kInt, 3, 0, 0}), ""), "descriptor"},
      {"too few numbers", Column(bytes({kInt, 0, 0, 8}), "123"), "a column is too short"},
      {"too many numbers", Column(bytes({kInt, 0, 0, 8}), "12345"), "a column is too long"},
      {"an empty dictionary", Column(bytes({kDict, 0, 0}), bytes({0})),
       "a column's dictionary is malformed"},
      {"a text missing in the dictionary", Column(bytes({kDict, 0, 0}), bytes({1, 3, 'a'})),
       "a column's dictionary is malformed"},
      {"a code without a text",
       Column(bytes({kDict, 0, 2}), bytes({0xE4, 3, 1, 1, 1, 'a', 'b', 'c'})),
       "a column's dictionary is malformed"},
      {"ends that go back",
       Column(bytes({kPlain, 0, 0, 2}), bytes({2, 0, 1, 0, 2, 0, 3, 0, 'a', 'b', 'c'})),
       "a column's texts are out of order"},
      {"texts that are cut",
       Column(bytes({kPlain, 0, 0, 2}), bytes({1, 0, 1, 0, 2, 0, 3, 0, 'a', 'b'})),
       "a column's texts are out of order"},
      {"texts of one size that are cut", Column(bytes({kPlain, 0, 0, 0, 2}), "aabbcc"),
       "a column's texts are out of order"},
      {"a reference of three bytes",
       Column(bytes({kPlain, 8, 0, 0, 3}),
              "\x01"
              "aaabbbcccddd"),
       "a text reference has a wrong size"},
  };
  for (const Case& c : cases) {
    std::string kept;
    PackedColumn column;
    EXPECT_EQ(Open(4, c.packed, &kept, &column), c.said) << c.what;
  }
}

}  // namespace
}  // namespace obviews::engine
