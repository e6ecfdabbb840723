// Conditions that the server hands down, as what a scan can do with them. The server tests them
// again on each row it is given, so a scan may pass too many rows and must never pass too few.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schema/catalog.h"
#include "schema/value.h"
#include "virtual_tables/predicate.h"

class Item;
class THD;
struct TABLE;
struct charset_info_st;

namespace obviews::mariadb {

/// A comparison of a text with a constant by a collation of the server, its padding included.
struct TextTest {
  enum class Kind : uint8_t { kCompare, kLike };

  Kind kind = Kind::kCompare;
  size_t column = 0;
  vtab::CompareOp op = vtab::CompareOp::kEq;  ///< kCompare
  std::string text;                           ///< kLike: the pattern
  int escape = 0;                             ///< kLike
  bool negated = false;                       ///< kLike
  const charset_info_st* collation = nullptr;

  /// False also for NULL.
  bool Accepts(const Value& value) const;
};

struct Conditions {
  /// What the store is asked for: every row that satisfies the condition satisfies it.
  vtab::Predicate predicate;
  /// What is tested on the shown texts; all must accept.
  std::vector<TextTest> tests;

  bool empty() const { return predicate.is_true() && tests.empty(); }
};

/// What of `condition` can be used on rows of `table`, which shows `view`.
Conditions Translate(THD* thd, const TABLE* table, const schema::View& view, Item* condition);

}  // namespace obviews::mariadb
