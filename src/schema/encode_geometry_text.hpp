#pragma once

#include <string_view>

#include "schema/text_out.hpp"

namespace millrace::schema {

/// Appends the EWKT of a PostGIS value, "SRID=4326;POINT(1 2)", from its binary form EWKB (PostGIS manual, "OGC WKB and
/// WKT" and "PostGIS EWKB, EWKT"). Coordinates have the shortest digits that read back. `hex`: `ewkb` are its hex
/// digits. False when it is no EWKB; `out` is then of no use.
bool append_ewkt(std::string_view ewkb, bool hex, TextOut& out);

}  // namespace millrace::schema
