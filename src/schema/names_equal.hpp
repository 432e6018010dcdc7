#pragma once

#include <string>
#include <string_view>

namespace millrace::schema {

/// ASCII letters in lower case, the rest as it is: how names are compared without regard to case.
std::string fold_case(std::string_view text);

}  // namespace millrace::schema
