// The end of forked processes; see process_end.h.
#include "engine/process_end.h"

#include <stdlib.h>
#include <unistd.h>

#include <cstdio>

namespace obviews::engine {

void LetForkedChildrenEnd() {
  static const pid_t owner = getpid();
  auto end_child = [](int status, void* /*argument*/) {
    if (getpid() == owner) return;
    std::fflush(nullptr);
    _exit(status);
  };
  // Without it a child waits when it ends, which is no reason not to open a store.
  static_cast<void>(on_exit(end_child, nullptr));
}

}  // namespace obviews::engine
