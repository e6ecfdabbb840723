// Loading files; see load.h.
#include "tools/loader/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <variant>

#include "tools/loader/load_samples.h"
#include "tools/loader/record_json.h"
#include "tools/loader/spool.h"
#include "tools/loader/tenants.h"

namespace obviews::tools {
namespace {

/// What one input row became.
using Item = std::variant<std::monostate, ViewRecord, schema::Record, engine::Tenant>;

/// One reading of all inputs, and what it hands on.
class Reading {
 public:
  struct Handlers {
    /// Each item in order, with the row it came from.
    std::function<Status(Item, const ParsedRow&)> take;
    /// Each row that cannot be read; an error returned ends the reading.
    std::function<Status(Error)> bad;
    std::function<void(const std::vector<std::string>&)> notices;
    /// After each row: bytes read of the inputs so far, and of how many in them.
    std::function<void(uint64_t done, uint64_t total)> progress;
    /// An input held nothing at all, and why: "no rows found".
    std::function<void(const std::string& name, std::string_view lack)> empty;
  };

  Reading(const std::vector<std::string>& paths, const LoadOptions& options,
          const lifecycle::LiveRecoveries& live, Spool& spool)
      : paths_(paths), options_(options), live_(live), rows_(options.rows), spool_(spool) {}

  Status Run(const Handlers& handlers) {
    uint64_t before = 0;
    for (const std::string& path : paths_) {
      OBVIEWS_ASSIGN_OR_RETURN(auto source, spool_.Open(path));
      OBVIEWS_ASSIGN_OR_RETURN(auto reader, ReadRows(std::move(source), options_.format));
      OBVIEWS_RETURN_IF_ERROR(ReadOne(*reader, before, handlers));
      before += reader->source().bytes_read();
    }
    return {};
  }

 private:
  Status ReadOne(RowReader& reader, uint64_t before, const Handlers& handlers) {
    ParsedRow row;
    while (true) {
      auto more = reader.Next(row);
      handlers.notices(reader.TakeNotices());
      if (!more) {
        OBVIEWS_RETURN_IF_ERROR(handlers.bad(more.error()));
        continue;  // the reader goes on behind the bad row, or ends
      }
      if (!*more) {
        if (!reader.Lack().empty()) handlers.empty(reader.source().name(), reader.Lack());
        return {};
      }
      auto item = Read(row);
      if (item) {
        if (Status free = CheckNotLive(*item, row); !free) item = Fail(free.error());
      }
      handlers.notices(rows_.TakeWarnings());
      if (item) {
        OBVIEWS_RETURN_IF_ERROR(handlers.take(*std::move(item), row));
      } else {
        OBVIEWS_RETURN_IF_ERROR(handlers.bad(item.error()));
      }
      handlers.progress(before + reader.source().bytes_read(), before + reader.source().size());
    }
  }

  Result<Item> Read(const ParsedRow& row) {
    if (row.is_record) {
      OBVIEWS_ASSIGN_OR_RETURN(auto exported, ReadRecordJson(row.record, row.Place()));
      return std::visit([](auto&& value) { return Item(std::forward<decltype(value)>(value)); },
                        std::move(exported));
    }
    OBVIEWS_ASSIGN_OR_RETURN(auto record, rows_.Read(row));
    if (!record) return Item();
    Status valid = engine::ValidateRecord(record->record);
    if (!valid) {
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("{}: {}", row.Place(), valid.error().message));
    }
    return Item(*std::move(record));
  }

  const std::vector<std::string>& paths_;
  /// A recovery that is driven here is not changed behind its back.
  Status CheckNotLive(const Item& item, const ParsedRow& row) const {
    const auto* shown = std::get_if<ViewRecord>(&item);
    const auto* record = shown != nullptr ? &shown->record : std::get_if<schema::Record>(&item);
    if (record == nullptr || !live_.Concerns(*record)) return {};
    return Fail(
        ErrorCode::kInvalidArgument,
        fmt::format("{}: {} {} is of a recovery that goes on in this store: load it into "
                    "another store, or when that has ended",
                    row.Place(), record->type().name, ToString(record->type(), record->key())));
  }

  const LoadOptions& options_;
  const lifecycle::LiveRecoveries& live_;
  ViewRowReader rows_;
  Spool& spool_;
};

/// Learns an item's tenants; true if its tenant is still to be given.
bool LearnItem(const Item& item, TenantCollector& tenants) {
  if (const auto* row = std::get_if<ViewRecord>(&item)) {
    tenants.Learn(row->record,
                  row->mode_told ? std::optional<schema::Mode>(row->mode) : std::nullopt);
    return row->tenant_assumed;
  }
  // An export tells itself what its store knew of tenants.
  if (const auto* record = std::get_if<schema::Record>(&item))
    tenants.Meet(record->key().tenant_id);
  if (const auto* tenant = std::get_if<engine::Tenant>(&item)) tenants.Know(*tenant);
  return false;
}

/// Commits records in batches of bounded size.
class Committer {
 public:
  Committer(engine::Store& store, const LoadOptions& options) : store_(store), options_(options) {}

  Status Add(schema::Record record) {
    samples_.Note(record);
    if (record.type().history) pending_history_.emplace(record.kind(), record.key());
    batch_.Put(std::move(record));
    bool full = batch_.size() >= options_.commit_records || batch_.bytes() >= options_.commit_bytes;
    return full ? Flush() : Status();
  }
  void Add(engine::Tenant tenant) { batch_.PutTenant(std::move(tenant)); }

  /// Whether this live record's history is in the store, or will be with what was added.
  Result<bool> HasHistory(const schema::Record& record) {
    const schema::RecordType& type = record.type();
    if (type.history) return false;
    if (pending_history_.contains({type.twin, record.key()})) return true;
    if (snapshot_ == nullptr) {
      OBVIEWS_ASSIGN_OR_RETURN(snapshot_, store_.TakeSnapshot());
    }
    auto& lookup = lookups_[type.twin];
    if (lookup == nullptr) lookup = snapshot_->Lookup(type.twin, engine::FieldSet());
    return lookup->Find(record.key());
  }

  Status Flush() {
    if (batch_.empty()) return {};
    OBVIEWS_ASSIGN_OR_RETURN(engine::CommitResult done, store_.Commit(batch_));
    total_.inserted += done.inserted;
    total_.replaced += done.replaced;
    total_.live_removed += done.live_removed;
    batch_ = engine::Batch();
    pending_history_.clear();
    lookups_.clear();
    snapshot_.reset();
    return {};
  }

  /// After all records.
  Result<std::vector<std::string>> LeaveSamples() {
    return samples_.Leave(store_, options_.shown_usec);
  }

  const engine::CommitResult& total() const { return total_; }

 private:
  engine::Store& store_;
  const LoadOptions& options_;
  engine::Batch batch_;
  LoadSamples samples_;
  std::set<std::pair<schema::RecordKind, schema::Key>> pending_history_;
  std::shared_ptr<const engine::Snapshot> snapshot_;  ///< the store as of the last commit
  /// Of history records in that state, by kind.
  std::map<schema::RecordKind, std::unique_ptr<engine::RecordLookup>> lookups_;
  engine::CommitResult total_;
};

/// One load: a reading that checks, then one that writes.
class Loader {
 public:
  Loader(const std::vector<std::string>& paths, const LoadOptions& options,
         const LoadListener& listener, const KnownTenants& known)
      : paths_(paths), options_(options), listener_(listener), live_(known.live) {
    tenants_.Know(known.registered);
    tenants_.Meet(known.highest_id);
  }

  Status Check() {
    Reading::Handlers handlers;
    handlers.take = [&](const Item& item, const ParsedRow& row) -> Status {
      if (std::holds_alternative<std::monostate>(item)) {
        ++passed_over_;
        return {};
      }
      ++report_.rows;
      if (const auto* shown = std::get_if<ViewRecord>(&item)) NoteMode(*shown, row);
      tenant_wanted_ |= LearnItem(item, tenants_);
      return {};
    };
    handlers.bad = [&](Error error) -> Status {
      if (!options_.skip_bad) return Fail(std::move(error));
      ++report_.bad_rows;
      listener_.bad_row(error.message);
      return {};
    };
    handlers.notices = [&](const std::vector<std::string>& messages) {
      for (const std::string& message : messages) listener_.warning(message);
    };
    handlers.progress = [&](uint64_t done, uint64_t total) {
      input_bytes_ = done;
      listener_.progress(report_.rows, done, 2 * total);
    };
    std::vector<std::string> empty;
    handlers.empty = [&](const std::string& name, std::string_view lack) {
      empty.push_back(fmt::format("{}: {}", name, lack));
    };
    OBVIEWS_RETURN_IF_ERROR(Reading(paths_, options_, live_, spool_).Run(handlers));
    OBVIEWS_RETURN_IF_ERROR(RequireRows(empty));
    for (const std::string& message : empty) listener_.warning(message);
    WarnOfModes();
    if (!tenant_wanted_) return {};
    auto assumed = tenants_.NextUserTenant();
    if (!assumed) {
      return Fail(ErrorCode::kInvalidArgument,
                  "no tenant id is left for the rows of DBA_ views: say theirs with --tenant");
    }
    assumed_tenant_ = *assumed;
    listener_.warning(fmt::format(
        "the rows of DBA_ views name no tenant: taken as those of tenant {}; --tenant says another",
        assumed_tenant_));
    return {};
  }

  /// What was read; without rows there is nothing to write.
  const LoadReport& report() const { return report_; }

  Result<LoadReport> Write(engine::Store& store) {
    Committer committer(store, options_);
    uint64_t rows = 0;
    uint64_t bad = 0;
    Reading::Handlers handlers;
    handlers.take = [&](Item item, const ParsedRow& row) -> Status {
      if (std::holds_alternative<std::monostate>(item)) return {};
      ++rows;
      return WriteItem(std::move(item), row, committer);
    };
    handlers.bad = [&](const Error&) -> Status {
      ++bad;
      return {};
    };
    handlers.notices = [](const auto&) {};  // said at the first reading
    handlers.empty = [](const auto&, auto) {};
    handlers.progress = [&](uint64_t done, uint64_t) {
      listener_.progress(rows, input_bytes_ + done, 2 * input_bytes_);
    };
    OBVIEWS_RETURN_IF_ERROR(Reading(paths_, options_, live_, spool_).Run(handlers));
    if (rows != report_.rows || bad != report_.bad_rows) {
      return Fail(ErrorCode::kInvalidArgument,
                  "the input was changed while it was loaded: load it again");
    }
    report_.tenants = tenants_.Changed();
    for (const engine::Tenant& tenant : report_.tenants) committer.Add(tenant);
    OBVIEWS_RETURN_IF_ERROR(committer.Flush());
    OBVIEWS_ASSIGN_OR_RETURN(auto warnings, committer.LeaveSamples());
    for (const std::string& warning : warnings) listener_.warning(warning);
    report_.records = committer.total();
    return report_;
  }

 private:
  /// Nothing to load is an error unless results without rows are all there is.
  Status RequireRows(const std::vector<std::string>& empty) const {
    if (report_.rows > 0) return {};
    if (report_.bad_rows > 0) {
      return Fail(ErrorCode::kInvalidArgument, "no good row is left to load");
    }
    if (passed_over_ > 0) {
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("{}: no rows of the recovery views found, those of other statements "
                              "were passed over",
                              fmt::join(Names(), ", ")));
    }
    if (empty.size() < paths_.size()) return {};
    return Fail(
        ErrorCode::kInvalidArgument,
        fmt::format("{}; load takes listings of a terminal (\\G, boxed or Markdown tables), "
                    "TSV or CSV with column names, JSON, and exports",
                    fmt::join(empty, "; ")));
  }

  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const std::string& path : paths_) names.push_back(path == "-" ? "<stdin>" : path);
    return names;
  }

  /// Remembers where rows of DBA_ views in each mode were first met.
  void NoteMode(const ViewRecord& shown, const ParsedRow& row) {
    if (shown.tenant_assumed && shown.mode_told)
      first_of_mode_.try_emplace(shown.mode, row.Place());
  }

  void WarnOfModes() const {
    if (first_of_mode_.size() < 2) return;
    listener_.warning(fmt::format(
        "{}: rows of DBA_ views in Oracle mode, while those at {} are in MySQL mode: a tenant has "
        "one mode, so load them apart, each with its --tenant",
        first_of_mode_.at(schema::Mode::kOracle), first_of_mode_.at(schema::Mode::kMySql)));
  }

  Status WriteItem(Item item, const ParsedRow& row, Committer& committer) {
    if (auto* record = std::get_if<schema::Record>(&item)) return committer.Add(std::move(*record));
    auto* shown = std::get_if<ViewRecord>(&item);
    if (shown == nullptr) return {};  // a tenant, known since the first reading
    if (shown->tenant_assumed) {
      shown->record.Set("tenant_id", assumed_tenant_);
      LearnItem(item, tenants_);  // its tenant was not known before
    }
    OBVIEWS_ASSIGN_OR_RETURN(bool stale, committer.HasHistory(shown->record));
    if (!stale) return committer.Add(std::move(shown->record));
    const schema::RecordType& type = shown->record.type();
    constexpr uint64_t kToldOneByOne = 10;
    if (++report_.stale_rows <= kToldOneByOne) {
      listener_.warning(
          fmt::format("{}: {} {} is in the history already: its older, live row is not loaded",
                      row.Place(), type.name, ToString(type, shown->record.key())));
    }
    return {};
  }

  const std::vector<std::string>& paths_;
  const LoadOptions& options_;
  const LoadListener& listener_;
  const lifecycle::LiveRecoveries& live_;
  Spool spool_;
  TenantCollector tenants_;
  bool tenant_wanted_ = false;
  uint64_t passed_over_ = 0;  ///< rows of no view of ours
  std::map<schema::Mode, std::string> first_of_mode_;
  int64_t assumed_tenant_ = 0;
  uint64_t input_bytes_ = 0;
  LoadReport report_;
};

}  // namespace

Result<KnownTenants> FindKnownTenants(const engine::Snapshot& snapshot) {
  KnownTenants known;
  OBVIEWS_ASSIGN_OR_RETURN(known.registered, snapshot.Tenants());
  for (const engine::Tenant& tenant : known.registered) {
    known.highest_id = std::max(known.highest_id, tenant.id);
  }
  for (const schema::RecordType& type : schema::RecordTypes()) {
    while (known.highest_id < INT64_MAX) {
      engine::KeySpace above;
      above.tenants = schema::RangeSet::Of(known.highest_id + 1, INT64_MAX);
      auto cursor = snapshot.Scan(type.kind, above);
      OBVIEWS_ASSIGN_OR_RETURN(bool more, cursor->Next());
      if (!more) break;
      known.highest_id = cursor->record().key().tenant_id;
    }
  }
  OBVIEWS_ASSIGN_OR_RETURN(known.live, lifecycle::LiveRecoveries::Find(snapshot));
  return known;
}

Result<LoadReport> LoadFiles(const std::vector<std::string>& paths, const LoadOptions& options,
                             const LoadListener& listener,
                             const std::function<Result<engine::Store*>()>& open_store,
                             const KnownTenants& known) {
  Loader loader(paths, options, listener, known);
  OBVIEWS_RETURN_IF_ERROR(loader.Check());
  if (loader.report().rows == 0) return loader.report();
  OBVIEWS_ASSIGN_OR_RETURN(engine::Store * store, open_store());
  return loader.Write(*store);
}

}  // namespace obviews::tools
