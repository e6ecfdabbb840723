// Statements that only count tasks by STATUS and RESULT, answered from the counts of the store
// instead of row by row: the server hands such statements over whole.
#pragma once

class THD;
class group_by_handler;
struct Query;

namespace obviews::mariadb {

/// What answers a statement, if it counts the tasks of one view and asks for no column but
/// TENANT_ID, JOB_ID, STATUS and RESULT; nullptr: the server must do it. The server owns it. It
/// tests the statement's condition by the server's own means on a row of each group, so what is
/// equal, and what is NULL, is the server's to say. See the server's handlerton::create_group_by.
group_by_handler* CountByGroups(THD* thd, Query* query);

}  // namespace obviews::mariadb
