// The document's session: its rows load with the warnings they deserve, and its five statements
// print them again.
#include <regex>

#include "stores.h"

namespace obviews::e2e {
namespace {

const char* const kStatements[] = {
    "SELECT * FROM oceanbase.CDB_OB_RECOVER_TABLE_JOBS\\G",
    "SELECT * FROM oceanbase.CDB_OB_RESTORE_PROGRESS\\G",
    "SELECT * FROM oceanbase.CDB_OB_IMPORT_TABLE_JOBS\\G",
    "SELECT * FROM oceanbase.CDB_OB_IMPORT_TABLE_TASKS\\G",
};
constexpr const char* kOwnStatement = "SELECT * FROM DBA_OB_RECOVER_TABLE_JOBS\\G";

class DocumentTest : public StoreTest {
 protected:
  void SetUp() override {
    loaded_ = LoadText(ReadFile(DataPath("document.md")), {}, "document.md");
    ASSERT_EQ(loaded_.code, 0) << loaded_.err;
  }
  /// The five statements' output, each under its statement.
  std::string Listings() const {
    std::string all;
    for (const char* statement : kStatements) {
      all += std::string("> ") + statement + "\n" + Query(statement, {"-v"});
    }
    all += std::string("OBT> ") + kOwnStatement + "\n" +
           Query(kOwnStatement, {"-v", "--tenant", "OBT"});
    return std::regex_replace(all, std::regex("\\([0-9.]+ sec\\)"), "(T sec)");
  }
  Ran loaded_;
};

/// Compares with a golden file; OBVIEWS_UPDATE_GOLDEN=1 writes it anew instead.
void ExpectGolden(const std::string& name, const std::string& text) {
  if (std::getenv("OBVIEWS_UPDATE_GOLDEN") != nullptr) WriteFile(DataPath(name), text);
  EXPECT_EQ(text, ReadFile(DataPath(name)));
}

TEST_F(DocumentTest, EachOddityIsWarnedOfOnce) {
  EXPECT_EQ(loaded_.out, "4 rows read: 4 records inserted, 0 replaced\n");
  ExpectGolden("e2e/document_warnings.txt", Plain(loaded_.err));
}

TEST_F(DocumentTest, TheFiveStatementsPrintTheListings) {
  ExpectGolden("e2e/document_listings.txt", Listings());
}

TEST_F(DocumentTest, TheDisplayIsComputedFromTheScn) {
  EXPECT_EQ(Query("SELECT RESTORE_SCN, RESTORE_SCN_DISPLAY FROM CDB_OB_RECOVER_TABLE_JOBS "
                  "WHERE TENANT_ID = 1"),
            "1692104831498747191\t2023-08-15 21:07:11.498747\n");
  EXPECT_EQ(
      Query("SELECT RESTORE_SCN_DISPLAY FROM DBA_OB_RECOVER_TABLE_JOBS", {"-N", "--tenant", "OBT"}),
      "21-AUG-23 07.47.20.000000000 PM\n");
}

TEST_F(DocumentTest, TheTenantIsKnownByNameAndMode) {
  Ran tenants = Ctl("tenants");
  EXPECT_EQ(tenants.out,
            "Tenant_id\tTenant_name\tMode\n"
            "1\tsys\tmysql\n"
            "1002\tNULL\tNULL\n"
            "1004\tNULL\tNULL\n"
            "1010\tNULL\tNULL\n"
            "1014\tAUX_RECOVER$1692179849034890\tNULL\n"
            "1016\tOBT\toracle\n");
}

TEST_F(DocumentTest, LoadedAgainForTheTenantItReplacesEveryRecord) {
  Ran again = Ctl("load", {"--tenant", "OBT", DataPath("document.md")});
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(again.out, "4 rows read: 0 records inserted, 4 replaced\n");
}

TEST_F(DocumentTest, VerifyFindsOnlyLinksIntoOtherRecoveries) {
  Ran verified = Ctl("verify");
  EXPECT_EQ(verified.code, 0) << verified.err;
  EXPECT_EQ(verified.out,
            "notice: recover_job (1016, 2): its initiator job (1, 2) is not in the store\n"
            "notice: import_job (1010, 3): its initiator job (1010, 2) is not in the store\n"
            "notice: import_task (1002, 3, 1047): its import job (1002, 3) is not in the store\n"
            "4 records and 0 long texts read: 0 damaged, 0 problems, 3 notices\n");
}

TEST_F(DocumentTest, EveryFormatOfAListingLoadsBackTheSame) {
  const std::string before = Listings();
  const std::vector<std::string> formats = {"-B", "--csv", "--json", "--jsonl", "-E", "-t"};
  for (const std::string& format : formats) {
    std::vector<std::string> load = {"load", "--db", Path("copy" + format)};
    for (const char* view :
         {"CDB_OB_RECOVER_TABLE_JOBS", "CDB_OB_IMPORT_TABLE_JOBS", "CDB_OB_IMPORT_TABLE_TASKS"}) {
      Ran printed = Dump({format, "--show-secrets", view});
      ASSERT_EQ(printed.code, 0) << printed.err;
      std::string name = std::string(view) + format + ".txt";
      std::vector<std::string> one = load;
      one.insert(one.end(), {"--view", view, Write(name, printed.out)});
      Ran loaded = Obviewsctl(one);
      ASSERT_EQ(loaded.code, 0) << format << " " << view << "\n" << loaded.err;
    }
    for (const char* statement : kStatements) {
      EXPECT_EQ(DumpViews({"--db", Path("copy" + format), "-e", statement}).out,
                Query(statement, {}))
          << format;
    }
    EXPECT_EQ(DumpViews({"--db", Path("copy" + format), "--tenant", "1016", "--mode", "oracle",
                         "-e", kOwnStatement})
                  .out,
              Query(kOwnStatement, {"--tenant", "OBT"}))
        << format;
  }
  EXPECT_EQ(Listings(), before);
}

}  // namespace
}  // namespace obviews::e2e
