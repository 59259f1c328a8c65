// hypercast-microbench: every kernel of nn/kernels, in float and double, for each instruction set that this
// processor has. The options are Google Benchmark's: --benchmark_filter=multiply/float,
// --benchmark_format=json.

#include "kernels.hpp"

int main(int argc, char** argv) {
  using namespace hypercast;
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 64;
  for (const Isa isa : {Isa::v4, Isa::v3, Isa::v2, Isa::portable}) {
    if (!has_isa(isa)) continue;
    micro::add_elements<float>(isa);
    micro::add_elements<double>(isa);
    for (const std::size_t width : {32, 64, 128}) {
      micro::add_products<float>(isa, width);
      micro::add_products<double>(isa, width);
    }
  }
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
