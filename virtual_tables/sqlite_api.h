// SQLite's interface: that of the library we link or, in a loadable extension, that of the host
// which loads us, reached through the table of functions it hands over.
#pragma once

#ifdef OBVIEWS_SQLITE_EXTENSION
#include <sqlite3ext.h>
SQLITE_EXTENSION_INIT3
#else
#include <sqlite3.h>
#endif
