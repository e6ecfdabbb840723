// One session over a store of random records: its views as virtual tables in the attached schema
// `views`-as-named, and beside them, in the schema `plain`, ordinary tables holding a copy of every
// row, declared alike. What SQLite makes of the copies is what the views must give.
#pragma once

#include <sqlite3.h>

#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "engine/store.h"
#include "engine/testing.h"
#include "records.h"
#include "schema/value.h"
#include "virtual_tables/predicate.h"
#include "virtual_tables/sql/module.h"

namespace obviews::differential {

/// Full form, or the short one of every test run.
bool LongTests();

/// A session and the name a test shows for it.
struct Scene {
  std::string name;
  vtab::Session session;
  bool restore_views_only = false;  ///< of newer shapes, in which only these differ
};
/// For the test's messages.
inline void PrintTo(const Scene& scene, std::ostream* out) { *out << scene.name; }
/// Every tenant, mode, zone, shape, with and without secrets.
std::vector<Scene> Scenes();

/// A result: rows as texts that tell values and types apart, or the error.
struct Outcome {
  std::vector<std::string> rows;
  std::string error;
  std::string ToString() const;
};

/// A store of random records of every kind; made once.
std::shared_ptr<const engine::Snapshot> RandomStore();

class World {
 public:
  explicit World(const Scene& scene);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  const vtab::Session& session() const { return session_; }
  const std::vector<const schema::View*>& views() const { return views_; }
  std::string_view schema_name() const { return views_.front()->schema_name(); }
  const std::shared_ptr<const engine::Snapshot>& snapshot() const { return snapshot_; }

  /// Shown values a column has, each once.
  const std::vector<vtab::Literal>& ValuesOf(const schema::View& view, size_t column) const;

  Outcome Run(const std::string& sql, const std::vector<vtab::Literal>& parameters);
  /// Snapshots taken so far.
  int snapshots_taken() const { return snapshots_taken_; }

 private:
  void Copy(const schema::View& view);

  vtab::Session session_;
  std::shared_ptr<const engine::Snapshot> snapshot_;
  std::vector<const schema::View*> views_;
  int snapshots_taken_ = 0;
  vtab::sql::ModuleContext context_;
  sqlite3* db_ = nullptr;
  std::map<std::pair<const schema::View*, size_t>, std::vector<vtab::Literal>> values_;
};

/// A constant as SQL, any bytes.
std::string Inline(const vtab::Literal& literal);
/// A constant a column may be compared with: mostly one of its values, whole, cut or changed.
vtab::Literal RandomLiteral(const World& world, const schema::View& view, size_t column,
                            Random& random);
/// A LIKE pattern that has a chance to match.
std::string RandomPattern(const World& world, const schema::View& view, size_t column,
                          Random& random);
/// A column, often one of the key.
size_t RandomColumn(const schema::View& view, Random& random);
/// Columns that tell rows apart, in the order of rows.
std::vector<size_t> KeyColumns(const schema::View& view);
/// A value as an Outcome has it.
std::string Show(const Value& value);

}  // namespace obviews::differential
