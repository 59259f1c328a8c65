#include "io/seal.hpp"

#include "core/random.hpp"
#include "helpers.hpp"
#include "io/hash.hpp"

using namespace hypercast;
using namespace hypercast::io;

namespace {

// Room for the seal, then a payload that takes several pieces to read.
std::string unsealed(std::size_t size = 2500000) {
  std::string bytes(seal_size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes += char(i * i % 251);
  return bytes;
}

std::string sealed(const std::filesystem::path& path, const std::string& bytes) {
  write_file(path, bytes);
  seal_file(path, "trajectory");
  return file_bytes(path);
}

}  // namespace

TEST(Seal, OfAFileIsThatOfItsBytes) {
  const TestFolder folder;
  if (!test_world().is_root()) return;
  for (std::size_t size : {0, 1, 1 << 20, 2500000}) {
    const std::string bytes = sealed(folder / "a", unsealed(size));
    const std::string payload = bytes.substr(seal_size);
    EXPECT_EQ(payload, unsealed(size).substr(seal_size));
    std::string line =
        "hypercast trajectory 1 size=" + std::to_string(size) + " xxh3=" + hash(payload) + "\n";
    line.resize(seal_size, '\0');
    EXPECT_EQ(bytes.substr(0, seal_size), line);
    EXPECT_EQ(verify_seal(folder / "a", "trajectory"), "");
  }
  EXPECT_THROW(sealed(folder / "b", std::string(seal_size - 1, 'x')), Error);
  EXPECT_THROW(seal_file(folder / "absent", "trajectory"), Error);
}

TEST(Seal, SaysWhatIsWrongWithAFile) {
  const TestFolder folder;
  if (!test_world().is_root()) return;
  const std::string bytes = sealed(folder / "a", unsealed());
  EXPECT_EQ(verify_seal(folder / "absent", "trajectory"), "no such file");
  EXPECT_EQ(verify_seal(folder.path(), "trajectory"), "not a file");
  EXPECT_EQ(verify_seal(folder / "a", "checkpoint"), "not a hypercast checkpoint");
  const auto said = [&](const std::string& damage) {
    write_file(folder / "b", damage);
    return verify_seal(folder / "b", "trajectory");
  };
  EXPECT_EQ(said(""), "not a hypercast trajectory");
  EXPECT_EQ(said(unsealed()), "not a hypercast trajectory");
  EXPECT_EQ(said(bytes.substr(0, 100)), "truncated within its header");
  EXPECT_EQ(said(bytes.substr(0, seal_size)), "truncated: 0 of 2500000 bytes are there");
  EXPECT_EQ(said(bytes.substr(0, bytes.size() - 1)), "truncated: 2499999 of 2500000 bytes are there");
  EXPECT_EQ(said(bytes + "x"),
            "damaged, or changed after hypercast wrote it: its content does not fit its checksum");
  std::string newer = bytes;
  newer[21] = '2';
  EXPECT_EQ(said(newer), "written by a newer hypercast (trajectory format 2)");
  const Random random(2, Random::Purpose::test);
  for (int i = 0; i < 100; ++i) {
    std::string damaged = bytes;
    const auto at = random.below(i % 2 ? seal_size : std::uint32_t(bytes.size()), 2 * i);
    damaged[at] = char(damaged[at] ^ (1 << random.below(8, 2 * i + 1)));
    EXPECT_NE(said(damaged), "") << "byte " << at;
  }
}
