// Helpers shared by the tests of every layer: a temporary folder, random records derived from the
// catalog, and a model of what a store must hold. Header-only; for tests alone.
#pragma once

#include <stdlib.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <iterator>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/store.h"
#include "schema/conversions.h"
#include "schema/record.h"

namespace obviews::engine::testing {

/// A fresh directory, removed with all it holds.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "obviews-test-XXXXXX").string();
    if (mkdtemp(pattern.data()) != nullptr) path_ = pattern;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::string& path() const { return path_; }
  /// A path below the directory; nothing is created.
  std::string Path(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

/// Bytes of any value: NUL, quotes, invalid UTF-8 and 4-byte characters turn up often.
inline std::string RandomText(std::mt19937_64& random, size_t size) {
  static constexpr const char* kPieces[] = {"a",
                                            "Z",
                                            "0",
                                            " ",
                                            "`",
                                            "'",
                                            "\"",
                                            "\\",
                                            ",",
                                            ".",
                                            "\n",
                                            "\r\n",
                                            "\t",
                                            "%",
                                            "_",
                                            "\xFF",
                                            "\xC3\x28",
                                            "\xE8\xA1\xA8",
                                            "\xF0\x9F\x97\x84"};
  std::string text;
  while (text.size() < size) {
    if (random() % 8 == 0) {
      text.push_back(static_cast<char>(random()));
    } else {
      text += kPieces[random() % std::size(kPieces)];
    }
  }
  text.resize(size);
  return text;
}

/// A text of a length that matters: none, short, about the bound of inline texts, long.
inline std::string RandomText(std::mt19937_64& random) {
  switch (random() % 16) {
    case 0:
    case 1:
    case 2:
      return {};
    case 3:
      return RandomText(random, kMaxInlineText - 1 + random() % 3);
    case 4:
      return RandomText(random, kMaxInlineText + 1 + random() % 20000);
    default:
      return RandomText(random, 1 + random() % 40);
  }
}

inline int64_t RandomInt(std::mt19937_64& random) {
  using Limits = std::numeric_limits<int64_t>;
  switch (random() % 8) {
    case 0:
      return Limits::min();
    case 1:
      return Limits::max();
    case 2:
      return -1;
    case 3:
      return 0;
    case 4:
      return static_cast<int64_t>(random());
    case 5:
      return 1692191329492389 + static_cast<int64_t>(random() % 1000000000);
    default:
      return static_cast<int64_t>(random() % 3000);
  }
}

/// A legal value of one field: NULL where it may be, extremes, odd bytes.
inline schema::FieldValue RandomValue(const schema::RecordType& type, const schema::Field& field,
                                      std::mt19937_64& random) {
  if (field.nullable && random() % 5 == 0) return std::monostate{};
  switch (field.type) {
    case schema::FieldType::kInt:
    case schema::FieldType::kTime:
      return RandomInt(random);
    case schema::FieldType::kUint: {
      const uint64_t choices[] = {0, 1, schema::kMaxScn, 1692104831498747191U,
                                  random() % (schema::kMaxScn + 1)};
      return choices[random() % std::size(choices)];
    }
    case schema::FieldType::kPairs: {
      std::vector<schema::NamedValue> pairs(random() % 4);
      for (schema::NamedValue& pair : pairs) {
        pair.name = RandomText(random, 1 + random() % 12);
        pair.is_null = random() % 4 == 0;
        if (!pair.is_null) pair.value = RandomText(random);
      }
      return schema::EncodePairs(pairs);
    }
    case schema::FieldType::kText:
      break;
  }
  if (field.name == "status") return std::string(type.statuses[random() % type.statuses.size()]);
  if (type.per_task && field.name == "result" && random() % 3 != 0) {
    const char* choices[] = {"", "SUCCEESS", "SUCCESS", "FAILED"};
    return choices[random() % std::size(choices)];
  }
  if (type.per_task && field.name == "result") return RandomText(random, random() % 70);
  if (field.origin == schema::Origin::kPair &&
      (field.name == "restore_scn" || field.name == "consistent_scn") && random() % 2 == 0) {
    return std::to_string(random() % (schema::kMaxScn + 1));
  }
  return RandomText(random);
}

/// A record with every field filled by its type from the catalog. Keys are small and dense, so that
/// records of several calls meet; set them afterwards where that does not suit.
inline schema::Record RandomRecord(schema::RecordKind kind, std::mt19937_64& random) {
  schema::Record record(kind);
  const schema::RecordType& type = record.type();
  for (size_t i = 0; i < type.fields.size(); ++i) {
    switch (type.fields[i].key_part) {
      case schema::KeyPart::kTenant:
        record[i] = static_cast<int64_t>(1002 + 2 * (random() % 4));
        break;
      case schema::KeyPart::kJob:
        record[i] = static_cast<int64_t>(1 + random() % 6);
        break;
      case schema::KeyPart::kTask:
        record[i] = static_cast<int64_t>(1000 + random() % 60);
        break;
      case schema::KeyPart::kNone:
        record[i] = RandomValue(type, type.fields[i], random);
        break;
    }
  }
  return record;
}

/// An import task with just its key and status.
inline schema::Record Task(int64_t tenant, int64_t job, int64_t task, std::string status = "DOING",
                           schema::RecordKind kind = schema::RecordKind::kImportTask) {
  schema::Record record(kind);
  record.Set("tenant_id", tenant);
  record.Set("job_id", job);
  record.Set("task_id", task);
  record.Set("status", std::move(status));
  return record;
}

/// A job of any kind with just its key.
inline schema::Record Job(schema::RecordKind kind, int64_t tenant, int64_t job) {
  schema::Record record(kind);
  record.Set("tenant_id", tenant);
  record.Set("job_id", job);
  return record;
}

/// What the store must hold after a series of batches, by the rules of Batch::Put, held in memory.
class Model {
 public:
  void Put(const schema::Record& record) {
    const schema::RecordType& type = record.type();
    Key key = record.key();
    if (type.per_task) RemoveTask(type.kind, key.tenant_id, key.task_id);
    records_[type.kind].erase(key);
    if (type.history) {
      if (type.per_task) RemoveTask(type.twin, key.tenant_id, key.task_id);
      records_[type.twin].erase(key);
    }
    records_[type.kind].emplace(key, record);
  }
  void Delete(schema::RecordKind kind, const Key& key) { records_[kind].erase(key); }

  const std::map<Key, schema::Record>& Of(schema::RecordKind kind) { return records_[kind]; }
  /// Every record, kind by kind, in key order.
  std::vector<schema::Record> All() {
    std::vector<schema::Record> all;
    for (const schema::RecordType& type : schema::RecordTypes()) {
      for (const auto& [key, record] : records_[type.kind]) all.push_back(record);
    }
    return all;
  }

 private:
  void RemoveTask(schema::RecordKind kind, int64_t tenant, int64_t task) {
    std::erase_if(records_[kind], [&](const auto& entry) {
      return entry.first.tenant_id == tenant && entry.first.task_id == task;
    });
  }
  std::map<schema::RecordKind, std::map<Key, schema::Record>> records_;
};

/// The `number`-th of a series of random batches, the same in every process, put into the model
/// too.
inline Batch RandomBatch(uint64_t number, Model* model) {
  std::mt19937_64 random(number);
  Batch batch;
  for (uint64_t deletes = random() % 3; deletes > 0; --deletes) {
    const schema::RecordType& type = schema::RecordTypes()[random() % schema::RecordTypes().size()];
    const auto& present = model->Of(type.kind);
    if (present.empty()) continue;
    Key key = std::next(present.begin(), static_cast<int64_t>(random() % present.size()))->first;
    batch.Delete(type.kind, key);
    model->Delete(type.kind, key);
  }
  for (uint64_t puts = 1 + random() % 4; puts > 0; --puts) {
    const schema::RecordType& type = schema::RecordTypes()[random() % schema::RecordTypes().size()];
    schema::Record record = RandomRecord(type.kind, random);
    model->Put(record);
    batch.Put(std::move(record));
  }
  return batch;
}

/// Every record of a snapshot, kind by kind, in key order, every text read; the first error instead
/// if there is one.
inline Result<std::vector<schema::Record>> ReadAll(const Snapshot& snapshot) {
  std::vector<schema::Record> all;
  for (const schema::RecordType& type : schema::RecordTypes()) {
    auto cursor = snapshot.Scan(type.kind, KeySpace{});
    for (;;) {
      OBVIEWS_ASSIGN_OR_RETURN(bool more, cursor->Next());
      if (!more) break;
      OBVIEWS_ASSIGN_OR_RETURN(schema::Record record, snapshot.Materialise(cursor->record()));
      all.push_back(std::move(record));
    }
  }
  return all;
}

}  // namespace obviews::engine::testing
