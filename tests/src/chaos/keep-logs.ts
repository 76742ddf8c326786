import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ChaosSystem } from "./system.js";

/** Writes the logs of all processes to a folder of this seed; returns the folder. */
export async function keepLogs({ logs }: ChaosSystem, seed: number, logFolder: string): Promise<string> {
  const folder = join(logFolder, `seed-${seed}`);
  await mkdir(folder, { recursive: true });
  for (const { name, pid, lines } of logs) {
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
    await writeFile(join(folder, `${name.replaceAll(" ", "-")}-${pid}.log`), text);
  }
  return folder;
}
