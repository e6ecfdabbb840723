// The end of forked processes; see process_end.h.
#include "engine/process_end.h"

#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdio>

namespace obviews::engine {

void LetForkedChildrenEnd() {
  auto end_child = [](int status, void* owner) {
    if (getpid() == static_cast<pid_t>(reinterpret_cast<intptr_t>(owner))) return;
    std::fflush(nullptr);
    _exit(status);
  };
  // Without it a child waits when it ends, which is no reason not to open a store.
  static_cast<void>(on_exit(end_child, reinterpret_cast<void*>(intptr_t{getpid()})));
}

}  // namespace obviews::engine
