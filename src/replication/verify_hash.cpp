#include "replication/verify_hash.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>

#include "schema/cell_text.hpp"
#include "schema/hex.hpp"
#include "support/error.hpp"

namespace millrace::replication {
namespace {

using schema::CellKind;

constexpr std::size_t kWord = 8;
constexpr std::size_t kGuidText = 36;
/// What a varbinary that is not (max) holds at most: longer results of + are cut off there.
constexpr std::size_t kMostBytes = 8000;

/// Bytes of a kind whose values all have the same length; 0: they have not.
std::size_t fixed_length(CellKind kind) {
  switch (kind) {
    case CellKind::kDateTime2:
    case CellKind::kDateTimeOffset:
      return 2 * kWord;
    case CellKind::kGuid:
      return kGuidText;
    case CellKind::kDecimal:
    case CellKind::kText:
    case CellKind::kBinary:
      return 0;
    default:
      return kWord;
  }
}

std::string canonical_sql(const TableBinding& table, std::size_t column) {
  const auto& binding = table.columns()[column];
  return schema::canonical_expression(binding.kind, binding.mapping.target.type,
                                      "t." + schema::quote_mssql(binding.mapping.target.name));
}

std::string encoding_sql(const TableBinding& table, std::size_t column) {
  const auto value = canonical_sql(table, column);
  if (fixed_length(table.columns()[column].kind) > 0) return "ISNULL(0x01 + " + value + ", 0x00)";
  return fmt::format("ISNULL(0x01 + CONVERT(varbinary(4), CONVERT(int, DATALENGTH({0}))) + {0}, 0x00)", value);
}

std::string hash_sql(const TableBinding& table, const std::vector<std::size_t>& columns) {
  std::size_t fixed = 0;
  std::string sql;
  for (const auto column : columns) {
    fixed += 1 + std::max(fixed_length(table.columns()[column].kind), std::size_t{45});
    sql += (sql.empty() ? "" : " + ") + encoding_sql(table, column);
  }
  if (fixed > kMostBytes) sql = "CONVERT(varbinary(max), 0x) + " + sql;
  return "CONVERT(bigint, SUBSTRING(HASHBYTES('SHA2_256', " + sql + "), 1, 8))";
}

std::vector<std::size_t> all_columns(const TableBinding& table) {
  std::vector<std::size_t> columns(table.columns().size());
  std::iota(columns.begin(), columns.end(), std::size_t{0});
  return columns;
}

[[noreturn]] void not_canonical() {
  throw Error(ErrorCode::kInternal, "The target gave bytes that are no value of the column.");
}

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes.substr(0, kWord)) value = value << 8U | static_cast<unsigned char>(c);
  return value;
}

void read_decimal(std::string_view text, schema::Cell& cell) {
  for (const char c : text) {
    if (c == '-') {
      cell.negative = true;
    } else if (c >= '0' && c <= '9') {
      cell.magnitude = cell.magnitude * 10 + static_cast<unsigned>(c - '0');
    } else if (c != '.') {
      not_canonical();
    }
  }
}

int nibble(char c) {
  const int digit = schema::hex_digit(c);
  if (digit < 0) not_canonical();
  return digit;
}

void read_guid(std::string_view text, schema::Cell& cell) {
  std::size_t at = 0;
  for (std::size_t i = 0; i + 1 < text.size() && at < cell.guid.size();) {
    if (text[i] == '-') {
      ++i;
      continue;
    }
    cell.guid[at++] = static_cast<std::uint8_t>(nibble(text[i]) * 16 + nibble(text[i + 1]));
    i += 2;
  }
}

}  // namespace

RowHasher::RowHasher(const TableBinding& table) : table_(table), state_{} {
  if (sodium_init() < 0) throw Error(ErrorCode::kInternal, "libsodium cannot be initialised.");
}

void RowHasher::begin() {
  bytes_.clear();
  crypto_hash_sha256_init(&state_);
}

void RowHasher::flush() {
  crypto_hash_sha256_update(&state_, bytes_.data(), bytes_.size());
  bytes_.clear();
}

void RowHasher::append(const std::vector<schema::Cell>& cells, std::size_t column) {
  const auto& cell = cells[column];
  const auto& binding = table_.columns()[column];
  if (cell.null) return bytes_.push_back(0);
  bytes_.push_back(1);
  const bool varying = fixed_length(binding.kind) == 0;
  const std::size_t start = bytes_.size();
  if (varying) bytes_.resize(start + 4);
  const auto put_length = [&](std::uint64_t length) {
    for (std::size_t i = 0; i < 4; ++i) bytes_[start + i] = static_cast<std::uint8_t>(length >> (8 * (3 - i)));
  };
  if (cell.long_value) {
    put_length(cell.long_value->size);
    flush();
    schema::read_long_value(*cell.long_value, [this](const void* piece, std::size_t size) {
      crypto_hash_sha256_update(&state_, static_cast<const unsigned char*>(piece), size);
    });
    return;
  }
  schema::canonical_bytes(binding.kind, binding.mapping.target.type, cell, bytes_);
  if (varying) put_length(bytes_.size() - start - 4);
}

std::int64_t RowHasher::finish() {
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
  flush();
  crypto_hash_sha256_final(&state_, digest.data());
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < kWord; ++i) value = value << 8U | digest[i];
  return static_cast<std::int64_t>(value);
}

RowHash RowHasher::hash(const std::vector<schema::Cell>& cells, bool unfit) {
  RowHash hash;
  begin();
  for (std::size_t i = 0; i < cells.size(); ++i) append(cells, i);
  if (unfit) bytes_.push_back(0xFF);
  hash.content = finish();
  if (table_.keyless()) {
    hash.identity = hash.content;
    return hash;
  }
  begin();
  for (const auto column : table_.key()) append(cells, column);
  hash.identity = finish();
  return hash;
}

std::string identity_sql(const TableBinding& table) {
  return table.keyless() ? content_sql(table) : hash_sql(table, table.key());
}

std::string content_sql(const TableBinding& table) {
  return hash_sql(table, all_columns(table));
}

std::string column_hex_sql(const TableBinding& table, std::size_t column) {
  return "CONVERT(varchar(max), " + canonical_sql(table, column) + ", 2)";
}

std::optional<std::string> canonical(const TableBinding& table, std::size_t column, const schema::Cell& cell) {
  if (cell.null) return std::nullopt;
  const auto& binding = table.columns()[column];
  std::vector<std::uint8_t> bytes;
  schema::canonical_bytes(binding.kind, binding.mapping.target.type, cell, bytes);
  return std::string(bytes.begin(), bytes.end());
}

schema::Cell canonical_cell(CellKind kind, std::string_view bytes) {
  constexpr std::int64_t kNanosPerMicro = 1000;
  constexpr std::int64_t kMicrosPerDay = 86'400'000'000;
  const auto length = fixed_length(kind);
  if (length > 0 && bytes.size() != length) not_canonical();
  schema::Cell cell;
  cell.null = false;
  const auto word = [&](std::size_t index) {
    return static_cast<std::int64_t>(big_endian(bytes.substr(index * kWord)));
  };
  switch (kind) {
    case CellKind::kReal:
    case CellKind::kFloat:
      cell.real = std::bit_cast<double>(big_endian(bytes));
      break;
    case CellKind::kDecimal:
      read_decimal(bytes, cell);
      break;
    case CellKind::kTime:
      cell.integer = word(0) / kNanosPerMicro;
      break;
    case CellKind::kDateTime2:
    case CellKind::kDateTimeOffset:
      cell.integer = word(0) * kMicrosPerDay + word(1) / kNanosPerMicro;
      break;
    case CellKind::kGuid:
      read_guid(bytes, cell);
      break;
    case CellKind::kText:
      for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
        cell.text += static_cast<char16_t>(static_cast<unsigned char>(bytes[i]) |
                                           static_cast<unsigned>(static_cast<unsigned char>(bytes[i + 1])) << 8U);
      }
      break;
    case CellKind::kBinary:
      cell.bytes.assign(bytes.begin(), bytes.end());
      break;
    default:
      cell.integer = word(0);
  }
  return cell;
}

std::string from_hex(std::string_view text) {
  if (text.size() % 2 != 0) not_canonical();
  std::string bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    bytes += static_cast<char>(nibble(text[i]) * 16 + nibble(text[i + 1]));
  }
  return bytes;
}

}  // namespace millrace::replication
