// The functions of scans.
#include <fmt/format.h>

#include <utility>

#include "plugins/c_abi/api.h"
#include "plugins/c_abi/call.h"
#include "plugins/c_abi/predicates.h"
#include "plugins/c_abi/scans.h"
#include "plugins/c_abi/stores.h"

namespace obviews::c_abi {
namespace {

constexpr uint32_t kScanFlags =
    OBVIEWS_SCAN_TEXTS | OBVIEWS_SCAN_LIMIT | OBVIEWS_SCAN_COLUMNS | OBVIEWS_SCAN_KEY_ORDER;

/// A host may name a column several times; what it names above this is no view's.
constexpr size_t kMostColumns = 4096;

Result<std::vector<size_t>> Projection(const obviews_scan_options& options,
                                       const schema::View& view) {
  if (options.column_count > kMostColumns) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("{} columns are more than {}", options.column_count, kMostColumns));
  }
  if (options.column_count > 0) OBVIEWS_RETURN_IF_ERROR(CheckGiven(options.columns, "columns"));
  std::vector<size_t> columns;
  for (size_t i = 0; i < options.column_count; ++i) {
    if (options.columns[i] >= view.columns.size()) {
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("{} has no column {}: there are {}", view.name, options.columns[i],
                              view.columns.size()));
    }
    columns.push_back(options.columns[i]);
  }
  return columns;
}

Result<vtab::ScanRequest> RequestOf(const obviews_scan_options& options,
                                    const vtab::Session& session) {
  OBVIEWS_RETURN_IF_ERROR(CheckFlags(options.flags, kScanFlags, "obviews_scan_options"));
  vtab::ScanRequest request;
  OBVIEWS_ASSIGN_OR_RETURN(request.view, FindView(session, options.view));
  if ((options.flags & OBVIEWS_SCAN_COLUMNS) != 0) {
    OBVIEWS_ASSIGN_OR_RETURN(request.columns, Projection(options, *request.view));
  } else if (options.column_count > 0) {
    return Fail(ErrorCode::kInvalidArgument, "columns go with OBVIEWS_SCAN_COLUMNS");
  }
  if (options.predicate != nullptr) {
    OBVIEWS_ASSIGN_OR_RETURN(request.predicate, ToPredicate(*options.predicate, *request.view));
  }
  if ((options.flags & OBVIEWS_SCAN_LIMIT) != 0) {
    request.limit = options.limit;
  } else if (options.limit != 0) {
    return Fail(ErrorCode::kInvalidArgument, "a limit goes with OBVIEWS_SCAN_LIMIT");
  }
  request.offset = options.offset;
  request.in_key_order = (options.flags & OBVIEWS_SCAN_KEY_ORDER) != 0;
  return request;
}

/// What a scan or count is made from.
struct Sources {
  std::shared_ptr<OpenSession> session;
  std::shared_ptr<const engine::Snapshot> snapshot;
  vtab::ScanRequest request;
  uint32_t flags = 0;
};

Result<Sources> SourcesOf(const obviews_session* session, const obviews_snapshot* snapshot,
                          const obviews_scan_options* options) {
  Sources sources;
  OBVIEWS_ASSIGN_OR_RETURN(sources.session, Handles::Instance().Find<OpenSession>(session));
  if (sources.session->store() == nullptr) {
    return Fail(ErrorCode::kInvalidArgument, "the session has no store to scan");
  }
  OBVIEWS_RETURN_IF_ERROR(CheckGiven(options, "obviews_scan_options"));
  OBVIEWS_ASSIGN_OR_RETURN(obviews_scan_options taken, Take(options, "obviews_scan_options"));
  OBVIEWS_ASSIGN_OR_RETURN(sources.request, RequestOf(taken, sources.session->session()));
  sources.flags = taken.flags;
  if (snapshot == nullptr) {
    OBVIEWS_ASSIGN_OR_RETURN(sources.snapshot, sources.session->store()->store().TakeSnapshot());
    return sources;
  }
  OBVIEWS_ASSIGN_OR_RETURN(auto given, Handles::Instance().Find<OpenSnapshot>(snapshot));
  if (given->store() != sources.session->store()) {
    return Fail(ErrorCode::kInvalidArgument, "session and snapshot are of different stores");
  }
  sources.snapshot = given->snapshot();
  return sources;
}

int32_t ScanOpen(const obviews_session* session, const obviews_snapshot* snapshot,
                 const obviews_scan_options* options, obviews_scan** scan, obviews_error** error) {
  return Call(error, [&]() -> Status {
    OBVIEWS_RETURN_IF_ERROR(ClearResult(scan, "scan"));
    OBVIEWS_ASSIGN_OR_RETURN(Sources sources, SourcesOf(session, snapshot, options));
    *scan = Handles::Instance().Add(
        std::make_shared<OpenScan>(std::move(sources.snapshot), sources.session->session(),
                                   sources.request, (sources.flags & OBVIEWS_SCAN_TEXTS) != 0));
    return {};
  });
}

int32_t ScanClose(obviews_scan* scan, obviews_error** error) {
  return Call(error, [&]() -> Status {
    OBVIEWS_ASSIGN_OR_RETURN(auto open, Handles::Instance().Remove<OpenScan>(scan));
    return {};
  });
}

Result<OpenScan::Use> UseOf(obviews_scan* scan) {
  OBVIEWS_ASSIGN_OR_RETURN(auto open, Handles::Instance().Find<OpenScan>(scan));
  return OpenScan::Use::Of(std::move(open));
}

int32_t Fetch(obviews_scan* scan, uint64_t max_rows, const obviews_batch** batch,
              obviews_error** error) {
  return Call(error, [&]() -> Status {
    OBVIEWS_RETURN_IF_ERROR(ClearResult(batch, "batch"));
    OBVIEWS_ASSIGN_OR_RETURN(OpenScan::Use use, UseOf(scan));
    OBVIEWS_ASSIGN_OR_RETURN(*batch, use->Fetch(max_rows));
    return {};
  });
}

int32_t FetchTexts(obviews_scan* scan, uint64_t max_rows, const obviews_text_batch** batch,
                   obviews_error** error) {
  return Call(error, [&]() -> Status {
    OBVIEWS_RETURN_IF_ERROR(ClearResult(batch, "batch"));
    OBVIEWS_ASSIGN_OR_RETURN(OpenScan::Use use, UseOf(scan));
    OBVIEWS_ASSIGN_OR_RETURN(*batch, use->FetchTexts(max_rows));
    return {};
  });
}

int32_t Explain(obviews_scan* scan, const obviews_explanation** explanation,
                obviews_error** error) {
  return Call(error, [&]() -> Status {
    OBVIEWS_RETURN_IF_ERROR(ClearResult(explanation, "explanation"));
    OBVIEWS_ASSIGN_OR_RETURN(OpenScan::Use use, UseOf(scan));
    *explanation = use->Explain();
    return {};
  });
}

int32_t CountRows(const obviews_session* session, const obviews_snapshot* snapshot,
                  const obviews_scan_options* options, uint64_t* rows, obviews_error** error) {
  return Call(error, [&]() -> Status {
    OBVIEWS_RETURN_IF_ERROR(ClearResult(rows, "rows"));
    OBVIEWS_ASSIGN_OR_RETURN(Sources sources, SourcesOf(session, snapshot, options));
    OBVIEWS_ASSIGN_OR_RETURN(
        *rows, vtab::CountRows(sources.snapshot, sources.session->session(), sources.request));
    return {};
  });
}

}  // namespace

void FillScans(obviews_reader* reader) {
  reader->scan_open = ScanOpen;
  reader->scan_close = ScanClose;
  reader->fetch = Fetch;
  reader->fetch_texts = FetchTexts;
  reader->explain = Explain;
  reader->count_rows = CountRows;
}

}  // namespace obviews::c_abi
