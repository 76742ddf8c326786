import { setTimeout as delay } from "node:timers/promises";
import { STREAM } from "@polyreel/contract";
import { processesOf, strayFiles } from "../testing/left-behind.js";
import type { ChaosSystem } from "./system.js";

/** Time for it to disappear. */
const LEFT_MS = 20_000;

/** Processes, files and consumers that remain after a while. */
export async function whatIsLeft(system: ChaosSystem, ids: ReadonlySet<string>) {
  await system.ready(); // They sweep when they start.
  for (const until = Date.now() + LEFT_MS; ; await delay(50)) {
    const services = system.servicePids;
    const orphans = (await processesOf(system.pipeline)).filter(({ pid }) => !services.has(pid));
    const files = await strayFiles(system.pipeline);
    const consumers = await consumersOf(system, ids).catch(() => ["?: the event stream does not answer"]);
    if (orphans.length + files.length + consumers.length === 0 || Date.now() > until) {
      const words = [
        ...orphans.map(({ pid, command }) => `${command} (${pid}) still runs.`),
        ...files.map((path) => `${path} was left.`),
        ...consumers.map((name) => `The consumer ${name} was left.`),
      ];
      return { orphans: orphans.length, files: files.length, words };
    }
  }
}

async function consumersOf({ stream }: ChaosSystem, ids: ReadonlySet<string>): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of stream.manager.consumers.list(STREAM)) {
    if ([...ids].some((id) => name.endsWith(id))) names.push(name);
  }
  return names;
}
