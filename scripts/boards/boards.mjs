/** Long enough for a rate of two scrapes, at every zoom: Grafana fills it in. */
const WINDOW = "$__rate_interval";

/** Growth a second of a counter, by labels. */
const rate = (labels, series) => `sum by (${labels}) (rate(${series}[${WINDOW}]))`;

/** 95th percentile of a histogram in seconds, by labels. */
const percentile = (labels, histogram) =>
  `histogram_quantile(0.95, sum by (le, ${labels}) (rate(${histogram}_bucket[${WINDOW}])))`;

const panel = (title, unit, queries, about, stacked) => ({ title, unit, queries, about, stacked });

/**
 * Grafana's boards of Polyreel's metrics (docs/metrics.md). Every gateway shows the stream and the live batches, and every process of a
 * stage what waits for all of them: the maximum is taken there, and what each process does itself is added up.
 *
 * @type {import("./grafana-board.mjs").Board[]}
 */
export const boards = [
  {
    name: "overview",
    title: "overview",
    panels: [
      panel("Calls", "reqps", { "{{rpc_method}}": rate("rpc_method", "rpc_server_call_duration_seconds_count") }),
      panel("Calls that fail", "reqps", {
        "{{rpc_method}}: {{rpc_response_status_code}}": rate(
          "rpc_method, rpc_response_status_code",
          'rpc_server_call_duration_seconds_count{rpc_response_status_code!="OK"}',
        ),
      }),
      panel("Duration of calls, 95th percentile", "s", {
        "{{rpc_method}}": percentile("rpc_method", "rpc_server_call_duration_seconds"),
      }),
      panel("HTTP requests", "reqps", {
        "{{http_request_method}} {{http_route}}": rate(
          "http_request_method, http_route",
          "http_server_request_duration_seconds_count",
        ),
      }),
      panel("HTTP requests that fail", "reqps", {
        "{{http_route}}: {{http_response_status_code}}": rate(
          "http_route, http_response_status_code",
          'http_server_request_duration_seconds_count{http_response_status_code=~"[45].."}',
        ),
      }),
      panel("Duration of HTTP requests, 95th percentile", "s", {
        "{{http_route}}": percentile("http_route", "http_server_request_duration_seconds"),
      }),
      panel(
        "Combinations and deliveries",
        "ops",
        { "{{fact}}": rate("fact", 'polyreel_facts_total{fact=~"combination.*"}') },
        "Planned, rendered, and their end: delivered, rejected or failed. A combination has as many deliveries as outputs.",
      ),
      panel("Live batches", "short", { live: "max(polyreel_batches_live)" }),
      panel("Processes", "short", {
        "{{service}}": "sum by (service) (polyreel_service_info)",
        "{{service}}, ready": "sum by (service) (polyreel_service_ready)",
      }),
    ],
  },
  {
    name: "pipeline",
    title: "pipeline",
    panels: [
      panel("Waiting", "short", { "{{stage}}": "max by (stage) (polyreel_stage_waiting)" }),
      panel("Running", "short", { "{{stage}}": "sum by (stage) (polyreel_stage_running)" }),
      panel("Oldest message", "s", { "{{stage}}": "max by (stage) (polyreel_stage_oldest_seconds)" }),
      panel("Slots in use", "percentunit", {
        "{{stage}}": "sum by (stage) (polyreel_stage_running) / sum by (stage) (polyreel_stage_slots)",
      }),
      panel("Duration of work, 95th percentile", "s", {
        "{{stage}}": percentile("stage", "polyreel_stage_work_duration_seconds"),
      }),
      panel("Work that fails", "ops", {
        "{{stage}}: {{outcome}}": rate("stage, outcome", 'polyreel_stage_work_duration_seconds_count{outcome!="ok"}'),
      }),
      panel(
        "Redelivered messages",
        "ops",
        { "{{stage}}": rate("stage", "polyreel_stage_redelivered_total") },
        "Their process ended, or the work was put off.",
      ),
      panel("Parts", "ops", { "{{outcome}}": rate("outcome", "polyreel_parts_total") }, undefined, true),
      panel("Parts made, by kind", "ops", { "{{kind}}": rate("kind", 'polyreel_parts_total{outcome="made"}') }),
      panel(
        "Cores that make parts",
        "short",
        { "{{kind}}": rate("kind", "polyreel_parts_core_time_seconds_total") },
        "Core seconds a second.",
        true,
      ),
      panel(
        "Speed of a core: sound",
        "short",
        {
          "{{kind}}": `${rate("kind", 'polyreel_parts_amount_total{unit="seconds"}')} / ${rate("kind", "polyreel_parts_core_time_seconds_total")}`,
        },
        "The real-time factor: seconds of sound that a core makes in a second.",
      ),
      panel(
        "Speed of a core: pictures",
        "short",
        {
          "{{kind}}": `${rate("kind", 'polyreel_parts_amount_total{unit="megapixels"}')} / ${rate("kind", "polyreel_parts_core_time_seconds_total")}`,
        },
        "Megapixels of all frames that a core makes in a second: a second of 1080p at 30 frames a second has 62.",
      ),
      panel("Programs that end", "ops", {
        "{{program}}: {{outcome}}": rate("program, outcome", "polyreel_program_exits_total"),
      }),
      panel("Characters spoken", "short", { "{{engine}}": rate("engine", "polyreel_speech_characters_total") }),
    ],
  },
  {
    name: "store-and-nats",
    title: "store and NATS",
    panels: [
      panel("Event stream, of its limit", "percentunit", {
        used: "max(polyreel_stream_used_bytes / polyreel_stream_limit_bytes)",
      }),
      panel("Event stream", "bytes", {
        used: "max(polyreel_stream_used_bytes)",
        limit: "max(polyreel_stream_limit_bytes)",
      }),
      panel("Facts published", "ops", { "{{fact}}": rate("fact", "polyreel_facts_total") }),
      panel("Processes without NATS", "short", {
        "{{service}}": "count by (service) (polyreel_nats_connected) - sum by (service) (polyreel_nats_connected)",
      }),
      panel("Lost connections to NATS", "short", {
        "{{service}}": `sum by (service) (increase(polyreel_nats_disconnects_total[${WINDOW}]))`,
      }),
      panel(
        "Messages that the stream did not take",
        "ops",
        { "{{fact}}": rate("fact", "polyreel_nats_refusals_total") },
        "It is full, or has no leader.",
      ),
      panel("Read model: messages behind", "short", { "{{instance}}": "polyreel_projection_lag" }),
      panel("S3 store: requests", "reqps", {
        "{{http_request_method}}": rate("http_request_method", "polyreel_store_requests"),
      }),
      panel("S3 store: bytes", "Bps", { "{{direction}}": rate("direction", "polyreel_store_io_bytes") }),
      panel("Local copies of the S3 store", "ops", { "{{outcome}}": rate("outcome", "polyreel_cache_lookups_total") }),
    ],
  },
  {
    name: "processes",
    title: "processes",
    panels: [
      panel("Delay of the event loop, 99th percentile", "s", { "{{instance}}": "nodejs_eventloop_delay_p99_seconds" }),
      panel("Memory", "bytes", { "{{instance}}": "process_memory_usage_bytes" }),
      panel("Cores", "short", { "{{instance}}": `rate(process_cpu_time_seconds[${WINDOW}])` }, "Of Node.js alone."),
    ],
  },
];
