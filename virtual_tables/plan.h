// From a predicate on shown columns to the cheapest exact way of answering it: a key space for the
// cursor, tests on raw fields, and only then tests on shown values.
#pragma once

#include <boost/container/flat_set.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "engine/key_space.h"
#include "virtual_tables/comparison.h"
#include "virtual_tables/materialise.h"
#include "virtual_tables/predicate.h"
#include "virtual_tables/session.h"

namespace obviews::vtab {

enum class AccessPath : uint8_t { kPoint, kRange, kIndex, kFull };
std::string_view AccessPathName(AccessPath path);

/// One compiled condition. Negation was pushed down into the leaves, so there is no NOT.
struct Filter {
  enum class Kind : uint8_t {
    kAnd,
    kOr,
    kRawInt,     ///< the raw integer is in `set`; outside `domain` it shows NULL
    kRawText,    ///< the raw text compares with `literal`
    kRawTextIn,  ///< the raw text is one of `texts`
    kIsNull,     ///< the shown value is NULL, told from the raw field
    kShown,      ///< the shown value compares with one of `literals`
    kShownNull,  ///< the shown value is NULL, told by showing it
    kLike,       ///< the shown value is LIKE `pattern`
    kConstant,   ///< `constant`
  };
  Kind kind = Kind::kConstant;
  bool negate = false;  ///< leaves only; NULL stays NULL
  size_t column = 0;
  size_t field = 0;
  std::vector<Filter> children;
  schema::RangeSet set;
  schema::RangeSet domain = schema::RangeSet::All();
  CompareOp op = CompareOp::kEq;
  std::vector<Literal> literals;
  boost::container::flat_set<std::string, std::less<>> texts;
  bool null_in_list = false;
  std::string pattern;
  char32_t escape = 0;
  Tri constant = Tri::kTrue;
};

/// How a scan will be answered.
struct Plan {
  AccessPath path = AccessPath::kFull;
  engine::KeySpace space;
  /// What the store answers without looking at every record: groups and times of tasks, and (the
  /// filter's only) the fields to be read.
  engine::ScanOptions scan;
  Filter filter;  ///< what key space and groups do not say already
  /// Conditions, as SQL, by who answers them: the key space and raw fields, or shown values.
  std::vector<std::string> pushed;
  std::vector<std::string> residual;

  /// "TENANT_ID 1002, JOB_ID 3", one of them for now; none when every record is visited.
  std::vector<std::string> Ranges() const;
};

/// Plans `predicate` on `view`. Never fails: what cannot be pushed is residual. `in_key_order`
/// rules out the task index where it would yield another order than (TENANT_ID, JOB_ID, TASK_ID).
Plan MakePlan(const Session& session, const schema::View& view, const Predicate& predicate,
              bool in_key_order = false);

/// Tests a record. `shower` shows the columns that need it. Errors: damage of external texts.
Result<Tri> Evaluate(const Filter& filter, const engine::RecordView& record, Materialiser& shower,
                     std::string& scratch);

}  // namespace obviews::vtab
