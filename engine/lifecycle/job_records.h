// The records a recovery leaves, as they are when they are made (BEHAVIOUR §1, §6). Internal to
// engine/lifecycle.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/lifecycle/executor.h"
#include "engine/lifecycle/job_store.h"
#include "engine/store.h"
#include "schema/record.h"

namespace obviews::lifecycle {

/// RESULT of what ended well, spelt as 4.x servers do.
inline constexpr std::string_view kResultGood = "SUCCEESS";
inline constexpr std::string_view kResultFailed = "FAILED";

/// `AUX_RECOVER$` and the time the command was accepted, microseconds since the epoch.
std::string AuxTenantName(int64_t now_usec);

schema::Record MakeSysJob(const StartRequest& request, int64_t job_id, int64_t now_usec);
schema::Record MakeRestoreJob(const StartRequest& request, int64_t job_id, int64_t sys_job_id,
                              int64_t now_usec);
/// The target tenant's job that a sys job is the initiator of.
schema::Record MakeUserJob(const schema::Record& sys_job, int64_t job_id, int64_t now_usec);
schema::Record MakeImportJob(const schema::Record& user_job, int64_t job_id, int64_t aux_tenant_id,
                             int64_t now_usec);
schema::Record MakeTask(const schema::Record& import_job, const ListedTable& table, int64_t task_id,
                        int64_t now_usec);
/// The auxiliary tenant's own restore job; of the same number as that of the sys tenant.
schema::Record MakeAuxRestoreJob(const schema::Record& sys_restore_job, int64_t aux_tenant_id,
                                 int64_t now_usec);
/// What a restore job leaves in history: SUCCESS, or FAIL.
schema::Record MakeRestoreHistory(const schema::Record& restore_job, int64_t now_usec);

/// The number in a field that may hold it as text, as those of live restore jobs; 0 if it is none.
int64_t NumberIn(const schema::Record& record, std::string_view field);

}  // namespace obviews::lifecycle
