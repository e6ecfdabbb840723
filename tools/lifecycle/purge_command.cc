// Purging history; see purge_command.h.
#include "tools/lifecycle/purge_command.h"

#include <fmt/format.h>

#include "tools/cli/counted.h"
#include "tools/cli/instant.h"
#include "tools/cli/messages.h"
#include "tools/cli/session_options.h"

namespace obviews::tools {
namespace {

constexpr const char* kExamples = R"(Examples:
  obviewsctl purge --db D --older-than 30d --dry-run     what would go
  obviewsctl purge --db D --older-than '2023-06-01 06:00:00'
  obviewsctl purge --db D --keep 100                     all but the last 100 jobs of a tenant
  obviewsctl purge --db D --older-than 30d --keep 100    of those, the ones older than 30 days
  obviewsctl purge --db D --keep 0 --tenant shop         all of a tenant that is no more
Nothing is purged unless this is run.)";

std::string Summary(const lifecycle::PurgeReport& report, bool dry_run) {
  std::string line = fmt::format(
      "{}{}, {} with {}, {}\n", dry_run ? "would remove " : "removed ",
      Counted(report.recover_jobs, "recover job"), Counted(report.import_jobs, "import job"),
      Counted(report.import_tasks, "task"), Counted(report.restore_jobs, "restore job"));
  if (report.held_jobs > 0) {
    line +=
        fmt::format("{} stay: something live belongs to {}\n",
                    Counted(report.held_jobs, "more job"), report.held_jobs == 1 ? "it" : "them");
  }
  return line;
}

}  // namespace

void PurgeCommand::AddTo(CLI::App& app) {
  app.add_option("--older-than", older_than,
                 "jobs that ended so long ago (30d, 12h, 90m, 45s) or before a date")
      ->type_name("AGE|DATE");
  app.add_option("--keep", keep, "of each kind and tenant keep so many jobs that ended last")
      ->check(CheckCount)
      ->type_name("N");
  app.add_option("--tenant", tenants,
                 "only jobs of this tenant's recoveries; may be given several times")
      ->allow_extra_args(false)
      ->type_name("ID|NAME");
  app.add_flag("--dry-run", dry_run, "change nothing and say what would go");
  app.add_option("--time-zone", time_zone, "zone of DATE")
      ->check(CheckZone)
      ->type_name("TZ")
      ->capture_default_str();
  app.footer(kExamples);
}

std::string PurgeCommand::Check() const {
  if (older_than.empty() && !keep) return "purge needs --older-than or --keep";
  if (older_than.empty()) return {};
  auto zone = schema::Zone::Parse(time_zone);
  auto instant = ParseInstant(older_than, NowUsec(), *zone);
  return instant ? std::string() : "--older-than: " + instant.error().message;
}

Result<lifecycle::RetentionPolicy> PolicyOf(const PurgeCommand& command,
                                            const std::vector<engine::Tenant>& known,
                                            int64_t now_usec) {
  lifecycle::RetentionPolicy policy;
  policy.keep_per_tenant = command.keep;
  if (!command.older_than.empty()) {
    OBVIEWS_ASSIGN_OR_RETURN(schema::Zone zone, schema::Zone::Parse(command.time_zone));
    OBVIEWS_ASSIGN_OR_RETURN(policy.older_than_usec,
                             ParseInstant(command.older_than, now_usec, zone));
  }
  for (const std::string& text : command.tenants) {
    OBVIEWS_ASSIGN_OR_RETURN(engine::Tenant tenant, ResolveTenant(known, text));
    policy.tenants.insert(tenant.id);
  }
  return policy;
}

Status RunPurge(const std::string& db, const PurgeCommand& command, Sink& sink) {
  engine::OpenOptions options;
  if (!command.dry_run) options.access = engine::Access::kReadWrite;
  OBVIEWS_ASSIGN_OR_RETURN(auto store, engine::Store::Open(db, options));
  for (const std::string& notice : store->notices()) PrintNotice(notice);
  OBVIEWS_ASSIGN_OR_RETURN(auto snapshot, store->TakeSnapshot());
  OBVIEWS_ASSIGN_OR_RETURN(auto known, snapshot->Tenants());
  snapshot.reset();
  OBVIEWS_ASSIGN_OR_RETURN(auto policy, PolicyOf(command, known, NowUsec()));
  OBVIEWS_ASSIGN_OR_RETURN(auto report, lifecycle::Purge(*store, policy, command.dry_run));
  OBVIEWS_RETURN_IF_ERROR(store->Close());
  sink.Append(Summary(report, command.dry_run));
  return sink.Flush();
}

}  // namespace obviews::tools
