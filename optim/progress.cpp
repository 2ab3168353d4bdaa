#include <xgrad/optim/progress.hpp>

#include <fmt/format.h>

#include <unistd.h>
#include <algorithm>

namespace xgrad::optim {

namespace {

std::string bar(std::size_t done, std::size_t all) {
    constexpr std::size_t width = 30;
    const std::size_t filled = all == 0 ? width : done * width / all;
    if (filled >= width) return std::string(width, '=');
    return std::string(filled, '=') + '>' + std::string(width - filled - 1, '.');
}

}  // namespace

Progress::Progress(std::FILE* out) : out_(out), live_(isatty(fileno(out)) != 0) {}

void Progress::on_epoch_begin(FitState& state) {
    begin_ = shown_ = Clock::now();
    fmt::print(out_, "Epoch {}/{}{}", state.epoch + 1, state.epochs, live_ ? "\n" : "");
    std::fflush(out_);
}

void Progress::on_batch_end(FitState& state, const Logs& logs) {
    const auto now = Clock::now();
    milliseconds_per_step_ =
        std::chrono::duration<double, std::milli>(now - begin_).count() / static_cast<double>(state.step + 1);
    if (!live_ || now - shown_ < std::chrono::milliseconds(100)) return;
    shown_ = now;
    show(state, logs, false);
}

void Progress::on_epoch_end(FitState& state, const Logs& logs) { show(state, logs, true); }

void Progress::show(const FitState& state, const Logs& logs, bool last) {
    const std::size_t done = last ? state.steps : state.step + 1;
    std::string line = live_ ? fmt::format("\r{}/{} [{}]", done, state.steps, bar(done, state.steps)) : std::string();
    line += fmt::format(" - {:.3g} ms/step", milliseconds_per_step_);
    for (const auto& [name, value] : logs) line += fmt::format(" - {}: {:.4f}", name, value);
    fmt::print(out_, "{}{}", line, last ? "\n" : live_ ? "\033[K" : "");
    std::fflush(out_);
}

}  // namespace xgrad::optim
