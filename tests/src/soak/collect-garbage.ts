import { writeFileSync } from "node:fs";

// Loaded into the process under test (`node --expose-gc --import`): on SIGUSR2 it collects garbage, and writes its
// memory usage to the file named in the query.

const file = new URL(import.meta.url).searchParams.get("file") ?? "";
const collect = (globalThis as { gc?: () => void }).gc;

process.on("SIGUSR2", () => {
  collect?.();
  setTimeout(() => {
    collect?.();
    writeFileSync(file, JSON.stringify(process.memoryUsage()));
  }, 200);
});
