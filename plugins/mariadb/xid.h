// Names of transactions that commit in two phases.
#pragma once

#include <string>
#include <string_view>

#include "plugins/mariadb/server_headers.h"

namespace obviews::mariadb {

/// The bytes of a server's name of a transaction, and back. False if `name` is no such name.
std::string NameOf(const XID& xid);
bool ReadName(std::string_view name, XID* xid);

}  // namespace obviews::mariadb
