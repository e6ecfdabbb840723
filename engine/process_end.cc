// The end of forked processes; see process_end.h.
#include "engine/process_end.h"

#include <rocksdb/env.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdio>

namespace obviews::engine {

void LetForkedChildrenEnd() {
  static const bool registered = [] {
    // Made first, so that it is destroyed behind what is registered here.
    rocksdb::Env::Default();
    static const pid_t owner = getpid();
    auto end_child = [](int status, void* /*argument*/) {
      if (getpid() == owner) return;
      std::fflush(nullptr);
      _exit(status);
    };
    return on_exit(end_child, nullptr) == 0;
  }();
  static_cast<void>(registered);
}

}  // namespace obviews::engine
