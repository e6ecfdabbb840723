// The jobs of a store as a host holds them, and what a host asks of them in the lifecycle's words.
#pragma once

#include <functional>
#include <memory>

#include "engine/lifecycle/job_store.h"
#include "engine/lifecycle/statements.h"
#include "engine/lifecycle/store_tenants.h"
#include "plugins/c_abi/handles.h"
#include "plugins/c_abi/stores.h"
#include "plugins/include/obviews_plugin.h"
#include "schema/zone.h"

namespace obviews::c_abi {

/// The right to be a store's one job store, as long as it lives.
class JobsClaim {
 public:
  /// kInvalidArgument while another one has it, and for a store that is only read.
  static Result<JobsClaim> Of(std::shared_ptr<OpenStore> store);
  ~JobsClaim();
  JobsClaim(JobsClaim&&) noexcept = default;
  JobsClaim& operator=(JobsClaim&&) = delete;

  engine::Store& store() const { return store_->store(); }

 private:
  explicit JobsClaim(std::shared_ptr<OpenStore> store) : store_(std::move(store)) {}
  std::shared_ptr<OpenStore> store_;  ///< nullptr: moved from
};

/// Thread-safe.
class OpenJobs final : public Object {
 public:
  using Handle = obviews_jobs;
  static constexpr std::string_view kName = "job store";

  OpenJobs(JobsClaim claim, lifecycle::JobStoreOptions options, const schema::Zone& zone,
           bool strict_tenants)
      : claim_(std::move(claim)),
        jobs_(claim_.store(), std::move(options)),
        tenants_(claim_.store(), strict_tenants),
        zone_(zone) {}

  lifecycle::JobStore& jobs() { return jobs_; }
  Result<lifecycle::StatementResult> Run(std::string_view statement);

 private:
  JobsClaim claim_;
  lifecycle::JobStore jobs_;
  lifecycle::StoreTenants tenants_;
  schema::Zone zone_;
};

/// Errors: kInvalidArgument, as for those below.
Result<lifecycle::StartRequest> ToStartRequest(const obviews_start_request* request);
Result<lifecycle::ListedTable> ToListedTable(const obviews_listed_table* table);

/// The change refers to the host's texts.
Result<lifecycle::Advance> ToAdvance(const obviews_change* change);

/// A status as the host names it.
Result<std::string_view> StatusOf(const char* status);

}  // namespace obviews::c_abi
