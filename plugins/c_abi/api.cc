// The entry point of libobviews_engine.so.
#include "plugins/c_abi/api.h"

#include <fmt/format.h>

#include "plugins/c_abi/call.h"

namespace obviews::c_abi {
namespace {

/// The tables, filled in once.
struct Tables {
  obviews_reader reader{};
  obviews_job_calls jobs{};
  obviews_api api{};

  Tables() {
    reader.size = sizeof reader;
    reader.abi_version = OBVIEWS_ABI_VERSION;
    FillStores(&reader);
    FillScans(&reader);
    jobs.size = sizeof jobs;
    jobs.abi_version = OBVIEWS_ABI_VERSION;
    FillRecords(&jobs);
    FillJobs(&jobs);
    api.size = sizeof api;
    api.abi_version = OBVIEWS_ABI_VERSION;
    api.library_version = OBVIEWS_VERSION;
    api.error_free = FreeError;
    api.reader = &reader;
    api.jobs = &jobs;
  }
};

/// Tells of a wrong version without memory of its own: the host has nothing to free it with.
const obviews_api* RefuseVersion(uint32_t wanted, obviews_error** error) {
  thread_local char message[160];
  thread_local obviews_error refused;
  auto written = fmt::format_to_n(
      message, sizeof message - 1,
      "the host was built for version {} of the C interface, obviews " OBVIEWS_VERSION
      " has version {}: rebuild the host with the obviews_plugin.h of this library",
      wanted, OBVIEWS_ABI_VERSION);
  *written.out = '\0';
  refused = {OBVIEWS_ERROR_ABI_VERSION, 0, message};
  if (error != nullptr) *error = &refused;
  return nullptr;
}

}  // namespace
}  // namespace obviews::c_abi

extern "C" const obviews_api* obviews_plugin(uint32_t abi_version, obviews_error** error) {
  if (error != nullptr) *error = nullptr;
  if (abi_version != OBVIEWS_ABI_VERSION) return obviews::c_abi::RefuseVersion(abi_version, error);
  static const obviews::c_abi::Tables tables;
  return &tables.api;
}
