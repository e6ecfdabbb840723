// Planning a scan and testing records; see plan.h.
#include "virtual_tables/plan.h"

#include "virtual_tables/compile.h"
#include "virtual_tables/group_predicate.h"

namespace obviews::vtab {
namespace {

using engine::KeySpace;
using engine::RecordView;
using schema::KeyPart;
using schema::RangeSet;

/// The part of the key a filter leaf is about; kNone for others.
KeyPart KeyPartOf(const schema::View& view, const Filter& filter) {
  if (filter.kind != Filter::Kind::kRawInt) return KeyPart::kNone;
  return view.record->fields[filter.field].key_part;
}

void Narrow(KeySpace& space, KeyPart part, const RangeSet& set) {
  RangeSet& target = part == KeyPart::kTenant ? space.tenants
                     : part == KeyPart::kJob  ? space.jobs
                                              : space.tasks;
  target = target.Intersect(set);
}

/// A key space that holds every key of a record the filter can accept.
KeySpace Bound(const schema::View& view, const Filter& filter) {
  KeySpace space;
  KeyPart part = KeyPartOf(view, filter);
  if (part != KeyPart::kNone) {
    Narrow(space, part, filter.set);
  } else if (filter.kind == Filter::Kind::kAnd) {
    for (const Filter& child : filter.children) space = space.Intersect(Bound(view, child));
  } else if (filter.kind == Filter::Kind::kOr && !filter.children.empty()) {
    space = Bound(view, filter.children[0]);
    // Each part once: what is looked at twice doubles with every OR inside another.
    for (size_t i = 1; i < filter.children.size(); ++i) {
      KeySpace other = Bound(view, filter.children[i]);
      if (other.IsEmpty()) continue;
      if (space.IsEmpty()) {
        space = other;
        continue;
      }
      space = {space.tenants.Union(other.tenants), space.jobs.Union(other.jobs),
               space.tasks.Union(other.tasks)};
    }
  }
  return space;
}

/// Task ids up to which fetching each record through the index beats walking over all of them.
constexpr uint64_t kMaxIndexedTasks = 1000;

bool IsFew(const RangeSet& set) {
  uint64_t left = kMaxIndexedTasks;
  for (const schema::Range& range : set.ranges()) {
    // Unsigned: the distance of any two int64 fits.
    uint64_t more = static_cast<uint64_t>(range.hi) - static_cast<uint64_t>(range.lo);
    if (more >= left) return false;
    left -= more + 1;
  }
  return !set.IsEmpty();
}

AccessPath ChoosePath(const schema::View& view, const KeySpace& space, bool in_key_order) {
  bool per_task = view.record->per_task;
  if (space.IsAll()) return AccessPath::kFull;
  if (space.tenants.IsPoints() && space.jobs.IsPoints() && (!per_task || space.tasks.IsPoints())) {
    return AccessPath::kPoint;
  }
  // Task ids are unique in a tenant: the index leads to the record whatever its job. One task id is
  // one record of a tenant, so its order is that of keys; several come in the order of task ids.
  bool by_index = in_key_order ? space.tasks.IsPoint() : IsFew(space.tasks);
  if (per_task && space.jobs.IsAll() && by_index) return AccessPath::kIndex;
  return AccessPath::kRange;
}

/// Adds the fields that testing `filter` reads.
void AddFields(const schema::View& view, const Filter& filter, engine::FieldSet& fields) {
  for (const Filter& child : filter.children) AddFields(view, child, fields);
  bool leaf = filter.kind != Filter::Kind::kAnd && filter.kind != Filter::Kind::kOr &&
              filter.kind != Filter::Kind::kConstant;
  if (leaf) fields.Add(view.columns[filter.column].field);
}

/// Lets the store leave out what a condition on a task's times rules out.
void NarrowTimes(const schema::View& view, const Filter& filter, engine::ScanOptions& scan) {
  if (!view.record->per_task || filter.kind != Filter::Kind::kRawInt) return;
  if (filter.field == schema::TaskFields::kStart) scan.start = scan.start.Intersect(filter.set);
  if (filter.field == schema::TaskFields::kCompletion) {
    scan.completion = scan.completion.Intersect(filter.set);
  }
}

/// Top-level conditions, each on its own.
void Conjuncts(const Predicate& predicate, std::vector<const Predicate*>& out) {
  if (predicate.kind != Predicate::Kind::kAnd) {
    out.push_back(&predicate);
    return;
  }
  for (const Predicate& child : predicate.children) Conjuncts(child, out);
}

Tri Not(Tri value) {
  if (value == Tri::kNull) return value;
  return value == Tri::kTrue ? Tri::kFalse : Tri::kTrue;
}

/// A raw text that shows as NULL: NULL itself, and in Oracle mode the empty text.
bool TextShowsNull(const Filter& filter, const RecordView& record, const Materialiser& shower) {
  if (record.IsNull(filter.field)) return true;
  return shower.EmptyIsNull() && !record.IsExternal(filter.field) &&
         record.Text(filter.field).empty();
}

Tri TestNull(const Filter& filter, const RecordView& record, const Materialiser& shower) {
  bool is_null = record.IsNull(filter.field);
  if (!is_null && record.type().fields[filter.field].is_text()) {
    is_null = TextShowsNull(filter, record, shower);
  } else if (!is_null) {
    is_null = !filter.domain.Contains(record.Int(filter.field));
  }
  return is_null != filter.negate ? Tri::kTrue : Tri::kFalse;
}

/// Whether a value is one of the literals (or compares with the only one).
Tri TestAgainst(const Filter& filter, const Value& value) {
  if (value.is_null()) return Tri::kNull;
  for (const Literal& literal : filter.literals) {
    if (CompareValue(value, filter.op, literal) == Tri::kTrue) return Tri::kTrue;
  }
  return filter.null_in_list ? Tri::kNull : Tri::kFalse;
}

Result<Tri> TestShown(const Filter& filter, const RecordView& record, Materialiser& shower,
                      std::string& scratch) {
  OBVIEWS_ASSIGN_OR_RETURN(Value value, shower.Show(record, filter.column));
  if (filter.kind == Filter::Kind::kShownNull) {
    return value.is_null() != filter.negate ? Tri::kTrue : Tri::kFalse;
  }
  if (filter.kind == Filter::Kind::kShown) {
    Tri found = TestAgainst(filter, value);
    return filter.negate ? Not(found) : found;
  }
  if (value.is_null()) return Tri::kNull;
  std::string number;
  std::string_view text = value.as_text();
  if (value.kind() != Value::Kind::kText) {
    number = value.kind() == Value::Kind::kReal ? RealToText(value.as_real())
                                                : std::to_string(value.as_int());
    text = number;
  }
  bool matches = LikeMatches(text, filter.pattern, filter.escape, scratch);
  return matches != filter.negate ? Tri::kTrue : Tri::kFalse;
}

Result<Tri> TestRawText(const Filter& filter, const RecordView& record, Materialiser& shower) {
  if (TextShowsNull(filter, record, shower)) return Tri::kNull;
  std::string_view text;
  if (record.IsExternal(filter.field)) {
    OBVIEWS_ASSIGN_OR_RETURN(Value value, shower.Show(record, filter.column));
    text = value.as_text();
  } else {
    text = record.Text(filter.field);
  }
  if (filter.kind == Filter::Kind::kRawText) {
    return schema::CompareTexts(filter.op, text, std::get<std::string>(filter.literals[0]))
               ? Tri::kTrue
               : Tri::kFalse;
  }
  Tri found = filter.texts.contains(text) ? Tri::kTrue
              : filter.null_in_list       ? Tri::kNull
                                          : Tri::kFalse;
  return filter.negate ? Not(found) : found;
}

}  // namespace

std::string_view AccessPathName(AccessPath path) {
  switch (path) {
    case AccessPath::kPoint:
      return "point";
    case AccessPath::kRange:
      return "range";
    case AccessPath::kIndex:
      return "index";
    case AccessPath::kFull:
      return "full";
  }
  return "";
}

std::vector<std::string> Plan::Ranges() const {
  if (path == AccessPath::kFull) return {};
  return {space.IsEmpty() ? std::string("none") : space.ToString()};
}

Plan MakePlan(const Session& session, const schema::View& view, const Predicate& predicate,
              bool in_key_order) {
  Plan plan;
  plan.filter.kind = Filter::Kind::kAnd;
  if (view.scope == schema::Scope::kDba) {
    plan.space.tenants = RangeSet::Point(session.tenant_id);
  }
  std::vector<const Predicate*> conjuncts;
  Conjuncts(predicate, conjuncts);
  // Raw fields are cheaper than shown values, whatever order the conditions were written in.
  std::vector<Filter> on_shown;
  std::vector<Filter> on_groups;
  for (const Predicate* conjunct : conjuncts) {
    Filter filter = Compile(session, view, *conjunct, false);
    bool raw = IsRaw(filter) || IsOnGroups(view, filter);
    (raw ? plan.pushed : plan.residual).push_back(ToSql(*conjunct, view));
    if (filter.kind == Filter::Kind::kConstant && filter.constant != Tri::kTrue) {
      plan.space.tenants = RangeSet();  // no row can satisfy it
    }
    plan.space = plan.space.Intersect(Bound(view, filter));
    // A condition on one part of the key is wholly said by the key space.
    if (KeyPartOf(view, filter) != KeyPart::kNone) continue;
    NarrowTimes(view, filter, plan.scan);
    if (IsOnGroups(view, filter)) {
      on_groups.push_back(std::move(filter));
      continue;
    }
    (raw ? plan.filter.children : on_shown).push_back(std::move(filter));
  }
  for (Filter& filter : on_shown) plan.filter.children.push_back(std::move(filter));
  if (!on_groups.empty()) {
    plan.scan.groups = MakeGroupPredicate(session, view, std::move(on_groups));
  }
  plan.scan.fields = {};
  AddFields(view, plan.filter, plan.scan.fields);
  plan.path = ChoosePath(view, plan.space, in_key_order);
  return plan;
}

Result<Tri> Evaluate(const Filter& filter, const RecordView& record, Materialiser& shower,
                     std::string& scratch) {
  switch (filter.kind) {
    case Filter::Kind::kConstant:
      return filter.constant;
    case Filter::Kind::kRawInt: {
      if (record.IsNull(filter.field)) return Tri::kNull;
      int64_t raw = record.Int(filter.field);
      if (filter.set.Contains(raw)) return Tri::kTrue;
      return filter.domain.Contains(raw) ? Tri::kFalse : Tri::kNull;
    }
    case Filter::Kind::kRawText:
    case Filter::Kind::kRawTextIn:
      return TestRawText(filter, record, shower);
    case Filter::Kind::kIsNull:
      return TestNull(filter, record, shower);
    case Filter::Kind::kShown:
    case Filter::Kind::kShownNull:
    case Filter::Kind::kLike:
      return TestShown(filter, record, shower, scratch);
    case Filter::Kind::kAnd:
    case Filter::Kind::kOr:
      break;
  }
  // AND stops at the first false, OR at the first true; NULL is remembered.
  Tri decisive = filter.kind == Filter::Kind::kAnd ? Tri::kFalse : Tri::kTrue;
  Tri result = Not(decisive);
  for (const Filter& child : filter.children) {
    OBVIEWS_ASSIGN_OR_RETURN(Tri value, Evaluate(child, record, shower, scratch));
    if (value == decisive) return value;
    if (value == Tri::kNull) result = value;
  }
  return result;
}

}  // namespace obviews::vtab
