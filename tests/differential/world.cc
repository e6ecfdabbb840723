// Views and plain copies side by side; see world.h.
#include "world.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <set>

#include "virtual_tables/comparison.h"
#include "virtual_tables/view_cursor.h"

namespace obviews::differential {
namespace {

using schema::Mode;
using schema::RestoreShape;
using vtab::Literal;

schema::Zone ZoneOf(const char* name) {
  auto zone = schema::Zone::Parse(name);
  EXPECT_TRUE(zone) << name;
  return zone ? *zone : schema::Zone();
}

Literal ToLiteral(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::kInt:
    case Value::Kind::kUint:
      return value.as_int();
    case Value::Kind::kReal:
      return value.as_real();
    case Value::Kind::kText:
      return std::string(value.as_text());
    case Value::Kind::kNull:
      break;
  }
  return std::monostate{};
}

void Bind(sqlite3_stmt* statement, int index, const Literal& literal) {
  if (const auto* integer = std::get_if<int64_t>(&literal)) {
    sqlite3_bind_int64(statement, index, *integer);
  } else if (const auto* real = std::get_if<double>(&literal)) {
    sqlite3_bind_double(statement, index, *real);
  } else if (const auto* text = std::get_if<std::string>(&literal)) {
    sqlite3_bind_text64(statement, index, text->data(), text->size(), SQLITE_TRANSIENT,
                        SQLITE_UTF8);
  } else if (const auto* blob = std::get_if<vtab::Blob>(&literal)) {
    sqlite3_bind_blob64(statement, index, blob->bytes.data(), blob->bytes.size(), SQLITE_TRANSIENT);
  } else {
    sqlite3_bind_null(statement, index);
  }
}

/// Long texts shortened in the middle: they are told apart by their ends and lengths.
std::string Printable(std::string_view bytes) {
  std::string out;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (bytes.size() > 200 && i == 40) {
      out += fmt::format("...({} bytes)...", bytes.size());
      i = bytes.size() - 40;
    }
    auto c = static_cast<unsigned char>(bytes[i]);
    out += c < 0x20 || c >= 0x7F ? fmt::format("\\x{:02x}", c) : std::string(1, bytes[i]);
  }
  return out;
}

std::string Cell(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_NULL:
      return "NULL";
    case SQLITE_INTEGER:
      return fmt::format("{}", sqlite3_column_int64(statement, column));
    case SQLITE_FLOAT:
      return fmt::format("real {}", sqlite3_column_double(statement, column));
    default: {
      bool text = sqlite3_column_type(statement, column) == SQLITE_TEXT;
      const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, column));
      auto size = static_cast<size_t>(sqlite3_column_bytes(statement, column));
      return (text ? "'" : "x'") + Printable({bytes == nullptr ? "" : bytes, size}) + "'";
    }
  }
}

}  // namespace

bool LongTests() { return std::getenv("OBVIEWS_LONG_TESTS") != nullptr; }

std::vector<Scene> Scenes() {
  struct Who {
    const char* name;
    int64_t tenant;
    Mode mode;
  };
  constexpr Who kWho[] = {{"sys", 1, Mode::kMySql},
                          {"mysql", 1002, Mode::kMySql},
                          {"oracle", 1004, Mode::kOracle},
                          {"extreme", INT64_MIN, Mode::kOracle}};
  // Session zone, system zone.
  constexpr const char* kZones[][3] = {{"Fixed", "+08:00", "+08:00"},
                                       {"NewYork", "America/New_York", "Australia/Lord_Howe"},
                                       {"LordHowe", "Australia/Lord_Howe", "America/New_York"}};
  std::vector<Scene> scenes;
  for (const Who& who : kWho) {
    for (const auto& zone : kZones) {
      for (bool secrets : {false, true}) {
        for (auto shape : {RestoreShape::k421, RestoreShape::k423, RestoreShape::k433}) {
          Scene scene;
          scene.name = fmt::format("{}_{}_{}_{}", who.name, zone[0], secrets ? "open" : "masked",
                                   static_cast<int>(shape));
          scene.session = {who.tenant, who.mode, ZoneOf(zone[1]), ZoneOf(zone[2]), secrets, shape};
          scene.restore_views_only = shape != RestoreShape::k421;
          scenes.push_back(std::move(scene));
        }
      }
    }
  }
  return scenes;
}

std::string Show(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::kNull:
      return "NULL";
    case Value::Kind::kInt:
    case Value::Kind::kUint:
      return fmt::format("{}", value.as_int());
    case Value::Kind::kReal:
      return fmt::format("real {}", value.as_real());
    case Value::Kind::kText:
      break;
  }
  return "'" + Printable(value.as_text()) + "'";
}

std::string Outcome::ToString() const {
  std::string out = fmt::format("{} rows", rows.size());
  if (!error.empty()) out += ", error: " + error;
  for (size_t i = 0; i < rows.size() && i < 20; ++i) out += "\n  " + rows[i];
  return out;
}

std::shared_ptr<const engine::Snapshot> RandomStore() {
  static const engine::testing::TemporaryDirectory directory;
  static const std::shared_ptr<const engine::Snapshot> snapshot =
      []() -> std::shared_ptr<const engine::Snapshot> {
    auto store = engine::Store::Open(
        directory.Path("db"),
        {.access = engine::Access::kReadWrite, .create_if_missing = true, .sync = false});
    EXPECT_TRUE(store) << (store ? "" : store.error().message);
    if (!store) return nullptr;
    Random random(20230821);
    // A history record removes its live twin, so history comes first.
    for (bool history : {true, false}) {
      engine::Batch batch;
      for (const schema::RecordType& type : schema::RecordTypes()) {
        if (type.history != history) continue;
        for (int i = 0; i < 160; ++i) batch.Put(RandomRecord(type.kind, random));
      }
      auto committed = (*store)->Commit(batch);
      EXPECT_TRUE(committed) << (committed ? "" : committed.error().message);
    }
    auto taken = (*store)->TakeSnapshot();
    EXPECT_TRUE(taken) << (taken ? "" : taken.error().message);
    return taken ? *taken : nullptr;
  }();
  return snapshot;
}

World::World(const Scene& scene)
    : session_(scene.session),
      snapshot_(RandomStore()),
      context_(
          [this]() -> Result<std::shared_ptr<const engine::Snapshot>> {
            ++snapshots_taken_;
            return snapshot_;
          },
          &session_) {
  for (const schema::View* view : session_.catalog().VisibleTo(session_.is_sys(), session_.mode)) {
    if (!scene.restore_views_only || view->name.find("RESTORE") != std::string_view::npos) {
      views_.push_back(view);
    }
  }
  EXPECT_EQ(sqlite3_open(":memory:", &db_), SQLITE_OK);
  EXPECT_TRUE(vtab::sql::RegisterModule(db_, &context_));
  EXPECT_TRUE(vtab::sql::CreateViews(db_, session_));
  EXPECT_EQ(sqlite3_exec(db_, "ATTACH ':memory:' AS plain", nullptr, nullptr, nullptr), SQLITE_OK);
  for (const schema::View* view : views_) Copy(*view);
}

World::~World() { sqlite3_close_v2(db_); }

void World::Copy(const schema::View& view) {
  std::string columns;
  std::string places;
  for (const schema::Column& column : view.columns) {
    constexpr const char* kTypes[] = {"INTEGER", "REAL", "TEXT"};
    columns += fmt::format("{}\"{}\" {}", columns.empty() ? "" : ", ", column.name,
                           kTypes[static_cast<size_t>(column.kind)]);
    places += places.empty() ? "?" : ", ?";
  }
  std::string create = fmt::format("CREATE TABLE plain.{}({})", view.name, columns);
  ASSERT_EQ(sqlite3_exec(db_, create.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << create;
  sqlite3_stmt* insert = nullptr;
  std::string into = fmt::format("INSERT INTO plain.{} VALUES({})", view.name, places);
  ASSERT_EQ(sqlite3_prepare_v2(db_, into.c_str(), -1, &insert, nullptr), SQLITE_OK) << into;
  vtab::ViewCursor cursor(snapshot_, session_, {.view = &view});
  std::vector<std::set<Literal>> seen(view.columns.size());
  for (;;) {
    auto more = cursor.Next();
    ASSERT_TRUE(more) << more.error().message;
    if (!*more) break;
    for (size_t i = 0; i < view.columns.size(); ++i) {
      auto value = cursor.Column(i);
      ASSERT_TRUE(value) << value.error().message;
      Literal literal = ToLiteral(*value);
      Bind(insert, static_cast<int>(i) + 1, literal);
      seen[i].insert(std::move(literal));
    }
    ASSERT_EQ(sqlite3_step(insert), SQLITE_DONE);
    sqlite3_reset(insert);
  }
  sqlite3_finalize(insert);
  for (size_t i = 0; i < seen.size(); ++i) {
    values_[{&view, i}].assign(seen[i].begin(), seen[i].end());
  }
}

const std::vector<Literal>& World::ValuesOf(const schema::View& view, size_t column) const {
  return values_.at({&view, column});
}

Outcome World::Run(const std::string& sql, const std::vector<Literal>& parameters) {
  Outcome outcome;
  context_.BeginStatement(sql);
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(db_, sql.data(), static_cast<int>(sql.size()), &statement, nullptr) !=
      SQLITE_OK) {
    outcome.error = sqlite3_errmsg(db_);
    return outcome;
  }
  for (size_t i = 0; i < parameters.size(); ++i) {
    Bind(statement, static_cast<int>(i) + 1, parameters[i]);
  }
  int step = sqlite3_step(statement);
  for (; step == SQLITE_ROW; step = sqlite3_step(statement)) {
    std::string row;
    for (int i = 0; i < sqlite3_column_count(statement); ++i) {
      if (i > 0) row += " | ";
      row += Cell(statement, i);
    }
    outcome.rows.push_back(std::move(row));
  }
  if (step != SQLITE_DONE) outcome.error = sqlite3_errmsg(db_);
  sqlite3_finalize(statement);
  return outcome;
}

std::string Inline(const Literal& literal) {
  if (const auto* text = std::get_if<std::string>(&literal);
      text != nullptr && text->find('\0') != std::string::npos) {
    return fmt::format("CAST({} AS TEXT)", vtab::ToSql(Literal(vtab::Blob{*text})));
  }
  if (const auto* real = std::get_if<double>(&literal)) {
    return std::isinf(*real) ? "9e999" : fmt::format("{:.17e}", *real);
  }
  return vtab::ToSql(literal);
}

Literal RandomLiteral(const World& world, const schema::View& view, size_t column, Random& random) {
  const auto& values = world.ValuesOf(view, column);
  Literal literal;
  if (!values.empty() && !OneIn(random, 3)) {
    literal = Pick(random, values);
  } else {
    switch (Below(random, 8)) {
      case 0:
        return std::monostate{};
      case 1:
        return RandomInteger(random);
      case 2:
        return static_cast<int64_t>(Below(random, 12));
      case 3: {
        constexpr double kReals[] = {0.5,
                                     3.0,
                                     -0.0,
                                     1e18,
                                     9223372036854775808.0,
                                     -1e300,
                                     33.33,
                                     100.0,
                                     std::numeric_limits<double>::infinity(),
                                     2.000001,
                                     -9223372036854775808.0};
        return Pick(random, kReals);
      }
      case 4:
        return vtab::Blob{OneIn(random, 2) ? std::string() : RandomPoolText(random)};
      case 5:
        return std::to_string(RandomInteger(random));
      case 6:
        literal = "2023-03-12 03:00:00.000000";
        break;
      default:
        return RandomPoolText(random);
    }
  }
  if (auto* text = std::get_if<std::string>(&literal); text != nullptr && OneIn(random, 3)) {
    if (!text->empty() && OneIn(random, 2)) {
      text->resize(Below(random, text->size()));
    } else if (!text->empty() && OneIn(random, 2)) {
      ++text->back();
    } else {
      *text += Pick(random, "0 Z\x7F");
    }
  } else if (auto* integer = std::get_if<int64_t>(&literal);
             integer != nullptr && OneIn(random, 4)) {
    switch (Below(random, 3)) {
      case 0:
        return std::to_string(*integer);
      case 1:
        return fmt::format(" {}.0", *integer);
      default:
        return static_cast<double>(*integer) + (OneIn(random, 2) ? 0.5 : 0);
    }
  }
  return literal;
}

std::string RandomPattern(const World& world, const schema::View& view, size_t column,
                          Random& random) {
  Literal literal = RandomLiteral(world, view, column, random);
  std::string pattern;
  if (const auto* text = std::get_if<std::string>(&literal)) pattern = *text;
  if (const auto* number = std::get_if<int64_t>(&literal)) pattern = std::to_string(*number);
  if (pattern.size() > 60) pattern.resize(60);
  for (size_t edits = Below(random, 3); edits > 0 && !pattern.empty(); --edits) {
    size_t at = Below(random, pattern.size());
    if (OneIn(random, 2)) {
      pattern.replace(at, Below(random, 4), "%");
    } else {
      pattern[at] = '_';
    }
  }
  if (OneIn(random, 2)) pattern += '%';
  return pattern;
}

size_t RandomColumn(const schema::View& view, Random& random) {
  if (OneIn(random, 3)) {
    auto keys = KeyColumns(view);
    return Pick(random, keys);
  }
  return Below(random, view.columns.size());
}

std::vector<size_t> KeyColumns(const schema::View& view) {
  std::vector<size_t> keys;
  std::vector<const char*> names = {"TENANT_ID", "JOB_ID", "TASK_ID"};
  if (!view.record->grouped_by.empty()) names.insert(names.end(), {"STATUS", "RESULT"});
  for (const char* name : names) {
    if (int at = view.FindColumn(name); at >= 0) keys.push_back(static_cast<size_t>(at));
  }
  return keys;
}

}  // namespace obviews::differential
