// The server's headers in the order they need, for the units that speak with it. Include it after
// those of the standard library and of obviews: the server's define macros with common names.
#pragma once

// clang-format off
#include <my_global.h>
#include <sql_class.h>
#include <handler.h>
#include <group_by_handler.h>
#include <item.h>
#include <item_cmpfunc.h>
#include <log.h>
#include <mysql/plugin.h>
#include <sql_error.h>
#include <sql_select.h>
#include <sql_show.h>
#include <sql_time.h>
#include <table.h>
#include <tztime.h>
// clang-format on

// The server shares these with its plugins by layout alone. With other sizes everything would link,
// load and then corrupt memory.
static_assert(sizeof(THD) == 27312, "THD is not that of the server: check the defines");
static_assert(sizeof(handlerton) == 456, "handlerton is not that of the server");
static_assert(sizeof(TABLE) == 0x3e0, "TABLE is not that of the server");
static_assert(sizeof(TABLE_SHARE) == 0x490, "TABLE_SHARE is not that of the server");
