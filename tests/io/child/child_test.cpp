// Children in every way they can end. Without MPI, with jobs of its own.

#include "io/child.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <numeric>

#include "core/error.hpp"

using namespace hypercast;
using namespace hypercast::io;

namespace {

using Path = std::filesystem::path;
using Words = std::span<const std::string>;

void echo(const Path& file, Words words, const ChildAnswer& answer) {
  answer.write(file.string());
  for (const auto& word : words) answer.write("|" + word);
}

void count(const Path&, Words words, const ChildAnswer& answer) {
  std::vector<float> values(std::stoul(words[0]));
  std::iota(values.begin(), values.end(), 0.0f);
  const std::span<const float> all(values);
  for (std::size_t at = 0; at < all.size(); at += 100000)
    answer.write(all.subspan(at, std::min<std::size_t>(100000, all.size() - at)));
}

void refuse(const Path& file, Words, const ChildAnswer& answer) {
  answer.write("half an ");
  throw UserError(Exit::no_input, file.string() + " is not to my taste");
}

void fail(const Path&, Words, const ChildAnswer&) { throw Error("broken", Exit::io); }

void die(const Path&, Words words, const ChildAnswer& answer) {
  answer.write("answer");
  std::raise(std::stoi(words[0]));
}

// What a wild pointer does.
void crash(const Path&, Words, const ChildAnswer&) {
  volatile std::uintptr_t nowhere = 8;
  *reinterpret_cast<volatile int*>(nowhere) = 1;
}

void spin(const Path&, Words, const ChildAnswer&) {
  volatile bool forever = true;
  while (forever)
    ;
}

// Works for longer than it may be without a sign of life.
void toil(const Path&, Words, const ChildAnswer& answer) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 1; i <= 5; ++i) {
    while (std::chrono::steady_clock::now() - start < std::chrono::milliseconds(500 * i))
      ;
    answer.progress();
  }
  answer.write("done");
}

void sleep_long(const Path&, Words, const ChildAnswer&) { ::sleep(100); }

// As HDF5 does.
void take_memory(const Path&, Words words, const ChildAnswer& answer) {
  const std::size_t size = std::stoul(words[0]) << 20;
  const std::unique_ptr<void, void (*)(void*)> memory(std::malloc(size), std::free);
  if (!memory) throw std::bad_alloc();
  answer.write(std::to_string(size));
}

// The descriptors that are open, and what signals are blocked.
void look(const Path&, Words, const ChildAnswer& answer) {
  std::string open;
  for (int descriptor = 0; descriptor < 64; ++descriptor)
    if (::fcntl(descriptor, F_GETFD) >= 0) open += std::to_string(descriptor);
  std::raise(SIGTERM);  // which its parent decides about
  answer.write(open);
}

constexpr std::array jobs{
    ChildJob{"echo", echo},          ChildJob{"count", count}, ChildJob{"refuse", refuse},
    ChildJob{"fail", fail},          ChildJob{"die", die},     ChildJob{"crash", crash},
    ChildJob{"spin", spin},          ChildJob{"toil", toil},   ChildJob{"sleep", sleep_long},
    ChildJob{"memory", take_memory}, ChildJob{"look", look}};

constexpr ChildLimits tight{.cpu = 1, .silence = 20, .memory = 256};

// The code and text of what ask_child throws.
template <class Failure>
std::pair<Exit, std::string> thrown(const std::string& job, const std::vector<std::string>& words = {},
                                    const ChildLimits& limits = tight) {
  try {
    ask_child(job, "some file.hdf5", words, limits);
  } catch (const Failure& failure) {
    return {failure.code(), failure.what()};
  }
  ADD_FAILURE() << job << " ended well";
  return {};
}

using Said = std::pair<Exit, std::string>;

}  // namespace

TEST(Child, AnswersWhatItIsAsked) {
  EXPECT_EQ(ask_child("echo", "a b.hdf5", {"", "two words", "\xc3\xa9'\"$"}),
            "a b.hdf5||two words|\xc3\xa9'\"$");
  std::vector<float> values(1234567);
  ask_child("count", "f", {"1234567"}, values);
  for (std::size_t i = 0; i < values.size(); ++i) ASSERT_EQ(values[i], float(i));
}

TEST(Child, AnswersOfAnotherLengthAreNotTaken) {
  for (const std::string length : {"0", "9", "11", "1000000"}) {
    std::vector<float> values(10);
    EXPECT_THROW(ask_child("count", "f", {length}, values), UserError) << length;
  }
}

TEST(Child, AnswersAreTakenPieceByPiece) {
  ChildStream stream("count", "f", {"1234567"});
  std::vector<float> some(9999);
  const std::span<char> bytes(reinterpret_cast<char*>(some.data()), some.size() * sizeof(float));
  for (int piece = 0; piece < 100; ++piece) {
    stream.take(bytes);
    for (std::size_t i = 0; i < some.size(); ++i) ASSERT_EQ(some[i], float(piece * 9999 + i));
  }
  EXPECT_THROW(stream.finish(), UserError);  // there is more
  ChildStream all("count", "f", {"9999"});
  all.take(bytes.first(1));
  all.take(bytes.subspan(1));
  all.finish();
  ChildStream less("count", "f", {"9998"});
  EXPECT_THROW(less.take(bytes), UserError);
  ChildStream failing("refuse", "f");
  std::array<char, 8> half{};
  failing.take(half);
  EXPECT_EQ(std::string(half.data(), half.size()), "half an ");
  EXPECT_THROW(failing.finish(), UserError);
}

TEST(Child, FailuresCrossThePipe) {
  EXPECT_EQ(thrown<UserError>("refuse"), Said(Exit::no_input, "some file.hdf5 is not to my taste"));
  const auto [code, text] = thrown<Error>("fail");
  EXPECT_EQ(code, Exit::io);
  EXPECT_EQ(text.substr(0, 6), "broken");
}

TEST(Child, CrashesAreTheFilesFault) {
  const auto [code, text] = thrown<UserError>("crash");
  EXPECT_EQ(code, Exit::data);
  EXPECT_EQ(text.find("some file.hdf5: damaged: reading it crashes HDF5 ("), 0u) << text;
  for (const int signal : {SIGABRT, SIGBUS, SIGFPE, SIGILL})
    EXPECT_EQ(thrown<UserError>("die", {std::to_string(signal)}).first, Exit::data) << signal;
}

TEST(Child, WhatKillsItFromOutsideIsNotTheFilesFault) {
  const auto [code, text] = thrown<Error>("die", {std::to_string(SIGKILL)});
  EXPECT_EQ(code, Exit::io);
  EXPECT_NE(text.find("some file.hdf5 was ended by signal 9"), std::string::npos) << text;
}

TEST(Child, EndlessComputingEnds) {
  EXPECT_EQ(thrown<UserError>("spin"),
            Said(Exit::data, "some file.hdf5: damaged: reading it comes to no end"));
}

TEST(Child, SignsOfLifeBuyTime) { EXPECT_EQ(ask_child("toil", "f", {}, tight), "done"); }

TEST(Child, SilenceEnds) {
  const auto [code, text] = thrown<Error>("sleep", {}, {.cpu = 1, .silence = 1, .memory = 256});
  EXPECT_EQ(code, Exit::io);
  EXPECT_NE(text.find("nothing could be read from some file.hdf5 for 1 s"), std::string::npos) << text;
}

TEST(Child, MemoryIsLimited) {
  EXPECT_EQ(ask_child("memory", "f", {"100"}, tight), std::to_string(100 << 20));
  const auto [code, text] = thrown<UserError>("memory", {"300"});
  EXPECT_EQ(code, Exit::data);
  EXPECT_NE(text.find("more than 256 MiB"), std::string::npos) << text;
}

TEST(Child, HasItsPipeOnlyAndIsNotStopped) { EXPECT_EQ(ask_child("look", "f"), "0123"); }

TEST(Child, AnUnknownJobIsAnError) {
  const auto [code, text] = thrown<Error>("juggle");
  EXPECT_NE(text.find("exit code 64"), std::string::npos) << text;
}

int main(int argc, char** argv) {
  if (const auto code = serve_child(argc, argv, jobs)) return *code;
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
