// Lists as the server shows them, and the names of auxiliary tenants.
#include "schema/lists.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "schema/conversions.h"

namespace obviews::schema {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

json Vectors(const char* group) {
  std::ifstream file(OBVIEWS_TEST_DATA "/vectors.json");
  json all = json::parse(file);
  EXPECT_FALSE(all.at(group).empty());
  return all.at(group);
}

// Turns items of the vectors into names; keeps their bytes alive.
class Items {
 public:
  std::string Render(const std::string& kind, const json& items) {
    if (kind == "db") {
      return RenderNameList(All<std::string_view>(items, [&](const json& i) { return Name(i); }));
    }
    if (kind == "table") {
      return RenderTableList(All<TableName>(items, [&](const json& i) { return Table(i); }));
    }
    if (kind == "remap_db" || kind == "remap_tablespace") {
      return RenderNameRemapList(All<NameRemap>(items, [&](const json& i) {
        return NameRemap{Name(i.at(0)), Name(i.at(1))};
      }));
    }
    if (kind == "remap_table") {
      return RenderTableRemapList(All<TableRemap>(items, [&](const json& i) {
        return TableRemap{Table(i.at(0)), Table(i.at(1))};
      }));
    }
    if (kind == "remap_partition") {
      return RenderPartitionRemapList(All<PartitionRemap>(items, [&](const json& i) {
        const json& source = i.at(0);
        return PartitionRemap{{Name(source.at(0)), Name(source.at(1)), Name(source.at(2))},
                              Table(i.at(1))};
      }));
    }
    ADD_FAILURE() << "unknown kind " << kind;
    return "";
  }

 private:
  template <class T, class Make>
  std::vector<T> All(const json& items, Make make) {
    std::vector<T> all;
    for (const json& item : items) all.push_back(make(item));
    return all;
  }
  std::string_view Name(const json& name) { return names_.emplace_back(name.get<std::string>()); }
  TableName Table(const json& table) { return {Name(table.at(0)), Name(table.at(1))}; }

  std::deque<std::string> names_;
};

TEST(ListsTest, ListVectors) {
  for (const json& v : Vectors("lists")) {
    Items items;
    const auto shown = v.at("shown").get<std::string>();
    EXPECT_EQ(items.Render(v.at("kind").get<std::string>(), v.at("items")), shown);
    EXPECT_EQ(CountListItems(shown), v.at("items").size()) << shown;
  }
}

TEST(ListsTest, AuxTenantNameVectors) {
  const Zone zone = Zone::Fixed(28800);
  TextBuffer out;
  for (const json& v : Vectors("aux_tenant_name")) {
    const auto name = v.at("name").get<std::string>();
    EXPECT_EQ(IsAuxTenantName(name), v.at("is_aux").get<bool>()) << name;
    if (!v.contains("created_at_+08:00")) continue;
    EXPECT_EQ(ShowUsecMySql(AuxTenantCreatedAtUsec(name).value(), zone, out),
              v.at("created_at_+08:00").get<std::string>());
  }
}

TEST(ListsTest, PartitionsNameTheirTable) {
  const PartitionName partitions[] = {{"db", "t", "p0"}, {"db", "t", "p1"}};
  EXPECT_EQ(RenderPartitionList(partitions), "`db`.`t`:`p0`,`db`.`t`:`p1`");
}

TEST(ListsTest, NamesKeepEveryByte) {
  const std::string_view nasty[] = {std::string_view("a\0b", 3), "x\ny'\"\\", "\xff", "😀"};
  EXPECT_EQ(RenderNameList(nasty), std::string("`a\0b`,`x\ny'\"\\`,`\xff`,`😀`", 25));
}

TEST(ListsTest, SplitsWhereItCan) {
  EXPECT_THAT(SplitList(""), IsEmpty());
  EXPECT_THAT(SplitList("`db1`"), ElementsAre("`db1`"));
  EXPECT_THAT(SplitList("`a`.`b`:`c`.`d`,`e`.`f,`:`g`.`h`"),
              ElementsAre("`a`.`b`:`c`.`d`", "`e`.`f,`:`g`.`h`"));
  EXPECT_THAT(SplitList("db1:db1_bak,db2:db2_bak"), ElementsAre("db1:db1_bak", "db2:db2_bak"));
  EXPECT_THAT(SplitList(","), ElementsAre("", ""));
  EXPECT_THAT(SplitList("`a`,"), ElementsAre("`a`,"));
}

TEST(ListsTest, ANameHoldingASeparatorSplitsWrongly) {
  const std::string_view one[] = {"a`,`b"};
  EXPECT_EQ(CountListItems(RenderNameList(one)), 2U);
}

TEST(ListsTest, CountsAHundredThousandTables) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += i == 0 ? "`db`.`t`" : ",`db`.`t`";
  EXPECT_EQ(CountListItems(text), 100'000U);
}

TEST(ListsTest, NamesThatAreNoAuxTenants) {
  for (const char* name : {"", "AUX_RECOVER$", "aux_recover$1", "AUX_RECOVER$-1", "AUX_RECOVER$1 ",
                           " AUX_RECOVER$1", "AUX_RECOVER$1.5", "sys"}) {
    EXPECT_FALSE(IsAuxTenantName(name)) << name;
    EXPECT_EQ(AuxTenantCreatedAtUsec(name), std::nullopt) << name;
  }
  EXPECT_TRUE(IsAuxTenantName("AUX_RECOVER$99999999999999999999"));
  EXPECT_EQ(AuxTenantCreatedAtUsec("AUX_RECOVER$99999999999999999999"), std::nullopt);
  EXPECT_EQ(AuxTenantCreatedAtUsec("AUX_RECOVER$9223372036854775807"), 9223372036854775807);
}

}  // namespace
}  // namespace obviews::schema
