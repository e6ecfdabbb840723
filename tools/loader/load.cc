// Loading files; see load.h.
#include "tools/loader/load.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <variant>

#include "tools/loader/record_json.h"
#include "tools/loader/tenants.h"

namespace obviews::tools {
namespace {

/// Standard input can be read once only: its bytes wait in a file nobody else can open.
class Spool {
 public:
  ~Spool() {
    if (file_ != nullptr) std::fclose(file_);
  }
  Spool() = default;
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  /// The path under which standard input can be read from its beginning, as often as needed.
  Result<std::string> Path() {
    if (file_ == nullptr) {
      OBVIEWS_RETURN_IF_ERROR(Fill());
    }
    return fmt::format("/proc/self/fd/{}", fileno(file_));
  }

 private:
  Status Fill() {
    file_ = std::tmpfile();
    std::array<char, 65536> buffer{};
    size_t count = 0;
    while (file_ != nullptr && (count = std::fread(buffer.data(), 1, buffer.size(), stdin)) > 0) {
      if (std::fwrite(buffer.data(), 1, count, file_) != count) break;
    }
    if (file_ != nullptr && std::ferror(stdin) == 0 && std::fflush(file_) == 0 &&
        std::ferror(file_) == 0) {
      return {};
    }
    return Fail(
        ErrorCode::kStoreUnreadable,
        fmt::format("cannot keep standard input in a temporary file: {}", std::strerror(errno)));
  }

  std::FILE* file_ = nullptr;
};

/// What one input row became.
using Item = std::variant<std::monostate, ViewRecord, schema::Record, engine::Tenant>;

/// One reading of all inputs.
class Reading {
 public:
  Reading(const std::vector<std::string>& paths, const LoadOptions& options, Spool& spool)
      : paths_(paths), options_(options), rows_(options.rows), spool_(spool) {}

  /// Calls `take` for each item in order; `bad` for each row that cannot be read, which may end the
  /// reading by returning an error. `each` follows every row with the bytes read of all inputs.
  Status Run(const std::function<Status(Item)>& take, const std::function<Status(Error)>& bad,
             const std::function<void(std::vector<std::string>)>& notices,
             const std::function<void(uint64_t done, uint64_t total)>& each) {
    uint64_t before = 0;
    for (const std::string& path : paths_) {
      OBVIEWS_ASSIGN_OR_RETURN(auto reader, Open(path));
      ParsedRow row;
      while (true) {
        auto more = reader->Next(row);
        notices(reader->TakeNotices());
        if (!more) {
          OBVIEWS_RETURN_IF_ERROR(bad(more.error()));
          continue;  // the reader goes on behind the bad row, or ends
        }
        if (!*more) break;
        auto item = Read(row);
        notices(rows_.TakeWarnings());
        if (item) {
          OBVIEWS_RETURN_IF_ERROR(take(*std::move(item)));
        } else {
          OBVIEWS_RETURN_IF_ERROR(bad(item.error()));
        }
        each(before + reader->source().bytes_read(), before + reader->source().size());
      }
      before += reader->source().bytes_read();
    }
    return {};
  }

 private:
  Result<std::unique_ptr<RowReader>> Open(const std::string& path) {
    if (path != "-") return OpenRows(path, options_.format);
    OBVIEWS_ASSIGN_OR_RETURN(std::string spooled, spool_.Path());
    OBVIEWS_ASSIGN_OR_RETURN(auto source, TextSource::Open(spooled, "<stdin>"));
    return ReadRows(std::move(source), options_.format);
  }

  Result<Item> Read(const ParsedRow& row) {
    if (!row.is_record) {
      OBVIEWS_ASSIGN_OR_RETURN(auto record, rows_.Read(row));
      if (!record) return Item();
      // A tenant that is still to be given one is checked with a legal stand-in.
      Status valid = engine::ValidateRecord(record->record);
      if (!valid) {
        return Fail(ErrorCode::kInvalidArgument,
                    fmt::format("{}: {}", row.Place(), valid.error().message));
      }
      return Item(*std::move(record));
    }
    OBVIEWS_ASSIGN_OR_RETURN(auto exported, ReadRecordJson(row.record, row.Place()));
    return std::visit([](auto&& value) { return Item(std::forward<decltype(value)>(value)); },
                      std::move(exported));
  }

  const std::vector<std::string>& paths_;
  const LoadOptions& options_;
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
  if (const auto* record = std::get_if<schema::Record>(&item)) tenants.Learn(*record, std::nullopt);
  if (const auto* tenant = std::get_if<engine::Tenant>(&item)) tenants.Know(*tenant);
  return false;
}

/// Commits records in batches of bounded size.
class Committer {
 public:
  Committer(engine::Store& store, const LoadOptions& options) : store_(store), options_(options) {}

  Status Add(schema::Record record) {
    batch_.Put(std::move(record));
    bool full = batch_.size() >= options_.commit_records || batch_.bytes() >= options_.commit_bytes;
    return full ? Flush() : Status();
  }
  void Add(engine::Tenant tenant) { batch_.PutTenant(std::move(tenant)); }

  Status Flush() {
    if (batch_.empty()) return {};
    OBVIEWS_ASSIGN_OR_RETURN(engine::CommitResult done, store_.Commit(batch_));
    total_.inserted += done.inserted;
    total_.replaced += done.replaced;
    total_.live_removed += done.live_removed;
    batch_ = engine::Batch();
    return {};
  }

  const engine::CommitResult& total() const { return total_; }

 private:
  engine::Store& store_;
  const LoadOptions& options_;
  engine::Batch batch_;
  engine::CommitResult total_;
};

}  // namespace

Result<LoadReport> LoadFiles(const std::vector<std::string>& paths, const LoadOptions& options,
                             const LoadListener& listener,
                             const std::function<Result<engine::Store*>()>& open_store,
                             const std::vector<engine::Tenant>& known_tenants) {
  LoadReport report;
  TenantCollector tenants;
  tenants.Know(known_tenants);
  bool tenant_wanted = false;
  uint64_t input_bytes = 0;
  Spool spool;

  auto tell = [&](std::vector<std::string> messages) {
    for (const std::string& message : messages) listener.warning(message);
  };
  Status checked = Reading(paths, options, spool)
                       .Run(
                           [&](Item item) -> Status {
                             if (std::holds_alternative<std::monostate>(item)) return {};
                             ++report.rows;
                             tenant_wanted |= LearnItem(item, tenants);
                             return {};
                           },
                           [&](Error error) -> Status {
                             if (!options.skip_bad) return Fail(std::move(error));
                             ++report.bad_rows;
                             listener.bad_row(error.message);
                             return {};
                           },
                           tell,
                           [&](uint64_t done, uint64_t total) {
                             input_bytes = done;
                             listener.progress(report.rows, done, 2 * total);
                           });
  OBVIEWS_RETURN_IF_ERROR(checked);

  int64_t assumed = tenant_wanted ? tenants.NextUserTenant() : 0;
  if (tenant_wanted) {
    listener.warning(fmt::format(
        "the rows of DBA_ views name no tenant: taken as those of tenant {}; --tenant says another",
        assumed));
  }
  OBVIEWS_ASSIGN_OR_RETURN(engine::Store * store, open_store());
  Committer committer(*store, options);
  // Records whose tenant had to be assumed tell about that tenant only now.
  auto commit = [&](Item item) -> Status {
    if (auto* row = std::get_if<ViewRecord>(&item)) {
      if (row->tenant_assumed) {
        row->record.Set("tenant_id", assumed);
        LearnItem(item, tenants);
      }
      return committer.Add(std::move(std::get<ViewRecord>(item).record));
    }
    if (auto* record = std::get_if<schema::Record>(&item)) return committer.Add(std::move(*record));
    return {};
  };
  Status written = Reading(paths, options, spool)
                       .Run(
                           commit, [](const Error&) { return Status(); }, [](const auto&) {},
                           [&](uint64_t done, uint64_t) {
                             listener.progress(report.rows, input_bytes + done, 2 * input_bytes);
                           });
  OBVIEWS_RETURN_IF_ERROR(written);
  report.tenants = tenants.Changed();
  for (const engine::Tenant& tenant : report.tenants) committer.Add(tenant);
  OBVIEWS_RETURN_IF_ERROR(committer.Flush());
  report.records = committer.total();
  return report;
}

}  // namespace obviews::tools
