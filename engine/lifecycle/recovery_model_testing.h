// One recovery as the tables of schema/state_machines.h and BEHAVIOUR §2 to §6 have it go, in
// memory: what its records say, and which work it waits for. Header-only; for tests alone.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/lifecycle/invariants_testing.h"
#include "schema/server_errors.h"

namespace obviews::lifecycle::testing {

enum class Work : uint8_t { kRestore, kActivate, kList, kImport, kDrop };

/// A piece of work of one recovery. A value type.
struct WorkName {
  Work work = Work::kRestore;
  std::string table;  ///< of an import; else ""
  friend auto operator<=>(const WorkName&, const WorkName&) = default;
};

/// How a piece of work went.
struct Outcome {
  int code = 0;  ///< 0: well
  std::string comment;
  std::vector<std::string> tables = {};  ///< of a list that went well
  int64_t rows = 0;                      ///< of an import that went well
};

/// What of a record the model knows. A value type.
struct ModelJob {
  std::string status;  ///< "": it is not there
  bool history = false;
  std::string result;
  std::string comment;

  bool IsLive() const { return !status.empty() && !history; }
  friend bool operator==(const ModelJob&, const ModelJob&) = default;
};
struct ModelTask {
  std::string table;
  std::string status = "INIT";
  std::string result;
  std::string comment;
  int64_t rows = 0;
  friend bool operator==(const ModelTask&, const ModelTask&) = default;
};

/// The trace id that the job store of a test gives to all failures.
inline constexpr std::string_view kTraceId = "YB42";
inline std::string CommentOf(int code, std::string_view own = "") {
  if (own.empty()) return schema::FailureComment(code, "", "127.0.0.1:2882", kTraceId);
  return std::string(schema::CutComment(own));
}

/// The records of one recovery. A value type.
class ModelRecovery {
 public:
  /// Just started.
  ModelRecovery(int64_t sys_job_id, int64_t tenant_id) : sys_id(sys_job_id), tenant(tenant_id) {
    sys.status = "PREPARE";
    user.status = "PREPARE";
    restore.status = "CREATE_TENANT";
  }
  /// As the store has it. REQUIRES: its sys and its restore job are there.
  static ModelRecovery Read(const Records& records, int64_t sys_job_id);

  /// Takes every step that waits for nothing but the one before. `parallel`: tables that are
  /// imported at the same time.
  void Settle(size_t parallel) {
    while (Step(parallel)) {
    }
  }
  /// What is begun and has not ended, once it is settled.
  std::vector<WorkName> Awaits(size_t parallel) const;
  /// A piece of work that it awaits has ended so.
  void End(const WorkName& name, const Outcome& outcome);
  /// The auxiliary tenant's restore has told where it is.
  void Tell(std::string_view status) {
    if (aux.status.empty()) aux.status = "RESTORE_PRE";
    restore.status = "WAIT_TENANT_RESTORE_FINISH";
    if (LifeWatch::Leads(schema::Machine::kAuxRestoreJob, aux.status, status)) aux.status = status;
  }
  /// The CANCEL statement; how many import and recover jobs it changes.
  std::pair<uint64_t, uint64_t> Cancel() {
    bool user_changes = user.IsLive() && user.status != "CANCELING";
    bool import_changes = import.IsLive() && import.status != "CANCELING";
    if (user_changes) user.status = "CANCELING";
    if (import_changes) import.status = "CANCELING";
    return {import_changes ? 1 : 0, user_changes ? 1 : 0};
  }
  bool IsOver() const { return sys.history; }

  std::string ToString() const;
  friend bool operator==(const ModelRecovery&, const ModelRecovery&) = default;

  int64_t sys_id;
  int64_t tenant;
  ModelJob sys;
  ModelJob user;
  ModelJob restore;
  ModelJob aux;  ///< the restore job of the auxiliary tenant
  ModelJob import;
  int64_t total = 0;
  int64_t finished = 0;
  int64_t failed = 0;
  std::vector<ModelTask> tasks;

 private:
  bool Step(size_t parallel);
  bool StepUser(size_t parallel);
  bool StepImport(size_t parallel);
  static void Fail(ModelJob* job, std::string_view status, std::string comment) {
    job->status = status;
    job->result = kResultFailed;
    job->comment = std::move(comment);
  }
  void FailRestore(std::string comment) {
    if (aux.IsLive() &&
        CheckTransition(schema::Machine::kAuxRestoreJob, aux.status, "RESTORE_FAIL")) {
      aux = {"FAIL", true, "", comment};
    }
    restore = {"FAIL", true, "", std::move(comment)};
  }
};

inline bool ModelRecovery::Step(size_t parallel) {
  if (sys.status == "PREPARE") {
    if (user.status.empty()) user.status = "PREPARE";
    sys.status = "RECOVERING";
    return true;
  }
  if (sys.status != "RECOVERING") return false;  // waits for the drop
  if (user.history) {
    sys = {user.status, false, user.result, user.comment};
    return true;
  }
  if (restore.status == "RESTORE_SUCCESS" || restore.status == "RESTORE_FAIL") {
    bool good = restore.status == "RESTORE_SUCCESS";
    restore = {good ? "SUCCESS" : "FAIL", true, "", restore.comment};
    if (aux.status == "RESTORE_SUCCESS") aux = {"SUCCESS", true, "", aux.comment};
    if (aux.status == "RESTORE_FAIL") aux = {"FAIL", true, "", aux.comment};
    return true;
  }
  return StepUser(parallel);
}

inline bool ModelRecovery::StepUser(size_t parallel) {
  if (user.status == "PREPARE") {
    user.status = "RESTORE_AUX_TENANT";
  } else if (user.status == "RESTORE_AUX_TENANT") {
    if (!restore.history) return false;
    if (restore.status == "SUCCESS") {
      user.status = "ACTIVE_AUX_TENANT";
    } else {
      Fail(&user, "FAILED", restore.comment);
    }
  } else if (user.status == "GEN_IMPORT_JOB") {
    user.status = "IMPORTING";
    import.status = "INIT";
  } else if (user.status == "IMPORTING" || user.status == "CANCELING") {
    if (import.IsLive()) return StepImport(parallel);
    if (user.status == "CANCELING") {
      Fail(&user, "FAILED", CommentOf(schema::server_error::kCanceled));
    } else {
      user = {import.result == kResultFailed ? "FAILED" : "COMPLETED", false, import.result,
              import.comment};
    }
  } else if (user.status == "COMPLETED" || user.status == "FAILED") {
    user.history = true;
  } else {
    return false;  // ACTIVE_AUX_TENANT waits
  }
  return true;
}

inline bool ModelRecovery::StepImport(size_t parallel) {
  auto unfinished = [](const ModelTask& task) { return task.status != "FINISH"; };
  if (import.status == "IMPORT_TABLE") {
    bool began = false;
    size_t free = parallel;
    for (ModelTask& task : tasks) {
      if (!unfinished(task) || free == 0) continue;
      --free;
      began |= std::exchange(task.status, "DOING") == "INIT";
    }
    if (began || free < parallel) return began;
    failed = std::count_if(tasks.begin(), tasks.end(),
                           [](const ModelTask& task) { return task.result == kResultFailed; });
    finished = static_cast<int64_t>(tasks.size()) - failed;
    import.status = "RECONSTRUCT_REF_CONSTRAINT";
    import.comment =
        fmt::format("import succeed table count: {}, failed table count: {}", finished, failed);
  } else if (import.status == "RECONSTRUCT_REF_CONSTRAINT") {
    import.status = "IMPORT_FINISH";
    import.result = failed > 0 && finished == 0 ? kResultFailed : kResultGood;
  } else if (import.status == "CANCELING") {
    std::string comment = CommentOf(schema::server_error::kCanceled);
    for (ModelTask& task : tasks) {
      if (!unfinished(task)) continue;
      task.status = "FINISH";
      task.result = kResultFailed;
      task.comment = comment;
    }
    Fail(&import, "IMPORT_FINISH", comment);
  } else if (import.status == "IMPORT_FINISH") {
    import.history = true;
  } else {
    return false;  // INIT waits
  }
  return true;
}

inline std::vector<WorkName> ModelRecovery::Awaits(size_t parallel) const {
  if (sys.history) return {};
  if (sys.status != "RECOVERING") return {{Work::kDrop, ""}};
  std::vector<WorkName> out;
  if (restore.IsLive()) out.push_back({Work::kRestore, ""});
  if (user.status == "ACTIVE_AUX_TENANT") out.push_back({Work::kActivate, ""});
  if (import.IsLive() && import.status == "INIT") out.push_back({Work::kList, ""});
  if (!import.IsLive() || import.status != "IMPORT_TABLE") return out;
  for (const ModelTask& task : tasks) {
    if (task.status == "FINISH" || parallel == 0) continue;
    --parallel;
    out.push_back({Work::kImport, task.table});
  }
  return out;
}

inline void ModelRecovery::End(const WorkName& name, const Outcome& outcome) {
  bool good = outcome.code == 0;
  std::string comment = good ? "" : CommentOf(outcome.code, outcome.comment);
  bool final = good || !schema::IsRetryable(outcome.code);
  switch (name.work) {
    case Work::kRestore:
      if (good) {
        aux = {"SUCCESS", true, "", ""};
        restore = {"SUCCESS", true, "", ""};
      } else if (final) {
        FailRestore(comment);
      }
      break;
    case Work::kActivate:
      if (good) user.status = "GEN_IMPORT_JOB";
      if (outcome.code == schema::server_error::kTenantNotExist) Fail(&user, "FAILED", comment);
      break;
    case Work::kList:
      if (good) {
        import.status = "IMPORT_TABLE";
        total = static_cast<int64_t>(outcome.tables.size());
        for (const std::string& table : outcome.tables) tasks.emplace_back().table = table;
      } else if (final) {
        Fail(&import, "IMPORT_FINISH", comment);
      }
      break;
    case Work::kImport:
      for (ModelTask& task : tasks) {
        if (task.table != name.table || !final) continue;
        task.status = "FINISH";
        task.result = good ? kResultGood : kResultFailed;
        task.comment = comment;
        task.rows = outcome.rows;
      }
      break;
    case Work::kDrop:
      if (!good) break;
      if (!restore.history) FailRestore(CommentOf(schema::server_error::kTenantNotExist));
      aux = {};
      sys.history = true;
      break;
  }
}

inline ModelRecovery ModelRecovery::Read(const Records& records, int64_t sys_job_id) {
  auto job_of = [](const Record* record) {
    if (record == nullptr) return ModelJob();
    bool restore = record->type().base_table.find("restore") != std::string_view::npos;
    return ModelJob{std::string(record->Text("status")), InHistory(*record),
                    restore ? "" : std::string(record->Text("result")),
                    std::string(record->Text("comment"))};
  };
  auto started_by = [&](RecordKind kind, const Record* initiator) -> const Record* {
    if (initiator == nullptr) return nullptr;
    std::vector<const Record*> jobs = records.StartedBy(kind, initiator->key());
    return jobs.empty() ? nullptr : jobs.front();
  };
  const Record* sys = records.FindEither(RecordKind::kRecoverJob, {kSysTenant, sys_job_id, 0});
  const Record* user = started_by(RecordKind::kRecoverJob, sys);
  const Record* restore = started_by(RecordKind::kRestoreJob, sys);
  const Record* import = started_by(RecordKind::kImportJob, user);
  ModelRecovery out(sys_job_id, sys == nullptr ? 0 : sys->Int("target_tenant_id"));
  out.sys = job_of(sys);
  out.user = job_of(user);
  out.restore = job_of(restore);
  out.aux = restore == nullptr ? ModelJob()
                               : job_of(records.FindEither(RecordKind::kRestoreJob,
                                                           {NumberIn(*restore, "restore_tenant_id"),
                                                            restore->key().job_id, 0}));
  out.import = job_of(import);
  if (import == nullptr) return out;
  out.total = import->Int("total_table_count");
  out.finished = import->Int("finished_table_count");
  out.failed = import->Int("failed_table_count");
  for (const Record* task : records.TasksOf(import->key())) {
    out.tasks.push_back({std::string(task->Text("src_table")), std::string(task->Text("status")),
                         std::string(task->Text("result")), std::string(task->Text("comment")),
                         task->Int("imported_rows")});
  }
  return out;
}

inline std::string ModelRecovery::ToString() const {
  auto shown = [](const std::string& comment) {
    return comment.size() < 100 ? comment : fmt::format("({} bytes)", comment.size());
  };
  std::string out = fmt::format("recovery {} of tenant {}\n", sys_id, tenant);
  for (const auto& [name, job] : {std::pair("sys", &sys),
                                  {"user", &user},
                                  {"restore", &restore},
                                  {"aux", &aux},
                                  {"import", &import}}) {
    if (job->status.empty()) continue;
    out += fmt::format("  {} {}{} {} {}\n", name, job->status, job->history ? " in history" : "",
                       job->result, shown(job->comment));
  }
  out += fmt::format("  tables {} {} {}\n", total, finished, failed);
  for (const ModelTask& task : tasks) {
    out += fmt::format("  task {} {} {} {} {}\n", task.table, task.status, task.result,
                       shown(task.comment), task.rows);
  }
  return out;
}

}  // namespace obviews::lifecycle::testing
