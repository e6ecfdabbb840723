// Descriptions of views; see view_infos.h.
#include "plugins/c_abi/view_infos.h"

#include <algorithm>

namespace obviews::c_abi {
namespace {

uint32_t KindOf(schema::ShownKind kind) {
  switch (kind) {
    case schema::ShownKind::kInteger:
      return OBVIEWS_COLUMN_INTEGER;
    case schema::ShownKind::kReal:
      return OBVIEWS_COLUMN_REAL;
    case schema::ShownKind::kText:
      break;
  }
  return OBVIEWS_COLUMN_TEXT;
}

}  // namespace

ViewInfos::ViewInfos(const vtab::Session& session)
    : sources_(session.catalog().VisibleTo(session.is_sys(), session.mode)) {
  for (const schema::View* view : sources_) {
    std::vector<const obviews_column_info*>& columns = columns_of_.emplace_back();
    for (const schema::Column& column : view->columns) {
      columns.push_back(&columns_.emplace_back(Describe(*view, column)));
    }
    obviews_view_info info{};
    info.size = sizeof info;
    info.own = view->own ? 1 : 0;
    info.name = Keep(view->name);
    info.schema = Keep(view->schema_name());
    info.since_version = Keep(view->since_version);
    info.view_id = view->view_id;
    info.column_count = static_cast<uint32_t>(columns.size());
    info.columns = columns.data();
    all_.push_back(&views_.emplace_back(info));
  }
}

obviews_column_info ViewInfos::Describe(const schema::View& view, const schema::Column& column) {
  obviews_column_info info{};
  info.size = sizeof info;
  info.kind = KindOf(column.kind);
  info.nullable = column.nullable ? 1 : 0;
  bool key =
      column.conversion == schema::Conversion::kNone && view.record->fields[column.field].is_key();
  info.key = key ? 1 : 0;
  info.max_bytes = column.max_bytes;
  info.name = Keep(column.name);
  info.type = Keep(column.type);
  info.source = Keep(view.SourceOf(column));
  info.conversion = Keep(schema::ConversionName(column.conversion));
  info.meaning = Keep(column.meaning);
  return info;
}

const obviews_view_info* ViewInfos::Of(const schema::View& view) const {
  auto found = std::find(sources_.begin(), sources_.end(), &view);
  return all_[static_cast<size_t>(found - sources_.begin())];
}

}  // namespace obviews::c_abi
