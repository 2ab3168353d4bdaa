#include <xgrad/optim/history.hpp>

#include <xgrad/autograd/atomic_file.hpp>
#include <xgrad/autograd/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace xgrad::optim {

double value_of(const Logs& logs, const std::string& name) {
    std::string names;
    for (const auto& [key, value] : logs) {
        if (key == name) return value;
        names += (names.empty() ? "" : ", ") + key;
    }
    throw ValueError(fmt::format("nothing named \"{}\" is measured, only: {}", name, names));
}

std::vector<double> History::operator[](const std::string& name) const {
    std::vector<double> values;
    for (const Logs& logs : epochs) values.push_back(value_of(logs, name));
    return values;
}

void History::write_csv(const std::filesystem::path& path) const {
    std::string text = "epoch";
    if (!epochs.empty())
        for (const auto& [name, value] : epochs.front()) text += "," + name;
    text += "\n";
    for (std::size_t i = 0; i < epochs.size(); ++i) {
        text += fmt::format("{}", i + 1);
        for (const auto& [name, value] : epochs[i]) text += fmt::format(",{:.9g}", value);
        text += "\n";
    }
    write_file_atomically(path, text);
}

namespace {

constexpr double panel_width = 420, panel_height = 300, left = 62, right = 20, top = 44, bottom = 46;

struct Curve {
    std::string name, colour;
    std::vector<double> values;
};

constexpr int most_steps = 8;

/// A round step that cuts `range` into four to eight.
double tick_step(double range) {
    const double magnitude = std::pow(10.0, std::floor(std::log10(range / 4)));
    for (const double factor : {1.0, 2.0, 5.0})
        if (range / (factor * magnitude) <= most_steps) return factor * magnitude;
    return 10 * magnitude;
}

/// One chart: a measure over the epochs, with axes, grid and legend.
class Panel {
public:
    Panel(std::string title, std::vector<Curve> curves, double x)
        : title_(std::move(title)), curves_(std::move(curves)), x_(x) {
        for (const Curve& curve : curves_)
            for (const double v : curve.values)
                if (std::isfinite(v)) {
                    low_ = any_ ? std::min(low_, v) : v;
                    high_ = any_ ? std::max(high_, v) : v;
                    any_ = true;
                }
        if (high_ - low_ < 1e-12) {
            low_ -= 0.5;
            high_ += 0.5;
        }
        const double margin = 0.06 * (high_ - low_);
        low_ -= margin;
        high_ += margin;
    }

    std::string svg() const {
        std::string text = fmt::format(
            "<g transform=\"translate({},0)\">\n<text class=\"title\" x=\"{}\" y=\"24\">{}</text>\n", x_, left, title_);
        grid(text);
        for (const Curve& curve : curves_) line(text, curve);
        legend(text);
        return text + "</g>\n";
    }

private:
    std::size_t epochs() const { return curves_.front().values.size(); }
    double across(double epoch) const {
        const double span = epochs() > 1 ? static_cast<double>(epochs() - 1) : 1;
        return left + (panel_width - left - right) * (epochs() > 1 ? epoch / span : 0.5);
    }
    double up(double value) const { return top + (panel_height - top - bottom) * (high_ - value) / (high_ - low_); }

    void grid(std::string& text) const {
        const double step = tick_step(high_ - low_);
        const double first = std::ceil(low_ / step);
        // Counted, not added up: beside 1e17 a small step would change nothing, and the ticks never end.
        for (int i = 0; i <= most_steps; ++i) {
            const double v = (first + i) * step;
            if (!(v <= high_)) break;
            text += fmt::format(
                "<line class=\"grid\" x1=\"{0}\" x2=\"{1}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\"/>"
                "<text class=\"tick\" x=\"{3}\" y=\"{4:.1f}\" text-anchor=\"end\">{5:g}</text>\n",
                left, panel_width - right, up(v), left - 8, up(v) + 4, std::abs(v) < step / 2 ? 0 : v);
        }
        const std::size_t every = (epochs() + 9) / 10;
        for (std::size_t i = 0; i < epochs(); i += every)
            text += fmt::format("<text class=\"tick\" x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n",
                                across(static_cast<double>(i)), panel_height - bottom + 18, i + 1);
        text += fmt::format("<text class=\"tick\" x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">epoch</text>\n",
                            (left + panel_width - right) / 2, panel_height - 8);
    }

    void line(std::string& text, const Curve& curve) const {
        std::string points, dots;
        for (std::size_t i = 0; i < curve.values.size(); ++i) {
            if (!std::isfinite(curve.values[i])) continue;
            const double x = across(static_cast<double>(i)), y = up(curve.values[i]);
            points += fmt::format("{:.1f},{:.1f} ", x, y);
            if (epochs() <= 40)
                dots += fmt::format(R"(<circle cx="{:.1f}" cy="{:.1f}" r="2.6" fill="{}"/>)", x, y, curve.colour);
        }
        text += fmt::format("<polyline points=\"{}\" stroke=\"{}\"/>{}\n", points, curve.colour, dots);
    }

    void legend(std::string& text) const {
        double x = panel_width - right;
        for (std::size_t i = curves_.size(); i-- > 0;) {
            const Curve& curve = curves_[i];
            text +=
                fmt::format("<text class=\"tick\" x=\"{}\" y=\"24\" text-anchor=\"end\" style=\"fill:{}\">{}</text>\n",
                            x, curve.colour, curve.name);
            x -= 7.2 * static_cast<double>(curve.name.size()) + 14;
        }
    }

    std::string title_;
    std::vector<Curve> curves_;
    double x_, low_ = 0, high_ = 1;
    bool any_ = false;
};

}  // namespace

void History::write_svg(const std::filesystem::path& path) const {
    std::vector<Panel> panels;
    const Logs none;
    for (const auto& [name, value] : epochs.empty() ? none : epochs.front()) {
        if (name.starts_with("val_")) continue;
        std::vector<Curve> curves{{"training", "#3b6ea8", (*this)[name]}};
        const bool validated =
            std::any_of(epochs.front().begin(), epochs.front().end(),
                        [validation = "val_" + name](const auto& log) { return log.first == validation; });
        if (validated) curves.push_back({"validation", "#d9822b", (*this)["val_" + name]});
        panels.emplace_back(name, std::move(curves), panel_width * static_cast<double>(panels.size()));
    }
    const double width = panel_width * std::max(1.0, static_cast<double>(panels.size()));
    std::string text = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\">\n"
        "<style>text{{font-family:Helvetica,Arial,sans-serif;fill:#333}}.title{{font-size:15px;font-weight:bold}}"
        ".tick{{font-size:12px;fill:#666}}.grid{{stroke:#e3e3e3}}polyline{{fill:none;stroke-width:2;stroke-linejoin:"
        "round}}</style>\n"
        "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
        width, panel_height);
    for (const Panel& panel : panels) text += panel.svg();
    write_file_atomically(path, text + "</svg>\n");
}

}  // namespace xgrad::optim
