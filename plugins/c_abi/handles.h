// What the pointers that a host holds stand for. A handle is a number in the clothes of a pointer:
// it is looked up and never followed, so that one which is closed, foreign or made up is found out
// whatever its bits. That takes a table for the whole process, the only mutable state of its kind
// here.
#pragma once

#include <fmt/format.h>
#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <shared_mutex>
#include <string_view>
#include <unordered_map>

#include "schema/status.h"

namespace obviews::c_abi {

/// What a handle stands for. A class of them names the host's pointer `Handle` and itself `kName`.
class Object {
 public:
  Object() = default;
  virtual ~Object() = default;
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;
};

/// Thread-safe.
class Handles {
 public:
  /// Those of the process. Never destroyed: threads may still hold handles when it ends.
  static Handles& Instance();

  /// Whether this process may go on: the first that asks owns the table, and a child forked from it
  /// finds locks as they happened to be and no threads of RocksDB. Takes no lock.
  bool Enter();

  /// A new handle.
  template <class T>
  typename T::Handle* Add(std::shared_ptr<T> object) {
    // NOLINTNEXTLINE(performance-no-int-to-ptr): nobody follows it
    return reinterpret_cast<typename T::Handle*>(Insert(std::move(object)));
  }
  /// What it stands for, which stays as long as it is used. kInvalidArgument if there is nothing.
  template <class T>
  Result<std::shared_ptr<T>> Find(const typename T::Handle* handle) const {
    return As<T>(Lookup(reinterpret_cast<uintptr_t>(handle)), handle);
  }
  /// The same, and from now on it stands for nothing.
  template <class T>
  Result<std::shared_ptr<T>> Remove(const typename T::Handle* handle) {
    OBVIEWS_ASSIGN_OR_RETURN(std::shared_ptr<T> object, Find<T>(handle));
    if (Erase(reinterpret_cast<uintptr_t>(handle))) return object;
    return As<T>(nullptr, handle);
  }

  /// Errors are read by hosts, and so are found by their addresses, which are even.
  void AddError(uintptr_t address, std::shared_ptr<Object> error);
  void RemoveError(uintptr_t address) { Erase(address); }

 private:
  Handles();

  template <class T>
  static Result<std::shared_ptr<T>> As(const std::shared_ptr<Object>& object, const void* handle) {
    if (auto found = std::dynamic_pointer_cast<T>(object)) return found;
    std::string_view why = handle == nullptr   ? "NULL"
                           : object == nullptr ? "closed, or was never given out"
                                               : "a handle of something else";
    return Fail(ErrorCode::kInvalidArgument, fmt::format("the {} is {}", T::kName, why));
  }

  uintptr_t Insert(std::shared_ptr<Object> object);
  std::shared_ptr<Object> Lookup(uintptr_t handle) const;
  bool Erase(uintptr_t handle);

  mutable std::shared_mutex mutex_;
  std::unordered_map<uintptr_t, std::shared_ptr<Object>> objects_;
  uintptr_t next_;  ///< odd
  std::atomic<pid_t> owner_ = 0;
};

}  // namespace obviews::c_abi
