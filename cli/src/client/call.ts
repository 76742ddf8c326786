import { Code, ConnectError } from "@connectrpc/connect";
import { FailureSchema } from "@polyreel/contract";
import type { BatchFile } from "@polyreel/spec/batch-file";
import { exitCodes } from "../exit-codes.js";
import { type Problem, ProblemsError } from "../problem.js";
import { fromFailure } from "../refusal.js";
import type { Connection } from "./connection.js";
import { isTlsFault, tlsProblem } from "./tls-problem.js";

/** Awaits a call and turns its refusal into problems; those about a batch are located in the batch file. */
export async function call<T>(connection: Connection, request: Promise<T>, batchFile?: BatchFile): Promise<T> {
  try {
    return await request;
  } catch (error) {
    throw error instanceof ConnectError ? refused(error, connection.url, batchFile) : error;
  }
}

/** Whether the server cannot be reached at the moment. */
export const isUnreachable = (error: unknown): boolean =>
  error instanceof ConnectError && (error.code === Code.Unavailable || isCutOff(error));

/**
 * Whether the connection or the stream ended before a response: a response has headers, and a call that we aborted has
 * our reason as its cause.
 */
function isCutOff({ code, metadata, cause }: ConnectError): boolean {
  if (!metadata.keys().next().done || isTlsFault(cause)) return false;
  if (cause === undefined) return code === Code.Canceled;
  return (
    code !== Code.Unavailable && cause instanceof Error && typeof (cause as NodeJS.ErrnoException).code === "string"
  );
}

const USAGE = new Set([
  Code.InvalidArgument,
  Code.NotFound,
  Code.FailedPrecondition,
  Code.AlreadyExists,
  Code.OutOfRange,
]);

/** Services embedded in a command do not log by default. */
function logHint({ metadata }: ConnectError): string {
  const trace = metadata.get("trace-id");
  return `See the server's log${trace ? ` for the trace ${trace}` : ""}; \`polyreel render\` and \`polyreel up\` show theirs with LOG_LEVEL=error.`;
}

function refused(error: ConnectError, url: string, batchFile: BatchFile | undefined): ProblemsError {
  const exitCode = USAGE.has(error.code) ? exitCodes.usage : exitCodes.failed;
  const problems = error.findDetails(FailureSchema).map((failure): Problem => {
    const problem = fromFailure(failure);
    if (error.code === Code.Internal) return { ...problem, remedy: logHint(error) };
    return batchFile ? { ...problem, where: { ...batchFile.locate(failure), ...problem.where } } : problem;
  });
  return new ProblemsError(problems.length > 0 ? problems : [bare(error, url)], exitCode, { cause: error });
}

function bare(error: ConnectError, url: string): Problem {
  const ofTls = tlsProblem(error.cause, url);
  if (ofTls) return ofTls;
  if (isCutOff(error)) {
    const scheme = url.startsWith("http:")
      ? "If it speaks TLS, begin its address with https://. Otherwise look"
      : "Look";
    return {
      what: `The server at ${url} closed the connection before it had answered.`,
      remedy: `${scheme} in its log for the reason, and run the command again: files that it has are not sent again.`,
    };
  }
  if (error.code === Code.Unavailable) {
    return {
      what: `No Polyreel server answers at ${url}.`,
      remedy: "Start one with `polyreel up`, or give its address with --server.",
    };
  }
  return { what: `The server at ${url} refused: ${error.rawMessage}` };
}
