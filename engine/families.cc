// Column families and options; see families.h.
#include "engine/families.h"

#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>

#include <charconv>
#include <cstring>

namespace obviews::engine {
namespace {

constexpr size_t kBlockCacheBytes = size_t{256} << 20;

/// RocksDB's own log has no place beside a store that is only read; writers have an InfoLog.
class SilentLogger final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char* /*format*/, va_list /*arguments*/) override {}
};

}  // namespace

const std::vector<std::string>& FamilyNames() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list = {rocksdb::kDefaultColumnFamilyName,
                                     "task_index",
                                     "text",
                                     "tenant",
                                     "task_status",
                                     "task_facts",
                                     "task_counts",
                                     "link",
                                     "sample"};
    for (const schema::RecordType& type : schema::RecordTypes()) list.emplace_back(type.name);
    return list;
  }();
  return names;
}

std::string EncodeNumber(uint64_t number) {
  std::string out(sizeof number, '\0');
  std::memcpy(out.data(), &number, sizeof number);
  return out;
}

bool DecodeNumber(std::string_view bytes, uint64_t* number) {
  if (bytes.size() != sizeof *number) return false;
  std::memcpy(number, bytes.data(), sizeof *number);
  return true;
}

std::string EncodeStamps(const Stamps& stamps) {
  std::string out = EncodeNumber(stamps.commit.number) +
                    EncodeNumber(static_cast<uint64_t>(stamps.commit.committed_usec));
  for (uint64_t number : stamps.families) out += EncodeNumber(number);
  return out;
}

bool DecodeStamps(std::string_view bytes, Stamps* stamps) {
  if (bytes.size() != (2 + stamps->families.size()) * sizeof(uint64_t)) return false;
  auto take = [&] {
    uint64_t number = 0;
    DecodeNumber(bytes.substr(0, sizeof number), &number);
    bytes.remove_prefix(sizeof number);
    return number;
  };
  stamps->commit.number = take();
  stamps->commit.committed_usec = static_cast<int64_t>(take());
  for (uint64_t& number : stamps->families) number = take();
  return true;
}

std::string TaskIndexKey(int64_t tenant_id, int64_t task_id, schema::RecordKind kind) {
  std::string out(17, '\0');
  PutOrderedInt(out.data(), tenant_id);
  PutOrderedInt(out.data() + 8, task_id);
  out[16] = static_cast<char>(kind);
  return out;
}

bool DecodeTaskIndexKey(std::string_view bytes, int64_t* tenant_id, int64_t* task_id,
                        schema::RecordKind* kind) {
  if (bytes.size() != 17) return false;
  *tenant_id = GetOrderedInt(bytes.data());
  *task_id = GetOrderedInt(bytes.data() + 8);
  *kind = static_cast<schema::RecordKind>(bytes[16]);
  return true;
}

namespace {

constexpr size_t kDrivenSize = 17;
constexpr size_t kLinkSize = 33;

void AppendOrderedInt(std::string* out, int64_t value) {
  size_t at = out->size();
  out->resize(at + 8);
  PutOrderedInt(out->data() + at, value);
}

/// The fields of a job that name its initiator. Live restore jobs hold theirs as text.
struct InitiatorFields {
  int tenant = -1;
  int job = -1;
  bool text = false;
};
InitiatorFields InitiatorOf(const schema::RecordType& type) {
  InitiatorFields out;
  if (type.per_task) return out;
  out.tenant = schema::FindField(type.fields, "initiator_tenant_id");
  out.job = schema::FindField(type.fields, "initiator_job_id");
  out.text = type.fields[static_cast<size_t>(out.job)].is_text();
  return out;
}

int64_t ParseId(std::string_view text) {
  int64_t id = 0;
  auto parsed = std::from_chars(text.data(), text.data() + text.size(), id);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() ? id : 0;
}

}  // namespace

std::string LinkPrefix(schema::RecordKind kind, int64_t initiator_tenant, int64_t initiator_job) {
  std::string out(1, static_cast<char>(kind));
  AppendOrderedInt(&out, initiator_tenant);
  AppendOrderedInt(&out, initiator_job);
  return out;
}

std::string LinkKey(schema::RecordKind kind, int64_t initiator_tenant, int64_t initiator_job,
                    const Key& job) {
  std::string out = LinkPrefix(kind, initiator_tenant, initiator_job);
  AppendOrderedInt(&out, job.tenant_id);
  AppendOrderedInt(&out, job.job_id);
  return out;
}

std::string LinkOf(const RecordView& record) {
  InitiatorFields fields = InitiatorOf(record.type());
  if (fields.job < 0) return {};
  auto id = [&](int field) {
    auto at = static_cast<size_t>(field);
    if (record.IsNull(at)) return int64_t{0};
    if (!fields.text) return record.Int(at);
    return record.IsExternal(at) ? 0 : ParseId(record.Text(at));
  };
  int64_t job = id(fields.job);
  return job == 0 ? "" : LinkKey(record.type().kind, id(fields.tenant), job, record.key());
}

std::string LinkOf(const schema::Record& record) {
  InitiatorFields fields = InitiatorOf(record.type());
  if (fields.job < 0) return {};
  auto id = [&](int field) {
    const schema::FieldValue& value = record[static_cast<size_t>(field)];
    if (const auto* number = std::get_if<int64_t>(&value)) return *number;
    const auto* text = std::get_if<std::string>(&value);
    return text == nullptr || text->size() > kMaxInlineText ? 0 : ParseId(*text);
  };
  int64_t job = id(fields.job);
  return job == 0 ? "" : LinkKey(record.kind(), id(fields.tenant), job, record.key());
}

std::string DrivenKey(const Key& job) {
  std::string out(kDrivenPrefix);
  AppendOrderedInt(&out, job.tenant_id);
  AppendOrderedInt(&out, job.job_id);
  return out;
}

bool DecodeLinkKey(std::string_view bytes, Key* job) {
  bool mark = !bytes.empty() && bytes[0] == '\0';
  if (bytes.size() != (mark ? kDrivenSize : kLinkSize)) return false;
  *job = {GetOrderedInt(bytes.data() + bytes.size() - 16),
          GetOrderedInt(bytes.data() + bytes.size() - 8), 0};
  return true;
}

std::string SequenceKey(Sequence sequence, int64_t tenant_id) {
  std::string out = "sequence";
  out.push_back(static_cast<char>(sequence));
  AppendOrderedInt(&out, tenant_id);
  return out;
}

std::string TextKey(schema::RecordKind kind, const Key& key, uint16_t field) {
  std::string out(1, static_cast<char>(kind));
  out += AsView(EncodeKey(key));
  out.push_back(static_cast<char>(field >> 8));
  out.push_back(static_cast<char>(field));
  return out;
}

bool DecodeTextKey(std::string_view bytes, schema::RecordKind* kind, Key* key, uint16_t* field) {
  if (bytes.size() != 1 + kKeySize + 2) return false;
  *kind = static_cast<schema::RecordKind>(bytes[0]);
  *field = static_cast<uint16_t>(static_cast<unsigned char>(bytes[kKeySize + 1]) << 8 |
                                 static_cast<unsigned char>(bytes[kKeySize + 2]));
  return DecodeKey(bytes.substr(1, kKeySize), key);
}

std::string EncodeTenant(const Tenant& tenant) {
  std::string out;
  out.push_back(static_cast<char>(tenant.mode_known ? 1 + static_cast<int>(tenant.mode) : 0));
  out += tenant.name;
  return out;
}

std::string NameTenantKey(std::string_view key) {
  if (key.size() != 8) return fmt::format("a key of {} bytes", key.size());
  return fmt::format("tenant {}", GetOrderedInt(key.data()));
}

bool DecodeTenant(std::string_view key, std::string_view value, Tenant* tenant) {
  if (key.size() != 8 || value.empty() || value[0] < 0 || value[0] > 2) return false;
  tenant->id = GetOrderedInt(key.data());
  tenant->mode_known = value[0] != 0;
  tenant->mode = value[0] == 2 ? schema::Mode::kOracle : schema::Mode::kMySql;
  tenant->name = value.substr(1);
  return true;
}

rocksdb::DBOptions DatabaseOptions() {
  rocksdb::DBOptions options;
  // One flush writes all families or none, so a reader that opens between two flushes sees no half.
  options.atomic_flush = true;
  // Whoever opens the store replays what is not flushed: bound it.
  options.max_total_wal_size = uint64_t{16} << 20;
  // Opening all tables at once keeps those readable that the writer deletes later.
  options.max_file_opening_threads = 1;
  options.db_write_buffer_size = size_t{256} << 20;
  options.max_open_files = -1;
  // A record cut short at the very end is a crash; anything else is damage, and said so (see also
  // log_check.h).
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.info_log = std::make_shared<SilentLogger>();
  // The writer's database has transactions, for hosts that commit in two phases; a log with
  // prepared ones in it aborts a reader that does not expect them.
  options.allow_2pc = true;
  return options;
}

std::vector<rocksdb::ColumnFamilyDescriptor> FamilyDescriptors(
    const std::vector<std::string>& names) {
  rocksdb::BlockBasedTableOptions table;
  table.block_size = size_t{32} << 10;
  // What was just written is what the next update reads.
  table.prepopulate_block_cache =
      rocksdb::BlockBasedTableOptions::PrepopulateBlockCache::kFlushOnly;
  table.block_cache = rocksdb::NewLRUCache(kBlockCacheBytes);
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10, false));
  rocksdb::ColumnFamilyOptions options;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.compression = rocksdb::kLZ4Compression;
  options.write_buffer_size = size_t{32} << 20;
  // Tables are small, for a block of history takes little room; every one not yet merged costs each
  // point read a seek.
  options.level0_file_num_compaction_trigger = 2;
  // A database with transactions would otherwise keep tables in memory after they are flushed, to
  // find conflicts with snapshots that no transaction of ours has.
  options.max_write_buffer_size_to_maintain = 1;
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  descriptors.reserve(names.size());
  for (const std::string& name : names) descriptors.emplace_back(name, options);
  return descriptors;
}

}  // namespace obviews::engine
