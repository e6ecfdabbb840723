// How processes end that were forked from one with an open RocksDB. Internal to engine/.
#pragma once

namespace obviews::engine {

/// Lets children forked from here on end by exit(). RocksDB's destructors, which run then, wait for
/// threads that a child has not. In a child the handlers end there that were registered before the
/// first call of this. Call it before a database is opened. Thread-safe.
void LetForkedChildrenEnd();

}  // namespace obviews::engine
