#pragma once

#include <string>
#include <string_view>

namespace millrace::schema {

/// Reads float4out's and float8out's text, NaN and Infinity too. False when it is none.
bool parse_float(std::string_view text, float& number);
bool parse_float(std::string_view text, double& number);

/// The text that float4out and float8out give with extra_float_digits > 0: the shortest digits that read back, with
/// an exponent below 1e-4 and from 1e6 (float4) or 1e15 (float8) on (PostgreSQL source, common/f2s.c and d2s.c).
std::string float_text(float number);
std::string float_text(double number);

}  // namespace millrace::schema
