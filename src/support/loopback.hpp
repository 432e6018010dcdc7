#pragma once

#include <string>

namespace millrace {

/// Whether a host, as URLs and settings name it, is this machine without asking anybody: "localhost", an address of
/// 127.0.0.0/8, "::1", also in brackets. "127.0.0.1.example.com" is a name, of some other machine.
bool is_loopback(const std::string& host);

}  // namespace millrace
