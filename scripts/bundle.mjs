// Bundles the compiled command, the demo and the services with what they import, as loading 1500 modules one by one takes
// longer than what many commands do. Chunks are loaded when they are needed, like the modules before. Programs and threads are
// not bundled: they are resolved by the names of their packages.
import { rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { noticesOf } from "./release/notices.mjs";

const root = new URL("..", import.meta.url);
const path = (name) => fileURLToPath(new URL(name, root));

const SERVICES = ["gateway", "planner", "renderer", "tts", "uploader"];

/** Packages that find files beside their own code or are native; and of OpenTelemetry, what only exporters need. */
const LEFT_OUT = [
  /^@(fastify|grpc|napi-rs|node-rs)\//,
  /^@opentelemetry\/(exporter|otlp|resources|sdk)/,
  /^(fastify|fluent-ffmpeg|onnxruntime-web|open|pg)$/,
];

const inCommand = await bundle("cli", { main: "dist/main.js", demo: "dist/demo/main.js" });
// The command is given away as it is bundled: the licences of what is in it go with it.
await writeFile(path("cli/bundle/THIRD-PARTY-NOTICES.txt"), noticesOf(inCommand));
for (const service of SERVICES) await bundle(`services/${service}`, { main: "dist/run.js" });

/**
 * Writes `bundle` into a workspace, and returns the files of the modules in it. `entries`: its compiled files by the names
 * of their bundles.
 */
async function bundle(workspace, entries) {
  await rm(path(`${workspace}/bundle`), { recursive: true, force: true });
  const input = Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, path(`${workspace}/${file}`)]));
  const bundle = await rolldown({
    input,
    platform: "node",
    external: LEFT_OUT,
    onLog: (level, log, report) => report(level === "warn" ? "error" : level, log),
  });
  const { output } = await bundle.write({ dir: path(`${workspace}/bundle`), format: "esm" });
  await bundle.close();
  if (workspace === "cli") assertNoneWaits(output);
  return output.flatMap((part) => (part.type === "chunk" ? part.moduleIds : []));
}

/** The command's entries are evaluated until it ends: a part of the bundle that imports one, and is loaded by it, waits for ever. */
function assertNoneWaits(output) {
  const chunks = output.filter(({ type }) => type === "chunk");
  const entries = new Set(chunks.filter(({ isEntry }) => isEntry).map(({ fileName }) => fileName));
  const waiting = chunks.filter(({ isEntry, imports }) => !isEntry && imports.some((name) => entries.has(name)));
  if (waiting.length > 0)
    throw new Error(`These import an entry: ${waiting.map(({ fileName }) => fileName).join(", ")}`);
}
