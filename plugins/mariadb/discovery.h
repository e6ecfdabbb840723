// How tables appear in the server with no CREATE TABLE.
#pragma once

struct handlerton;

namespace obviews::mariadb {

/// Sets the engine's methods of discovery.
void RegisterDiscovery(handlerton* engine);

/// Makes the schemas that the server does not have yet. Without them their tables can be read, but
/// they can be neither listed nor used. What cannot be made is noted in the log.
void MakeSchemas();

}  // namespace obviews::mariadb
