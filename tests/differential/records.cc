// Random records; see records.h.
#include "records.h"

#include <algorithm>
#include <limits>

#include "schema/conversions.h"

namespace obviews::differential {
namespace {

using schema::Field;
using schema::FieldType;
using schema::KeyPart;

constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

constexpr int64_t kTenants[] = {1, 1002, 1004, -7, 0, kMin, kMax};
constexpr int64_t kJobs[] = {1, 2, 3, 3, 7, 10, 0, -1, kMin, kMax};
constexpr int64_t kTasks[] = {1, 2, 3, 5, 8, 1047, 60001, 0, -1, kMin, kMax};

// New York leaves standard time in March 2023 and returns in November; Lord Howe, by half an hour,
// in April and in October.
constexpr int64_t kChangeSeconds[] = {1678604400, 1699164000, 1680361200, 1696087800, 0};

bool EndsWith(std::string_view name, std::string_view end) { return name.ends_with(end); }

int64_t RandomKey(KeyPart part, Random& random) {
  if (part == KeyPart::kTenant)
    return kTenants[OneIn(random, 4) ? Below(random, 7) : Below(random, 3)];
  if (part == KeyPart::kTask) {
    return OneIn(random, 2) ? Pick(random, kTasks) : static_cast<int64_t>(Below(random, 200));
  }
  return OneIn(random, 3) ? static_cast<int64_t>(Below(random, 60)) : Pick(random, kJobs);
}

uint64_t RandomScn(Random& random) {
  const uint64_t choices[] = {0, 1, 999, 1000, schema::kMaxScn, 1692104831498747191U};
  if (OneIn(random, 2)) return Pick(random, choices);
  int64_t usec = RandomUsec(random);
  if (usec < 0 || usec > static_cast<int64_t>(schema::kMaxScn / 1000)) return 1;
  return static_cast<uint64_t>(usec) * 1000 - (OneIn(random, 2) ? 0 : usec == 0 ? 0 : 1);
}

/// A value of the key-value table: a number for most names that mean one.
std::string RandomPair(std::string_view name, Random& random) {
  if (EndsWith(name, "scn")) {
    const char* odd[] = {"", "abc", " 12", "-5", "1e3", "7x"};
    return OneIn(random, 5) ? Pick(random, odd) : std::to_string(RandomScn(random));
  }
  if (OneIn(random, 5)) return RandomPoolText(random);
  if (EndsWith(name, "_ts")) return std::to_string(RandomUsec(random));
  if (EndsWith(name, "_id")) return std::to_string(RandomInteger(random));
  if (name == "progress_display_mode") return OneIn(random, 2) ? "TABLET_CNT" : "BYTES";
  return RandomPoolText(random);
}

schema::FieldValue RandomValue(const schema::RecordType& type, const Field& field, Random& random) {
  if (field.is_key()) return RandomKey(field.key_part, random);
  if (field.nullable && OneIn(random, 5)) return std::monostate{};
  switch (field.type) {
    case FieldType::kUint:
      return RandomScn(random);
    case FieldType::kTime:
      return RandomUsec(random);
    case FieldType::kInt:
      return EndsWith(field.name, "_ts") ? RandomUsec(random) : RandomInteger(random);
    case FieldType::kPairs:
      return schema::EncodePairs({{"name", RandomPoolText(random)}});
    case FieldType::kText:
      break;
  }
  if (field.name == "status" && !OneIn(random, 10)) return std::string(Pick(random, type.statuses));
  if (field.origin == schema::Origin::kPair) return RandomPair(field.name, random);
  std::string text = RandomPoolText(random);
  // No store takes a longer status or result of a task.
  bool grouped = type.per_task && (field.name == "status" || field.name == "result");
  if (grouped) text.resize(std::min<size_t>(text.size(), 4096));
  return text;
}

}  // namespace

std::span<const int64_t> Tenants() { return kTenants; }

int64_t RandomUsec(Random& random) {
  constexpr int64_t kEdges[] = {0,
                                -1,
                                0,
                                -1,
                                1,
                                kMin,
                                kMax,
                                schema::kZeroDatetimeUsec,
                                schema::kMinLocalUsec,
                                schema::kMinLocalUsec - 1,
                                schema::kMinOracleLocalUsec,
                                schema::kMaxLocalUsec,
                                schema::kMaxLocalUsec - 8 * 3600 * int64_t{1000000},
                                schema::kMaxLocalUsec + 1,
                                1692191329492389};
  if (OneIn(random, 3)) return Pick(random, kEdges);
  // Within two hours of a change, on half hours, whole seconds or between them.
  int64_t second =
      Pick(random, kChangeSeconds) + (static_cast<int64_t>(Below(random, 9)) - 4) * 1800;
  constexpr int64_t kFractions[] = {0, 0, 1, 499999, 500000, 500001, 999999, -1};
  return second * 1000000 + Pick(random, kFractions);
}

int64_t RandomInteger(Random& random) {
  constexpr int64_t kIntegers[] = {
      0,         1,       -1,   3,          5,    10,   1002,     1004,
      313163417, 1048575, 1024, 1073741824, kMin, kMax, kMax - 1, 4503599627370497,
      -500000000};
  return Pick(random, kIntegers);
}

std::string RandomPoolText(Random& random) {
  using namespace std::string_literals;
  static const std::string kTexts[] = {
      "",
      "",
      "DOING",
      "doing",
      "Doing",
      "SUCCESS",
      "SUCCEESS",
      "RESTORING",
      "a",
      "A",
      "ab",
      "a b",
      "a_b",
      "50%",
      "a\0b"s,
      "a\0c"s,
      "\0"s,
      "\xFF\xFE",
      "\xC3\x28",
      "\xE8\xA1\xA8",
      "\xF0\x9F\x97\x84",
      "10",
      "010",
      "1.0",
      "1",
      "3",
      "1002",
      " 1002 ",
      "3e2",
      "-1",
      "9223372036854775807",
      "it's",
      "two\nlines",
      "******",
      "2023-03-12 03:00:00.000000",
      "oss://b/p?host=h&access_id=AK&access_key=SK",
      "oss://b/p?host=h&access_id=******&access_key=******",
      "file:///d,oss://b?access_key=SK2",
      std::string(4097, 'x'),
      std::string(5000, 'x') + "y",
      "\xE8\xA1\xA8" + std::string(4094, 'z') + "\xE8\xA1\xA8\xE8\xA1\xA8",
  };
  return Pick(random, kTexts);
}

schema::Record RandomRecord(schema::RecordKind kind, Random& random) {
  schema::Record record(kind);
  const schema::RecordType& type = record.type();
  for (size_t i = 0; i < type.fields.size(); ++i) {
    record[i] = RandomValue(type, type.fields[i], random);
  }
  return record;
}

}  // namespace obviews::differential
