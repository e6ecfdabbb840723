// Running statements; see statement_runner.h.
#include "tools/lifecycle/statement_runner.h"

#include <fmt/format.h>

#include <utility>
#include <variant>

#include "engine/lifecycle/sequences.h"
#include "engine/lifecycle/statement.h"
#include "engine/lifecycle/statements.h"
#include "tools/cli/counted.h"

namespace obviews::tools {
namespace {

/// Bytes.
constexpr size_t kLongestCancel = 4096;

}  // namespace

void StatementSource::Feed(std::string_view text) {
  splitter_.Feed(text);
  if (tail_.size() <= kLongestCancel) tail_ += text;
}

std::optional<std::string> StatementSource::TakeCancel() {
  if (!splitter_.pending() || tail_.size() > kLongestCancel || !tail_.ends_with('\n')) {
    return std::nullopt;
  }
  auto statement = lifecycle::ParseStatement(tail_);
  if (!statement || !std::holds_alternative<lifecycle::CancelRecoverTableStatement>(*statement)) {
    return std::nullopt;
  }
  splitter_ = vtab::sql::Splitter(schema::Mode::kMySql);
  return std::exchange(tail_, "");
}

Result<std::optional<std::string>> StatementSource::Next() {
  auto statement = splitter_.Next();
  if (!statement) {
    // What is wrong, and the place; the line of the text that follows may hold anything.
    std::string message = std::move(statement.error().message);
    const size_t place = message.find('\n');
    if (place != std::string::npos) {
      message.resize(std::min(message.find('\n', place + 1), message.size()));
      while (message.ends_with(':')) message.pop_back();
    }
    return Fail(statement.error().code, std::move(message));
  }
  if (!*statement) return std::optional<std::string>();
  // Behind the statement there may be the beginning of another, with or without a `;` before it.
  size_t end = tail_.find((*statement)->text);
  tail_.erase(0, end == std::string::npos ? end : end + (*statement)->text.size());
  tail_.erase(0, tail_.find_first_not_of("; \t\r\n"));
  return std::optional(std::move((*statement)->text));
}

Result<bool> StartsRecovery(std::string_view text) {
  OBVIEWS_ASSIGN_OR_RETURN(lifecycle::Statement statement, lifecycle::ParseStatement(text));
  return std::holds_alternative<lifecycle::RecoverTableStatement>(statement);
}

StatementRunner::StatementRunner(lifecycle::JobStore& jobs, lifecycle::StoreTenants& tenants,
                                 const schema::Zone& system_time_zone)
    : jobs_(jobs), tenants_(tenants), system_time_zone_(system_time_zone) {}

Result<StatementOutcome> StatementRunner::Run(const std::string& text) {
  OBVIEWS_ASSIGN_OR_RETURN(const bool starts, StartsRecovery(text));
  lifecycle::StatementContext context;
  context.tenants = &tenants_;
  context.system_time_zone = system_time_zone_;
  OBVIEWS_ASSIGN_OR_RETURN(lifecycle::StatementResult done,
                           lifecycle::RunStatement(text, context, jobs_));
  StatementOutcome outcome;
  if (starts) {
    outcome.sys_job_id = done.sys_job_id;
    OBVIEWS_ASSIGN_OR_RETURN(auto job, jobs_.Find(schema::RecordKind::kRecoverJob,
                                                  {lifecycle::kSysTenant, done.sys_job_id, 0}));
    outcome.text = fmt::format("recovery {} of tenant {} ({}) started", done.sys_job_id,
                               job ? job->Text("target_tenant_name") : "", done.target_tenant_id);
  } else if (done.canceled.import_jobs == 0 && done.canceled.recover_jobs == 0) {
    outcome.text = fmt::format(
        "tenant {} has no live job{}: nothing to cancel", done.target_tenant_id,
        done.canceled.observed_jobs > 0 ? " but such as were loaded and are only observed" : "");
  } else {
    outcome.text = fmt::format(
        "{} and {} of tenant {} set to CANCELING", Counted(done.canceled.import_jobs, "import job"),
        Counted(done.canceled.recover_jobs, "recover job"), done.target_tenant_id);
  }
  return outcome;
}

}  // namespace obviews::tools
