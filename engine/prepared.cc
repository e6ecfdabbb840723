// Prepared transactions as bytes; see prepared.h.
#include "engine/prepared.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <cstring>
#include <functional>

#include "engine/record_lookup.h"
#include "engine/varint.h"
#include "schema/quote.h"

namespace obviews::engine {
namespace {

using schema::GetRecordType;
using schema::Record;
using schema::RecordKind;
using schema::RecordType;

constexpr std::string_view kPrefix = "prepared";
constexpr char kVersion = 1;
constexpr size_t kHeaderSize = 9;

uint64_t Checksum(std::string_view key, std::string_view bytes) {
  uint64_t seed = XXH3_64bits(key.data(), key.size());
  bytes.remove_prefix(kHeaderSize);
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

void AppendRecord(const Record& record, std::string* out) {
  std::string bytes;
  std::vector<ExternalText> texts;
  EncodeRecord(record, &bytes, &texts);
  PutVarint(out, bytes.size() + 1);
  *out += bytes;
  for (const ExternalText& text : texts) *out += std::get<std::string>(record[text.field]);
}

/// Takes `size` bytes off the front; false if there are fewer.
bool Take(std::string_view* from, uint64_t size, std::string_view* out) {
  if (size > from->size()) return false;
  *out = from->substr(0, size);
  from->remove_prefix(size);
  return true;
}

bool TakeKey(std::string_view* from, Key* key) {
  return GetSigned(from, &key->tenant_id) && GetSigned(from, &key->job_id) &&
         GetSigned(from, &key->task_id);
}

/// Takes one change off the front.
std::string_view TakeChange(std::string_view* from, OwnChanges* changes) {
  constexpr std::string_view kCutShort = "it is cut short";
  std::string_view kind_byte;
  Key key;
  uint64_t size = 0;
  if (!Take(from, 1, &kind_byte)) return kCutShort;
  auto number = static_cast<uint8_t>(kind_byte[0]);
  if (number == 0 || number > schema::RecordTypes().size()) return "it has an unknown record kind";
  auto kind = static_cast<RecordKind>(number);
  if (!TakeKey(from, &key) || !GetVarint(from, &size)) return kCutShort;
  if (size == 0) {
    changes->Set(kind, key, std::nullopt);
    return {};
  }
  std::string_view bytes;
  if (!Take(from, size - 1, &bytes)) return kCutShort;
  RecordView view;
  std::string_view why = view.Parse(GetRecordType(kind), key, bytes);
  if (!why.empty()) return why;
  auto read_text = [&](size_t field, std::string* text) -> Status {
    ExternalText external = view.External(field);
    std::string_view taken;
    if (!Take(from, external.size, &taken) || HashText(taken) != external.hash) {
      return Fail(ErrorCode::kCorruption, "");
    }
    *text = taken;
    return {};
  };
  auto record = MaterialiseRecord(view, read_text);
  if (!record) return "a text of it is damaged";
  changes->Set(kind, key, *std::move(record));
  return {};
}

using Use = std::function<void(std::string_view key, std::string_view bytes)>;

Status ForEach(const DatabaseSnapshot& snapshot, const Use& use) {
  const Database& database = snapshot.database();
  std::unique_ptr<rocksdb::Iterator> at(
      database.db().NewIterator(snapshot.options(), database.family(kDefaultFamily)));
  for (at->Seek(AsSlice(kPrefix)); at->Valid() && at->key().starts_with(AsSlice(kPrefix));
       at->Next()) {
    use(AsView(at->key()), AsView(at->value()));
  }
  if (at->status().ok()) return {};
  return Fail(
      TranslateError(at->status(), database.directory(), "reading column family default of"));
}

}  // namespace

std::string PreparedKey(std::string_view xid) { return std::string(kPrefix).append(xid); }

std::string EncodePrepared(std::string_view key, const OwnChanges& changes) {
  std::string out(kHeaderSize, '\0');
  out[0] = kVersion;
  uint64_t count = 0;
  for (const RecordType& type : schema::RecordTypes()) count += changes.Of(type.kind).size();
  PutVarint(&out, count);
  for (const RecordType& type : schema::RecordTypes()) {
    for (const auto& [of, change] : changes.Of(type.kind)) {
      out.push_back(static_cast<char>(type.kind));
      for (int64_t part : {of.tenant_id, of.job_id, of.task_id}) PutSigned(&out, part);
      if (change) {
        AppendRecord(*change, &out);
      } else {
        PutVarint(&out, 0);
      }
    }
  }
  uint64_t checksum = Checksum(key, out);
  std::memcpy(out.data() + 1, &checksum, sizeof checksum);
  return out;
}

std::string_view DecodePrepared(std::string_view key, std::string_view bytes, OwnChanges* changes) {
  if (bytes.size() < kHeaderSize) return "it is cut short";
  if (bytes[0] != kVersion) return "it has a version this build does not know";
  uint64_t checksum = 0;
  std::memcpy(&checksum, bytes.data() + 1, sizeof checksum);
  if (checksum != Checksum(key, bytes)) return "its checksum is wrong";
  bytes.remove_prefix(kHeaderSize);
  uint64_t count = 0;
  if (!GetVarint(&bytes, &count)) return "it is cut short";
  for (; count > 0; --count) {
    std::string_view why = TakeChange(&bytes, changes);
    if (!why.empty()) return why;
  }
  return bytes.empty() ? "" : "it has bytes behind its end";
}

Error PreparedDamage(std::string_view xid, std::string_view why) {
  return {ErrorCode::kCorruption,
          fmt::format("prepared transaction {} in column family default: {}; the store is damaged "
                      "there",
                      schema::QuoteForMessage(xid), why)};
}

Result<std::vector<std::string>> ListPrepared(const DatabaseSnapshot& snapshot) {
  std::vector<std::string> xids;
  OBVIEWS_RETURN_IF_ERROR(ForEach(snapshot, [&](std::string_view key, std::string_view /*bytes*/) {
    xids.emplace_back(key.substr(kPrefix.size()));
  }));
  return xids;
}

void CheckPrepared(const DatabaseSnapshot& snapshot, VerifyReport* report) {
  Status read = ForEach(snapshot, [&](std::string_view key, std::string_view bytes) {
    std::string_view xid = key.substr(kPrefix.size());
    OwnChanges changes;
    std::string_view why = DecodePrepared(key, bytes, &changes);
    if (!why.empty()) {
      report->damage.push_back(PreparedDamage(xid, why).message);
      return;
    }
    report->notices.push_back(
        fmt::format("transaction {} is prepared: its {} changed records wait for its commit or "
                    "rollback",
                    schema::QuoteForMessage(xid), changes.SetMark()));
  });
  if (!read) report->damage.push_back(read.error().message);
}

}  // namespace obviews::engine
