// Making reports; see report_command.h.
#include "tools/report/report_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "engine/progress/reader.h"
#include "tools/cli/exit_codes.h"
#include "tools/cli/recovery_choice.h"
#include "tools/report/page.h"
#include "tools/report/replace_file.h"
#include "tools/report/report_data.h"

namespace obviews::tools {
namespace {

using engine::progress::RecoveryReader;
using engine::progress::RecoveryRef;

/// Recoveries an error names at most.
constexpr size_t kMostNamed = 10;

constexpr const char* kExamples = R"(Examples:
  dump-views report --db D --job 1/3 -o report.html
  dump-views report --db D --tenant shop --time-zone Europe/Berlin -o report.html
  dump-views report --db D --job 1002/1 -o - | gzip >report.html.gz
Options of dump-views hold too: --db, --tenant, --time-zone, --view-version, --show-secrets.)";

Result<RecoveryRef> ChooseOne(RecoveryReader& reader, const vtab::Session& session,
                              const std::string& job) {
  std::optional<engine::Key> key;
  if (!job.empty()) {
    OBVIEWS_ASSIGN_OR_RETURN(key, ParseJob(job));
  }
  OBVIEWS_ASSIGN_OR_RETURN(std::vector<RecoveryRef> refs, ChooseRecoveries(reader, session, key));
  if (refs.size() == 1) return refs.front();
  if (refs.empty()) return Fail(ErrorCode::kNotFound, "the store has no recovery");
  std::string names;
  for (size_t i = 0; i < std::min(refs.size(), kMostNamed); ++i) {
    names += (i == 0 ? "" : ", ") + JobName(refs[i].job);
  }
  if (refs.size() > kMostNamed) names += fmt::format(" and {} more", refs.size() - kMostNamed);
  return Fail(ErrorCode::kNotFound,
              fmt::format("a report is of one recovery; name it with --job: {}", names));
}

}  // namespace

void ReportCommand::AddTo(CLI::App& app) {
  app.add_option("--job", job, "the recovery, by a job of it (default: the only one there is)")
      ->type_name("TENANT_ID/JOB_ID");
  app.add_option("-o,--output", output, "file to write or replace; - is standard output")
      ->type_name("FILE")
      ->required();
  app.footer(kExamples);
}

std::string ReportCommand::Check() const {
  if (auto key = ParseJob(job); !job.empty() && !key) return "--job: " + key.error().message;
  return {};
}

Result<int> RunReport(engine::Store& store, const vtab::Session& session,
                      const ReportCommand& command, Sink& sink) {
  if (PageTemplate().empty()) {
    return Fail(ErrorCode::kInvalidArgument,
                "this build of dump-views has no reports: it was made without npm "
                "(OBVIEWS_REPORT=OFF)");
  }
  OBVIEWS_ASSIGN_OR_RETURN(auto snapshot, store.TakeSnapshot());
  RecoveryReader reader(*snapshot);
  OBVIEWS_ASSIGN_OR_RETURN(RecoveryRef ref, ChooseOne(reader, session, command.job));
  OBVIEWS_ASSIGN_OR_RETURN(auto data, CollectReport(snapshot, session, reader, ref));
  auto write = [&](Sink& out) { return AppendPage(PageTemplate(), data, out); };
  OBVIEWS_RETURN_IF_ERROR(command.output == "-" ? write(sink) : ReplaceFile(command.output, write));
  return kExitOk;
}

}  // namespace obviews::tools
