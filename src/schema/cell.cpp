#include "schema/cell.hpp"

#include <map>

#include "support/error.hpp"

namespace millrace::schema {
namespace {

constexpr std::size_t kFixedBytes = 16;
constexpr int kRealBits = 24;  // float(1) to float(24) are real (T-SQL, "float and real")

}  // namespace

CellKind cell_kind(const TargetType& type) {
  static const std::map<std::string, CellKind> kKinds = {{"bit", CellKind::kBit},
                                                         {"tinyint", CellKind::kTinyInt},
                                                         {"smallint", CellKind::kSmallInt},
                                                         {"int", CellKind::kInt},
                                                         {"bigint", CellKind::kBigInt},
                                                         {"real", CellKind::kReal},
                                                         {"float", CellKind::kFloat},
                                                         {"decimal", CellKind::kDecimal},
                                                         {"numeric", CellKind::kDecimal},
                                                         {"date", CellKind::kDate},
                                                         {"time", CellKind::kTime},
                                                         {"datetime2", CellKind::kDateTime2},
                                                         {"datetimeoffset", CellKind::kDateTimeOffset},
                                                         {"uniqueidentifier", CellKind::kGuid},
                                                         {"nchar", CellKind::kText},
                                                         {"nvarchar", CellKind::kText},
                                                         {"binary", CellKind::kBinary},
                                                         {"varbinary", CellKind::kBinary}};
  const auto found = kKinds.find(type.name);
  if (found == kKinds.end()) {
    throw Error(ErrorCode::kTableUnsupported, "Millrace does not write the SQL Server type " + type.to_string() + ".");
  }
  if (found->second == CellKind::kFloat && type.precision && *type.precision <= kRealBits) return CellKind::kReal;
  return found->second;
}

std::size_t cell_bytes(CellKind kind, const Cell& cell) {
  if (cell.null) return kFixedBytes;
  if (kind == CellKind::kText) return cell.text.size() * sizeof(char16_t);
  if (kind == CellKind::kBinary) return cell.bytes.size();
  return kFixedBytes;
}

}  // namespace millrace::schema
