// Bundles the compiled command and the demo with what it imports, as loading 1500 modules one by one takes longer than what many commands
// do. Chunks are loaded when they are needed, like the modules before. Programs and threads are not bundled: they are
// resolved by the names of their packages.
import { rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { noticesOf } from "./release/notices.mjs";

const root = new URL("..", import.meta.url);
const path = (name) => fileURLToPath(new URL(name, root));

/** Packages that find files beside their own code, or are native. */
const LEFT_OUT = [
  /^@(fastify|grpc|napi-rs|node-rs|opentelemetry)\//,
  /^(fastify|fluent-ffmpeg|onnxruntime-web|open|pg|pino)$/,
];

await rm(path("cli/bundle"), { recursive: true, force: true });
const bundle = await rolldown({
  input: { main: path("cli/dist/main.js"), demo: path("cli/dist/demo/main.js") },
  platform: "node",
  external: LEFT_OUT,
  onLog: (level, log, report) => report(level === "warn" ? "error" : level, log),
});
const { output } = await bundle.write({ dir: path("cli/bundle"), format: "esm" });
await bundle.close();

const modules = output.flatMap((part) => (part.type === "chunk" ? part.moduleIds : []));
await writeFile(path("cli/bundle/THIRD-PARTY-NOTICES.txt"), noticesOf(modules));
