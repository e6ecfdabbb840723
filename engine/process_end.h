// How processes end that were forked from one with an open RocksDB. Internal to engine/.
#pragma once

namespace obviews::engine {

/// Lets children forked from here on end by exit(). RocksDB's destructors, which run then, wait for
/// threads that a child has not. In a child the handlers end there that were registered before
/// this. Call it after a database was opened, for only then everything is there that has such a
/// destructor: once a process for each way of opening. Thread-safe.
void LetForkedChildrenEnd();

}  // namespace obviews::engine
