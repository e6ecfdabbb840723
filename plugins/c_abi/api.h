// The parts of the tables of functions, each filled in by who has the functions.
#pragma once

#include "plugins/include/obviews_plugin.h"

namespace obviews::c_abi {

void FillStores(obviews_reader* reader);
void FillScans(obviews_reader* reader);
void FillRecords(obviews_job_calls* jobs);
void FillJobs(obviews_job_calls* jobs);

}  // namespace obviews::c_abi
