#pragma once

#include <string>
#include <vector>

#include "support/ids.hpp"

/// Lists as parameters of type oid[] and text[], in PostgreSQL's text form.
namespace millrace::postgres {

std::string array_text(const std::vector<Oid>& oids);
/// Every element is quoted, so that one of no characters and one that reads NULL stay what they are.
std::string array_text(const std::vector<std::string>& texts);

}  // namespace millrace::postgres
