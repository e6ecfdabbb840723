// The process that is killed: it starts, drives and cancels recoveries of one store without a
// pause, and tells each fact that is safe on the disk.
#pragma once

#include <cstdint>
#include <memory>

#include "engine/lifecycle/scheduler.h"
#include "engine/lifecycle/simulator.h"

namespace obviews::crash {

/// The writer's name among the children; its arguments are the directory of the store, a seed, and
/// the bytes a file may have, 0 for as many as it likes. It tells, a line each:
/// - `ready`: the store is open and driven;
/// - `start JOB`: this sys job was started, and `cancel JOB`: it was canceled;
/// - `history JOB STATUS`: a snapshot had this sys job in history;
/// - `error TEXT`: the scheduler met an error of the store; `refused TEXT`: a statement did.
inline constexpr const char* kWriterName = "crash_writer";

/// Targets of recoveries, each with one at a time.
inline constexpr int64_t kTenants = 20;
inline constexpr int64_t kFirstTenant = 1002;

/// How work goes: the same in the process that is killed and in the one that goes on.
lifecycle::SimulatorOptions WorkOptions(double speed);
lifecycle::SchedulerOptions DriveOptions();

}  // namespace obviews::crash
