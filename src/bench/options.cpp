#include "bench/options.hpp"

#include "bench/group.hpp"

namespace hypercast::bench {

void BenchOptions::describe(Section& s) {
  s.about("What hypercast-bench measures of this machine.");
  s.key("groups", groups, "which, in this order; --list tells all");
  s.key("seconds", seconds, "of one sample, about").above(0).unit("s");
  s.key("repeats", repeats, "samples; the median and the quartiles are told").at_least(5);
}

void add_bench_sections(Schema& schema) {
  schema.add<BenchOptions>();
  const auto registry = group_registry();
  for (const auto& name : registry.names()) {
    std::shared_ptr group = registry.find(name).make();
    schema.add("bench." + name, [group](Section& s) { group->describe(s); });
  }
}

}  // namespace hypercast::bench
