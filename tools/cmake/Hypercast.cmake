# The five functions that describe hypercast to CMake: a module, its table of plugins, the version file, an
# app, a test.

include(GNUInstallDirs)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

# Every target is compiled alike. No contraction: a sum rounds the same whether or not a loop was vectorised.
# One maximal alignment, so that object files never disagree about Eigen's types.
add_compile_options(-Wall -Wextra -Wpedantic -ffp-contract=off)
add_compile_definitions(EIGEN_MAX_ALIGN_BYTES=64 EIGEN_DONT_PARALLELIZE OMPI_SKIP_MPICXX)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  add_compile_options(-Wno-restrict)  # false alarms on "text" + std::string (GCC bug 105651)
endif()
if(HYPERCAST_WERROR)
  add_compile_options(-Werror)
endif()
if(HYPERCAST_ARCH AND CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  add_compile_options(-march=${HYPERCAST_ARCH})
endif()

# hc_module(<name> [DEPENDS modules...] [PUBLIC libs...] [PRIVATE libs...])
# The static library hypercast::<name> of src/<name>/**.cpp. Libraries named PRIVATE stay in their cage.
function(hc_module name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;PUBLIC;PRIVATE;EXCLUDE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  foreach(pattern ${ARG_EXCLUDE})
    list(FILTER sources EXCLUDE REGEX "${pattern}")
  endforeach()
  hc_library(${name} "${sources}" DEPENDS ${ARG_DEPENDS} PUBLIC ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})
endfunction()

# hc_library(<name> <sources> ...): the same from a list of sources.
function(hc_library name sources)
  cmake_parse_arguments(ARG "" "" "DEPENDS;PUBLIC;PRIVATE" ${ARGN})
  add_library(hypercast_${name} STATIC ${sources})
  add_library(hypercast::${name} ALIAS hypercast_${name})
  target_include_directories(hypercast_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src)
  foreach(module ${ARG_DEPENDS})
    target_link_libraries(hypercast_${name} PUBLIC hypercast::${module})
  endforeach()
  target_link_libraries(hypercast_${name} PUBLIC ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})
endfunction()

# hc_plugins(<module> <folder> <registry type> <header>)
# Writes the table that calls register_<stem>(registry) for every <folder>/<stem>.cpp, in alphabetical order.
# The header declares `void register_<folder>(Registry&)`.
function(hc_plugins module folder namespace registry header)
  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.cpp)
  set(declarations "")
  set(calls "")
  foreach(file ${files})
    get_filename_component(stem ${file} NAME_WE)
    string(APPEND declarations "void register_${stem}(${registry}& registry);\n")
    string(APPEND calls "  register_${stem}(registry);\n")
  endforeach()
  set(table ${CMAKE_CURRENT_BINARY_DIR}/register_${folder}.cpp)
  file(CONFIGURE OUTPUT ${table} CONTENT
"// Generated from the files of ${folder}/.
#include \"${header}\"

namespace ${namespace} {

${declarations}
void register_${folder}(${registry}& registry) {
${calls}}

}  // namespace ${namespace}
" @ONLY)
  target_sources(hypercast_${module} PRIVATE ${table})
endfunction()

# hc_kernels(<module> <source>)
# Compiles the source into the module once for each instruction set of core/isa.hpp, with HC_ISA its name, and
# lists the files of kernels/activations.
function(hc_kernels module source)
  file(GLOB files RELATIVE ${CMAKE_CURRENT_SOURCE_DIR}/kernels/activations CONFIGURE_DEPENDS
       ${CMAKE_CURRENT_SOURCE_DIR}/kernels/activations/*.hpp)
  set(names "// Generated from the files of kernels/activations/.\n")
  set(includes "${names}")
  foreach(file ${files})
    get_filename_component(stem ${file} NAME_WE)
    string(APPEND names "HC_ACTIVATION(${stem})\n")
    string(APPEND includes "#include \"nn/kernels/activations/${file}\"\n")
  endforeach()
  set(generated ${CMAKE_CURRENT_BINARY_DIR}/generated)
  file(CONFIGURE OUTPUT ${generated}/nn/activation_names.inc CONTENT "${names}" @ONLY)
  file(CONFIGURE OUTPUT ${generated}/nn/kernels/activation_files.inc CONTENT "${includes}" @ONLY)
  target_include_directories(hypercast_${module} PUBLIC ${generated})

  # -march of an instruction set follows, and so overrules, the one that everything is compiled with.
  set(flags_portable "")
  set(sets portable)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    set(flags_portable -march=x86-64)
    set(flags_v2 -march=x86-64-v2)
    set(flags_v3 -march=x86-64-v3 -mtune=znver3)
    set(flags_v4 -march=x86-64-v4 -mtune=znver3 -mprefer-vector-width=512)
    list(APPEND sets v2 v3 v4)
  endif()
  foreach(set ${sets})
    add_library(hypercast_${module}_${set} OBJECT ${source})
    target_include_directories(hypercast_${module}_${set} PRIVATE ${CMAKE_SOURCE_DIR}/src ${generated})
    target_compile_options(hypercast_${module}_${set} PRIVATE ${flags_${set}} -Wno-psabi)
    target_compile_definitions(hypercast_${module}_${set} PRIVATE HC_ISA=${set})
    target_sources(hypercast_${module} PRIVATE $<TARGET_OBJECTS:hypercast_${module}_${set}>)
  endforeach()
endfunction()

# hc_version_file(<module> <template>): compiles the template with git hash and flags, renewed at each build.
function(hc_version_file module template)
  string(TOUPPER "${CMAKE_BUILD_TYPE}" type)
  get_directory_property(options COMPILE_OPTIONS)
  list(JOIN options " " options)
  string(STRIP "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${type}} ${options}" flags)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/version.cpp)
  add_custom_target(hypercast_version
    COMMAND ${CMAKE_COMMAND} -DSOURCE=${CMAKE_SOURCE_DIR} -DTEMPLATE=${CMAKE_CURRENT_SOURCE_DIR}/${template}
            -DOUTPUT=${output} -DPROJECT_VERSION=${PROJECT_VERSION} -DHYPERCAST_BUILD=${HYPERCAST_BUILD}
            "-DHYPERCAST_COMPILER=${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}"
            "-DHYPERCAST_CXX_FLAGS=${flags}" -P ${CMAKE_SOURCE_DIR}/tools/cmake/version.cmake
    BYPRODUCTS ${output} VERBATIM)
  target_sources(hypercast_${module} PRIVATE ${output})
  add_dependencies(hypercast_${module} hypercast_version)
endfunction()

# hc_app(<name> DEPENDS modules...): the program hypercast-<name> of apps/<name>.cpp.
function(hc_app name)
  cmake_parse_arguments(ARG "" "" "DEPENDS" ${ARGN})
  add_executable(hypercast-${name} ${CMAKE_CURRENT_SOURCE_DIR}/${name}.cpp)
  foreach(module ${ARG_DEPENDS})
    target_link_libraries(hypercast-${name} PRIVATE hypercast::${module})
  endforeach()
  install(TARGETS hypercast-${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endfunction()

# What lets tests run as root, on more ranks than cores, inside containers; one thread a rank.
set(HYPERCAST_TEST_ENVIRONMENT
    OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
    OMPI_MCA_btl_vader_single_copy_mechanism=none OMPI_MCA_mpi_yield_when_idle=1
    OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1)

# hc_test(<module> RANKS 1 2 4 [DEPENDS modules...] [TIMEOUT seconds] [FILTER gtest filter])
# One binary of tests/<module>/**.cpp, one ctest entry per rank count: <module>.np4.
function(hc_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "RANKS;DEPENDS;LIBRARIES" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cpp)
  add_executable(test_${name} ${sources})
  target_link_libraries(test_${name} PRIVATE hypercast_test_main ${ARG_LIBRARIES})
  foreach(module ${ARG_DEPENDS})
    target_link_libraries(test_${name} PRIVATE hypercast::${module})
  endforeach()
  foreach(ranks ${ARG_RANKS})
    add_test(NAME ${name}.np${ranks}
             COMMAND ${MPIEXEC_EXECUTABLE} -n ${ranks} $<TARGET_FILE:test_${name}>)
    set_tests_properties(${name}.np${ranks} PROPERTIES PROCESSORS ${ranks} TIMEOUT ${ARG_TIMEOUT} LABELS unit
                         ENVIRONMENT "${HYPERCAST_TEST_ENVIRONMENT}")
  endforeach()
endfunction()
