#pragma once

#include <cstddef>

#include "pgoutput/messages.hpp"
#include "support/mapped_bytes.hpp"

namespace millrace::pgoutput {

/// A shorter value is not worth being read piece by piece, also where its row lies in a file. Bytes.
constexpr std::size_t kLongField = std::size_t{32} << 10U;

/// Says of the long values of a row, which was decoded from bytes of `mapped`, that they lie there; none: nothing.
void mark_long_fields(Tuple& row, const MappedBytes* mapped);
/// Of all tuples of a message.
void mark_long_fields(Message& message, const MappedBytes* mapped);

}  // namespace millrace::pgoutput
