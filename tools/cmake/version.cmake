# Fills the version template; leaves the file alone when nothing changed, so that nothing is recompiled.
set(HYPERCAST_GIT_HASH unknown)
set(HYPERCAST_GIT_DIRTY false)
execute_process(COMMAND git -C ${SOURCE} rev-parse HEAD OUTPUT_VARIABLE hash RESULT_VARIABLE failed
                OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT failed)
  set(HYPERCAST_GIT_HASH ${hash})
  execute_process(COMMAND git -C ${SOURCE} status --porcelain --untracked-files=no OUTPUT_VARIABLE changes
                  ERROR_QUIET)
  if(changes)
    set(HYPERCAST_GIT_DIRTY true)
  endif()
endif()
configure_file(${TEMPLATE} ${OUTPUT} @ONLY)
