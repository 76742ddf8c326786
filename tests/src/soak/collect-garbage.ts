import { writeFileSync } from "node:fs";

// Loaded into the process under test (`node --expose-gc --import`): at SIGUSR2 it collects garbage, and writes what it then
// takes into the file that the query names.

const file = new URL(import.meta.url).searchParams.get("file") ?? "";
const collect = (globalThis as { gc?: () => void }).gc;

process.on("SIGUSR2", () => {
  collect?.();
  setTimeout(() => {
    collect?.();
    writeFileSync(file, JSON.stringify(process.memoryUsage()));
  }, 200);
});
