# Turns the lines of JSON that tools/compare collects into tables: for each program the least of its rounds' medians.
def digits: if . >= 100 then round elif . >= 10 then . * 10 | round / 10 else . * 100 | round / 100 end;
def duration: if . < 1e-3 then "\(. * 1e6 | digits) µs" elif . < 1 then "\(. * 1e3 | digits) ms" else "\(digits) s" end;
def of($program; f): map(select(.program == $program) | f);
def time($program): of($program; .median_s_per_step) | min;
def spread($program): of($program; .median_s_per_step) | max / min | digits;
def memory($program): of($program; .peak_rss_mb) | max | digits;
def operators: .[0].variant | capture("^(?<n>[0-9]+)ops") | .n | tonumber;

def steps:
  "| workload | size | xgrad, a step | libtorch, a step | libtorch / xgrad | slowest round / fastest: xgrad, libtorch | xgrad, MB | libtorch, MB | xgrad, allocations a step |",
  "|---|---|--:|--:|--:|--:|--:|--:|--:|",
  (.[] | "| `\(.[0].workload)` | \(.[0].variant) | \(time("xgrad") | duration) | \(time("libtorch") | duration) | \(time("libtorch") / time("xgrad") | digits) | \(spread("xgrad")), \(spread("libtorch")) | \(memory("xgrad")) | \(memory("libtorch")) | \(of("xgrad"; .allocs_per_step) | max) |");

def growth:
  "| operators of `small_ops` | xgrad, each | libtorch, each | xgrad, MB | libtorch, MB |",
  "|--:|--:|--:|--:|--:|",
  (.[] | operators as $n | "| \($n) | \(time("xgrad") / $n * 1e9 | digits) ns | \(time("libtorch") / $n * 1e9 | digits) ns | \(memory("xgrad")) | \(memory("libtorch")) |");

group_by(.threads)[] | "On \(.[0].threads) thread\(if .[0].threads > 1 then "s" else "" end):", "", (
  group_by(.run)
  | (map(select(.[0].workload != "small_ops" or operators == 9999)) | select(length > 0) | steps, ""),
    (map(select(.[0].workload == "small_ops")) | select(length > 0) | growth, ""))
