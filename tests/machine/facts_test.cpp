// What Linux tells of a machine, read from a tree made up for the test.

#include "machine/facts.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "test_world.hpp"

using namespace hypercast;
using namespace hypercast::machine;

namespace fs = std::filesystem;

namespace {

// Two cores of two threads each.
const std::string cpuinfo = [] {
  std::string text;
  for (const char* core : {"0", "1", "0", "1"})
    text += std::string(
                "processor\t: 0\nmodel name\t: Some Processor 9\ncpu MHz\t\t: 2596.142\nphysical id\t: 0\n") +
            "core id\t\t: " + core +
            "\nflags\t\t: fpu sse2 hypervisor avx2 fma unheard_of\npower management:\n\n";
  return text;
}();

class Machine : public testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::temp_directory_path() / ("hypercast-machine-" + std::to_string(getpid()));
    const auto processor = std::string("sys/devices/system/cpu/cpu0/");
    write("proc/cpuinfo", cpuinfo);
    write(processor + "topology/thread_siblings_list", "0,2\n");
    cache(processor, 0, "1", "Data", "32K", "0,2");
    cache(processor, 1, "1", "Instruction", "32K", "0,2");
    cache(processor, 2, "2", "Unified", "1024K", "0,2");
    cache(processor, 3, "3", "Unified", "16M", "0-1");
    write("sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n");
  }
  void TearDown() override { fs::remove_all(root_); }
  void write(const fs::path& name, const std::string& text) {
    fs::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name) << text;
  }
  void cache(const std::string& processor, int index, const char* level, const char* type, const char* size,
             const char* shared) {
    const auto folder = processor + "cache/index" + std::to_string(index) + "/";
    write(folder + "level", level);
    write(folder + "type", type);
    write(folder + "size", size);
    write(folder + "shared_cpu_list", shared);
  }
  fs::path root_;
};

}  // namespace

TEST_F(Machine, IsReadFromProcAndSys) {
  const auto facts = machine::facts(root_);
  EXPECT_EQ(facts.processor, "Some Processor 9");
  EXPECT_EQ(facts.logical_processors, 4);
  EXPECT_EQ(facts.cores, 2);
  EXPECT_EQ(facts.threads_per_core, 2);
  EXPECT_EQ(facts.hypervisor, "yes");
  EXPECT_DOUBLE_EQ(facts.megahertz, 2596.142);
  EXPECT_EQ(facts.isa, (std::vector<std::string>{"sse2", "fma", "avx2"}));
  EXPECT_EQ(facts.transparent_hugepages, "madvise");
  ASSERT_EQ(facts.caches.size(), 3u);
  EXPECT_EQ(facts.level(2)->bytes, 1 << 20);
  EXPECT_EQ(facts.last()->bytes, 16 << 20);
  EXPECT_EQ(facts.last()->shared_by, 2);
  EXPECT_EQ(facts.last_cache_bytes(), 32 << 20);  // four processors, two a cache
  EXPECT_GT(facts.usable_processors, 0);
  EXPECT_GT(facts.memory, 0);
}

TEST_F(Machine, TheMakerOfAHypervisorIsNamed) {
  write("sys/class/dmi/id/sys_vendor", "QEMU\n");
  EXPECT_EQ(facts(root_).hypervisor, "QEMU");
}

TEST_F(Machine, WhatIsNotToldIsEmpty) {
  const auto facts = machine::facts(root_ / "nothing");
  EXPECT_EQ(facts.processor, "");
  EXPECT_EQ(facts.logical_processors, 0);
  EXPECT_EQ(facts.hypervisor, "");
  EXPECT_EQ(facts.last(), nullptr);
  EXPECT_EQ(facts.level(2), nullptr);
  EXPECT_EQ(facts.last_cache_bytes(), 0);
}

TEST(MachineLists, CountProcessors) {
  EXPECT_EQ(processors_in("0"), 1);
  EXPECT_EQ(processors_in("0-3,8"), 5);
  EXPECT_EQ(processors_in("0-3,8-9,12"), 7);
  EXPECT_EQ(processors_in(""), 0);
  EXPECT_EQ(processors_in("all"), 0);
}
