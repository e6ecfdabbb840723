// The views of a session as a host reads about them.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "plugins/include/obviews_plugin.h"
#include "schema/catalog.h"
#include "virtual_tables/session.h"

namespace obviews::c_abi {

/// Descriptions of all views a session's tenant sees, with what they point to. Immutable.
class ViewInfos {
 public:
  explicit ViewInfos(const vtab::Session& session);
  ViewInfos(const ViewInfos&) = delete;
  ViewInfos& operator=(const ViewInfos&) = delete;

  const std::vector<const obviews_view_info*>& all() const { return all_; }
  /// REQUIRES: a view of the session.
  const obviews_view_info* Of(const schema::View& view) const;

 private:
  /// A copy that ends with a zero byte, and stays where it is.
  const char* Keep(std::string_view text) { return texts_.emplace_back(text).c_str(); }
  obviews_column_info Describe(const schema::View& view, const schema::Column& column);

  std::deque<std::string> texts_;
  std::deque<obviews_column_info> columns_;
  std::deque<std::vector<const obviews_column_info*>> columns_of_;
  std::deque<obviews_view_info> views_;
  std::vector<const obviews_view_info*> all_;
  std::vector<const schema::View*> sources_;  ///< one for each of all_
};

}  // namespace obviews::c_abi
