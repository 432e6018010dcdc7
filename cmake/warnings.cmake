# Every target of ours links this: warnings are errors, sanitizers by preset.
add_library(millrace_flags INTERFACE)
target_compile_options(millrace_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Werror
                       # Designated initializers leave members out on purpose; they have defaults.
                       -Wno-missing-field-initializers)
if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # A type of an unnamed namespace in a header would be a fault; several .cpp files in one unit look like one.
  target_compile_options(millrace_flags INTERFACE -Wno-subobject-linkage)
endif()
if(MILLRACE_FAILPOINTS)
  target_compile_definitions(millrace_flags INTERFACE MILLRACE_FAILPOINTS)
endif()
if(MILLRACE_SANITIZE)
  target_compile_options(millrace_flags INTERFACE -fsanitize=${MILLRACE_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(millrace_flags INTERFACE -fsanitize=${MILLRACE_SANITIZE})
  if(MILLRACE_SANITIZE MATCHES undefined)
    # A null or wild pointer ends in AddressSanitizer's report anyway; these checks alone double the time to compile.
    target_compile_options(millrace_flags INTERFACE -fno-sanitize=null,vptr,alignment)
  endif()
  if(MILLRACE_SANITIZE MATCHES thread AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Boost.Asio has fences, which ThreadSanitizer does not follow.
    target_compile_options(millrace_flags INTERFACE -Wno-tsan)
  endif()
  # g++ 12 reports false positives of this kind only in instrumented code.
  target_compile_options(millrace_flags INTERFACE -Wno-maybe-uninitialized)
endif()
