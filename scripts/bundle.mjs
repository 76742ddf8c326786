// Bundles the compiled command and the demo with what it imports, as loading 1500 modules one by one takes longer than what many commands
// do. Chunks are loaded when they are needed, like the modules before. Programs and threads are not bundled: they are
// resolved by the names of their packages.
import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const root = new URL("..", import.meta.url);
const path = (name) => fileURLToPath(new URL(name, root));

/** Packages that find files beside their own code or are native; and of OpenTelemetry, what only exporters need. */
const LEFT_OUT = [
  /^@(fastify|grpc|napi-rs|node-rs)\//,
  /^@opentelemetry\/(exporter|otlp|resources|sdk)/,
  /^(fastify|fluent-ffmpeg|onnxruntime-web|open|pg)$/,
];

await rm(path("cli/bundle"), { recursive: true, force: true });
const bundle = await rolldown({
  input: { main: path("cli/dist/main.js"), demo: path("cli/dist/demo/main.js") },
  platform: "node",
  external: LEFT_OUT,
  onLog: (level, log, report) => report(level === "warn" ? "error" : level, log),
});
await bundle.write({ dir: path("cli/bundle"), format: "esm" });
await bundle.close();
