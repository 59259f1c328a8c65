// A tiny app that ends in every way an app can end; frame_test.py looks at how.

#include <csignal>
#include <new>
#include <thread>

#include "deck/app.hpp"

using namespace hypercast;

namespace {

struct EndOptions {
  static constexpr const char* section = "end";
  std::string how = "well";
  void describe(Section& s) {
    s.about("How this app ends.");
    s.key("how", how, "the ending")
        .one_of({"well", "again", "diverged", "user", "user_lonely", "error", "error_io", "memory", "logic",
                 "begin", "stop", "stop_early", "stop_late"});
  }
};

// Its destructor is collective, like those of shared windows and of PETSc: a rank that unwound its stack
// alone would wait here forever.
struct CollectiveEnd {
  const Comm& comm;
  ~CollectiveEnd() { comm.barrier(); }
};

// What begin returns outlives the run and everything that looks out for signals.
struct LateWish {
  ~LateWish() { std::raise(SIGUSR1); }
};

Exit wait_for_stop(const Study& study) {
  for (int step = 0; step < 1000; ++step) {
    if (study.context.signals.poll(study.context.comm).stop) return Exit::again;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return Exit::internal;
}

Exit run(const Study& study) {
  const Comm& comm = study.context.comm;
  const std::string how = study.deck.read<EndOptions>().how;
  const bool last = comm.rank() == comm.size() - 1;
  if (how == "user_lonely" && last) throw UserError(Exit::data, "on one rank only");
  const CollectiveEnd collective{comm};
  const auto scope = study.context.timers.scope("work");
  if (study.flag("resume")) study.context.log.info("resume from {}", study.flags.at("resume"));
  if (study.flag("loud")) study.context.log.info("LOUD");
  if (how == "stop" || how == "stop_early") return wait_for_stop(study);
  if (how == "user") study.deck.fail("end", "how", "asked for");
  if (how == "error" && last) throw Error("it broke");
  if (how == "error_io" && last) throw Error("the disk broke", Exit::io);
  if (how == "memory" && last) throw std::bad_alloc();
  if (how == "logic" && last) throw std::out_of_range("a bug");
  comm.barrier();
  return how == "again" ? Exit::again : how == "diverged" ? Exit::diverged : Exit::ok;
}

Exit count(const Comm& comm, const Log& log, const std::vector<std::string>& files) {
  log.info("{} files on {} ranks, the last {}", files.size(), comm.size(), files.back());
  return files.back() == "bad" ? Exit::data : Exit::ok;
}

}  // namespace

int main(int argc, char** argv) {
  App app;
  app.name = "hypercast-frame";
  app.summary = "Ends as told.";
  app.schema.add<EndOptions>();
  app.flags = {{"resume", "WHICH", "where to go on"}, {"loud", "", "says more"}};
  app.modes = {{"count", "counts files", count}, {"count-again", "counts files", count}};
  for (const auto& facts : {core_libraries(), deck_libraries(), Facts{{"nothing", "1.2"}}})
    app.libraries.insert(app.libraries.end(), facts.begin(), facts.end());
  app.list = [] { return std::string("endings: well again"); };
  app.begin = [](const Comm&, const Deck& deck) -> std::shared_ptr<void> {
    const std::string how = deck.read<EndOptions>().how;
    if (how == "begin") throw UserError(Exit::environment, "cannot begin");
    if (how == "stop_early") std::raise(SIGUSR1);
    if (how == "stop_late") return std::make_shared<LateWish>();
    return std::make_shared<int>(1);
  };
  app.check = [](const Study& study) {
    return "ranks " + std::to_string(study.context.comm.size()) + "\nsize 7";
  };
  app.run = run;
  return run_app(argc, argv, std::move(app));
}
