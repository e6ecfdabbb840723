// A scan as a host holds it: a cursor, the rows it was last moved over, and how that went.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/store.h"
#include "plugins/c_abi/handles.h"
#include "plugins/include/obviews_plugin.h"
#include "virtual_tables/row_batch.h"
#include "virtual_tables/view_cursor.h"

namespace obviews::c_abi {

/// Used by one thread at a time, which Use sees to.
class OpenScan final : public Object {
 public:
  using Handle = obviews_scan;
  static constexpr std::string_view kName = "scan";

  OpenScan(std::shared_ptr<const engine::Snapshot> snapshot, const vtab::Session& session,
           const vtab::ScanRequest& request, bool texts);

  /// The scan is this thread's as long as it lives.
  class Use {
   public:
    /// kInvalidArgument while another thread has it.
    static Result<Use> Of(std::shared_ptr<OpenScan> scan);
    ~Use();
    Use(Use&& other) noexcept = default;
    Use& operator=(Use&&) = delete;
    OpenScan* operator->() const { return scan_.get(); }

   private:
    explicit Use(std::shared_ptr<OpenScan> scan) : scan_(std::move(scan)) {}
    std::shared_ptr<OpenScan> scan_;  ///< nullptr: moved from
  };

  Result<const obviews_batch*> Fetch(uint64_t max_rows);
  Result<const obviews_text_batch*> FetchTexts(uint64_t max_rows);
  const obviews_explanation* Explain();

 private:
  using Values = vtab::ViewCursor;
  using Texts = vtab::BatchCursor;

  Status Load(Values& cursor, uint64_t max_rows);
  Status LoadRow(Values& cursor);
  void PlaceTexts();
  Status Load(Texts& cursor);
  /// Stays what the scan ends with.
  Status EndWith(Error error);

  const schema::View& view_;
  std::vector<size_t> columns_;
  std::variant<Values, Texts> cursor_;
  std::atomic<bool> used_ = false;
  bool ended_ = false;
  std::optional<Error> failed_;

  // The present batch of values. Their texts lie one behind the other in text_bytes_.
  obviews_batch batch_{};
  std::vector<obviews_value> values_;
  std::string text_bytes_;

  // The present batch of texts: rows from at_ on of what the cursor shows.
  obviews_text_batch text_batch_{};
  std::vector<obviews_text_column> text_columns_;
  std::vector<std::vector<obviews_text>> texts_;
  size_t rows_ = 0;
  size_t at_ = 0;

  // What was explained last.
  struct Lists {
    std::vector<std::string> owned;
    std::vector<obviews_text> texts;
    void Set(std::vector<std::string> lines);
  };
  obviews_explanation explanation_{};
  std::string access_path_;
  std::string view_name_;
  std::string warning_;
  Lists ranges_;
  Lists pushed_;
  Lists residual_;
};

}  // namespace obviews::c_abi
