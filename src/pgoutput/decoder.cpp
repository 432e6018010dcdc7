#include "pgoutput/decoder.hpp"
