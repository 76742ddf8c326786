import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const RUNTIME = createRequire(import.meta.url).resolve("onnxruntime-web/ort-wasm-simd-threaded.wasm");

/** The version of the runtime of models, "1.30.0", without loading it. */
export async function runtimeVersion(): Promise<string> {
  const { version } = JSON.parse(await readFile(join(dirname(RUNTIME), "../package.json"), "utf8"));
  return String(version);
}
