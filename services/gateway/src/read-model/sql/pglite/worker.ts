import { parentPort, workerData } from "node:worker_threads";
import { PGlite } from "@electric-sql/pglite";
import { SETTINGS } from "../settings.js";
import type { Answer, Request } from "./pglite-messages.js";

// Runs PGlite in a separate thread: a statement blocks its thread, and the first start takes several seconds.
const port = parentPort;
if (!port) throw new Error("This is to be run as a worker thread.");

const { folder } = workerData as { folder: string };
const opening = open();

port.on("message", async ({ id, ...request }: Request) => {
  port.postMessage({ id, ...(await answer(request).catch(failure)) } satisfies Answer);
  if (request.close) port.close();
});

async function open(): Promise<PGlite> {
  const db = await PGlite.create(folder);
  for (const [name, value] of Object.entries(SETTINGS)) await db.query(`set ${name} = ${value}`);
  return db;
}

async function answer(request: Omit<Request, "id">): Promise<Omit<Answer, "id">> {
  const db = await opening;
  if (request.close) {
    await db.close();
    return {};
  }
  const { rows, affectedRows } = await db.query(request.sql ?? "", [...(request.params ?? [])]);
  return { result: { rows, affectedRows } };
}

function failure(error: unknown): Omit<Answer, "id"> {
  const { message, code } = error as Error & { code?: string };
  return { failure: { message, code } };
}
