import { createReadStream } from "node:fs";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { PutSourceRequestSchema } from "@polyreel/contract";
import { call } from "../client/call.js";
import type { Connection } from "../client/connection.js";
import type { PutSource } from "./bind-sources.js";
import type { Fingerprint } from "./fingerprint.js";

const CHUNK_BYTES = 256 * 1024;

/** Sends files to a server. It says at once where it has the bytes already; then no more of them are sent. */
export const putRemotely =
  (connection: Connection, tenant: string): PutSource =>
  async (file, signal) => {
    const answered = new AbortController();
    const request = connection.sources.putSource(parts(file, tenant, answered.signal), { signal });
    try {
      await call(connection, request);
    } finally {
      answered.abort();
    }
  };

async function* parts(
  { path, sha256, sizeBytes }: Fingerprint,
  tenant: string,
  answered: AbortSignal,
): AsyncGenerator<MessageInitShape<typeof PutSourceRequestSchema>> {
  yield { part: { case: "description", value: { tenant, sha256, sizeBytes: BigInt(sizeBytes) } } };
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) {
    if (answered.aborted) return;
    yield { part: { case: "chunk", value: chunk as Buffer } };
  }
}
