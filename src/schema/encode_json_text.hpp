#pragma once

#include <string_view>

#include "schema/source_table.hpp"
#include "schema/text_out.hpp"

// PostgreSQL's text of values that hold others, turned into JSON (docs/reference/types.md, "JSON").
namespace millrace::schema {

/// Appends the JSON of one value's text; the type says whether it is an array, a composite, hstore, a number, bool, or
/// anything else, which becomes a string. False when the text is none of the type; `out` is then of no use.
bool append_json(const SourceType& type, std::string_view text, TextOut& out);

}  // namespace millrace::schema
