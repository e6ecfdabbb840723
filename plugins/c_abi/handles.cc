// The table of handles; see handles.h.
#include "plugins/c_abi/handles.h"

#include <unistd.h>

#include <mutex>
#include <random>
#include <utility>

namespace obviews::c_abi {

Handles& Handles::Instance() {
  static Handles& instance = *new Handles;
  return instance;
}

// From a random number on: another copy of the library in this process has other handles, and what
// a host makes up is hardly one.
Handles::Handles() {
  std::random_device random;
  next_ = (static_cast<uintptr_t>(random()) << 20) | 1;
}

bool Handles::Enter() {
  pid_t self = getpid();
  pid_t owner = 0;
  return owner_.compare_exchange_strong(owner, self) || owner == self;
}

void Handles::AddError(uintptr_t address, std::shared_ptr<Object> error) {
  std::unique_lock<std::shared_mutex> lock(mutex_);
  objects_.emplace(address, std::move(error));
}

uintptr_t Handles::Insert(std::shared_ptr<Object> object) {
  std::unique_lock<std::shared_mutex> lock(mutex_);
  while (!objects_.try_emplace(next_, object).second) next_ += 2;
  uintptr_t handle = next_;
  next_ += 2;
  return handle;
}

std::shared_ptr<Object> Handles::Lookup(uintptr_t handle) const {
  std::shared_lock<std::shared_mutex> lock(mutex_);
  auto found = objects_.find(handle);
  return found == objects_.end() ? nullptr : found->second;
}

bool Handles::Erase(uintptr_t handle) {
  std::shared_ptr<Object> object;  // goes when the lock is given back
  std::unique_lock<std::shared_mutex> lock(mutex_);
  auto found = objects_.find(handle);
  if (found == objects_.end()) return false;
  object = std::move(found->second);
  objects_.erase(found);
  lock.unlock();
  return true;
}

}  // namespace obviews::c_abi
