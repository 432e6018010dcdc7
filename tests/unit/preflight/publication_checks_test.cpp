#include <gmock/gmock.h>

#include "source_fixture.hpp"

namespace millrace::preflight {
namespace {

using ::testing::HasSubstr;

SourceCheckInput with_publication(const postgres::PublicationFacts& known) {
  auto input = good_source();
  input.server.publications = {known};
  return input;
}

TEST(SourcePublication, OneThatFitsIsTakenWithoutOwningTables) {
  auto input = with_publication(fitting_publication());
  input.rights[0].owner = false;
  input.server.user_create_in_database = false;
  const auto findings = check_source(input);
  EXPECT_EQ(severity_of(findings, "source.publication"), Severity::kInfo);
  EXPECT_FALSE(has_errors(findings));
}

TEST(SourcePublication, AMissingTableIsNamedWithItsStatement) {
  auto known = fitting_publication();
  known.tables = {{"public", "others"}};
  const auto findings = check_source(with_publication(known));
  EXPECT_EQ(severity_of(findings, "source.publication"), Severity::kError);
  EXPECT_EQ(fix_of(findings, "source.publication"), "ALTER PUBLICATION \"p_pub\" ADD TABLE \"public\".\"orders\";");
}

TEST(SourcePublication, AllTablesHoldsEveryTable) {
  auto known = fitting_publication();
  known.tables.clear();
  known.all_tables = true;
  EXPECT_EQ(severity_of(check_source(with_publication(known)), "source.publication"), Severity::kInfo);
}

TEST(SourcePublication, EveryOperationMustBePublished) {
  for (auto operation : {&postgres::PublicationFacts::inserts, &postgres::PublicationFacts::updates,
                         &postgres::PublicationFacts::deletes}) {
    auto known = fitting_publication();
    known.truncates = false;
    known.*operation = false;
    const auto findings = check_source(with_publication(known));
    EXPECT_EQ(severity_of(findings, "source.publication"), Severity::kError);
    EXPECT_EQ(fix_of(findings, "source.publication"),
              "ALTER PUBLICATION \"p_pub\" SET (publish = 'insert, update, delete');");
  }
}

TEST(SourcePublication, TruncatesAreAskedOnlyWhenWanted) {
  auto known = fitting_publication();
  known.truncates = false;
  auto input = with_publication(known);
  EXPECT_EQ(severity_of(check_source(input), "source.publication"), Severity::kInfo);
  input.publication.truncates = true;
  const auto findings = check_source(input);
  EXPECT_EQ(severity_of(findings, "source.publication"), Severity::kError);
  EXPECT_EQ(fix_of(findings, "source.publication"),
            "ALTER PUBLICATION \"p_pub\" SET (publish = 'insert, update, delete, truncate');");
}

TEST(SourcePublication, PartitionsMustComeUnderTheirRoot) {
  auto input = with_publication(fitting_publication());
  input.publication.via_root = true;
  EXPECT_THAT(fix_of(check_source(input), "source.publication"), HasSubstr("publish_via_partition_root = true"));
  input.server.publications[0].via_root = true;
  EXPECT_EQ(severity_of(check_source(input), "source.publication"), Severity::kInfo);
}

TEST(SourcePublication, AFilterOnAChosenTableIsTold) {
  auto known = fitting_publication();
  known.filtered_tables = {{"public", "others"}};
  EXPECT_EQ(severity_of(check_source(with_publication(known)), "source.publication_filter"), Severity::kOk);
  known.filtered_tables = {{"public", "orders"}};
  EXPECT_EQ(severity_of(check_source(with_publication(known)), "source.publication_filter"), Severity::kWarning);
}

TEST(SourcePublication, OneThatMustExistIsNotMade) {
  auto input = good_source();
  input.publication_must_exist = true;
  const auto findings = check_source(input);
  EXPECT_EQ(severity_of(findings, "source.publication"), Severity::kError);
  EXPECT_THAT(fix_of(findings, "source.publication"), HasSubstr("CREATE PUBLICATION \"p_pub\" FOR TABLE"));
}

TEST(SourcePublication, CreatingNeedsTheRight) {
  auto input = good_source();
  input.server.user_create_in_database = false;
  EXPECT_THAT(fix_of(check_source(input), "source.publication_right"),
              HasSubstr("GRANT CREATE ON DATABASE \"shop\" TO \"repl\";"));
}

TEST(SourcePublication, AllTablesNeedsASuperuserAndEndangersKeylessTables) {
  auto input = good_source();
  input.publication.all_tables = true;
  EXPECT_EQ(severity_of(check_source(input), "source.publication_right"), Severity::kError);
  input.server.user_superuser = true;
  const auto findings = check_source(input);
  EXPECT_FALSE(has_errors(findings));
  EXPECT_EQ(severity_of(findings, "source.publication_all_tables"), Severity::kWarning);
}

}  // namespace
}  // namespace millrace::preflight
