import { createReadStream } from "node:fs";
import { basename } from "node:path";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { PutSourceRequestSchema } from "@polyreel/contract";
import { call, isUnreachable } from "../client/call.js";
import type { Connection } from "../client/connection.js";
import { exitCodes } from "../exit-codes.js";
import { ProblemsError } from "../problem.js";
import type { Fingerprint } from "./fingerprint.js";

const CHUNK_BYTES = 256 * 1024;
/** Limit of the contract. */
const MAX_FILE_NAME = 255;

/** Texts about the files, and a listener for their progress. */
interface PutRemotely {
  readonly texts?: { readonly title: string; readonly description: string; readonly labels: string[] };
  readonly onSent?: (file: Fingerprint, sentBytes: number, sizeBytes: number) => void;
}

/**
 * Uploads files to a server, and returns whether it had the bytes before. If so, it says so at once, and the upload stops.
 */
export const putRemotely =
  (connection: Connection, tenant: string, options: PutRemotely = {}) =>
  async (file: Fingerprint, signal: AbortSignal): Promise<{ readonly known: boolean }> => {
    const upload = new Upload(file, tenant, options);
    try {
      return await call(connection, connection.sources.putSource(upload.messages(), { signal }));
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
    private readonly options: PutRemotely,
  ) {}

  stop(): void {
    this.#stopped = true;
  }

  async *messages(): AsyncGenerator<MessageInitShape<typeof PutSourceRequestSchema>> {
    const { path, sha256, sizeBytes } = this.file;
    const { texts, onSent } = this.options;
    const fileName = basename(path)
      .slice(-MAX_FILE_NAME)
      .replace(/\p{Surrogate}/gu, "");
    const description = { tenant: this.tenant, sha256, sizeBytes: BigInt(sizeBytes), fileName, ...texts };
    yield { part: { case: "description", value: description } };
    let sent = 0;
    const bytes = createReadStream(path, { highWaterMark: CHUNK_BYTES });
    bytes.once("error", ({ message }) => {
      this.failed = problem(`The file could be read before, and now it can't: ${message}.`, path);
    });
    for await (const chunk of bytes) {
      if (this.#stopped) return;
      yield { part: { case: "chunk", value: chunk as Buffer } };
      sent += (chunk as Buffer).length;
      onSent?.(this.file, sent, sizeBytes);
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
