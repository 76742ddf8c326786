import { createReadStream } from "node:fs";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { PutSourceRequestSchema } from "@polyreel/contract";
import { call, isAway } from "../client/call.js";
import type { Connection } from "../client/connection.js";
import { exitCodes } from "../exit-codes.js";
import { ProblemsError } from "../problem.js";
import type { PutSource } from "./bind-sources.js";
import type { Fingerprint } from "./fingerprint.js";

const CHUNK_BYTES = 256 * 1024;

/** Sends files to a server. It says at once where it has the bytes already; then no more of them are sent. */
export const putRemotely =
  (connection: Connection, tenant: string): PutSource =>
  async (file, signal) => {
    const sending = new Sending(file, tenant);
    try {
      await call(connection, connection.sources.putSource(sending.messages(), { signal }));
    } catch (error) {
      throw sending.failed ?? withFile(error, file.path);
    } finally {
      sending.stop();
    }
  };

/** A file on its way: its description, then its bytes. */
class Sending {
  /** Why the file could not be read to its end. */
  failed: ProblemsError | undefined;
  #stopped = false;

  constructor(
    private readonly file: Fingerprint,
    private readonly tenant: string,
  ) {}

  stop(): void {
    this.#stopped = true;
  }

  async *messages(): AsyncGenerator<MessageInitShape<typeof PutSourceRequestSchema>> {
    const { path, sha256, sizeBytes } = this.file;
    yield { part: { case: "description", value: { tenant: this.tenant, sha256, sizeBytes: BigInt(sizeBytes) } } };
    const bytes = createReadStream(path, { highWaterMark: CHUNK_BYTES });
    bytes.once("error", ({ message }) => {
      this.failed = problem(`The file could be read before, and now it can't: ${message}.`, path);
    });
    for await (const chunk of bytes) {
      if (this.#stopped) return;
      yield { part: { case: "chunk", value: chunk as Buffer } };
    }
  }
}

/** What the server says of a file, with the file's name. That it says nothing at all has nothing to do with the file. */
function withFile(error: unknown, file: string): unknown {
  if (!(error instanceof ProblemsError) || isAway(error.cause)) return error;
  const problems = error.problems.map((one) => ({ ...one, where: { file, ...one.where } }));
  return new ProblemsError(problems, error.exitCode, { cause: error });
}

const problem = (what: string, file: string): ProblemsError =>
  new ProblemsError([{ what, where: { file }, remedy: "Leave it in place while it is sent." }], exitCodes.failed);
