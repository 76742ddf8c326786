import { createReadStream } from "node:fs";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { PutSourceRequestSchema } from "@polyreel/contract";
import { call, isUnreachable } from "../client/call.js";
import type { Connection } from "../client/connection.js";
import { exitCodes } from "../exit-codes.js";
import { ProblemsError } from "../problem.js";
import type { PutSource } from "./bind-sources.js";
import type { Fingerprint } from "./fingerprint.js";

const CHUNK_BYTES = 256 * 1024;

/** Uploads files to a server. If the server already has the bytes, it says so at once, and the upload stops. */
export const putRemotely =
  (connection: Connection, tenant: string): PutSource =>
  async (file, signal) => {
    const upload = new Upload(file, tenant);
    try {
      await call(connection, connection.sources.putSource(upload.messages(), { signal }));
    } catch (error) {
      throw upload.failed ?? nameFile(error, file.path);
    } finally {
      upload.stop();
    }
  };

/** The messages of an upload: the file's description, then its bytes. */
class Upload {
  /** Set if the file could not be read to its end. */
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

/** Adds the file's name to a server's error. A server that does not answer is not the file's fault. */
function nameFile(error: unknown, file: string): unknown {
  if (!(error instanceof ProblemsError) || isUnreachable(error.cause)) return error;
  const problems = error.problems.map((one) => ({ ...one, where: { file, ...one.where } }));
  return new ProblemsError(problems, error.exitCode, { cause: error });
}

const problem = (what: string, file: string): ProblemsError =>
  new ProblemsError([{ what, where: { file }, remedy: "Leave it in place while it is sent." }], exitCodes.failed);
