import { create } from "@bufbuild/protobuf";
import { type ReadOutputRequest, type ReadOutputResponse, ReadOutputResponseSchema } from "@polyreel/contract";
import type { Call } from "../call/call.js";
import type { Outputs } from "../outputs/outputs.js";

/**
 * Streams an output's bytes from its parts, identical to the delivered ones wherever those are, as fast as they are
 * read.
 */
export function readOutput(outputs: Outputs) {
  return async function* (
    { batchId, combinationId, output }: ReadOutputRequest,
    { scope, signal }: Call,
  ): AsyncGenerator<ReadOutputResponse> {
    const { fileName, sizeBytes, read } = await outputs.find(batchId, combinationId, scope, { output });
    const description = { fileName, sizeBytes: BigInt(sizeBytes) };
    yield create(ReadOutputResponseSchema, { part: { case: "description", value: description } });
    for await (const bytes of read(0, sizeBytes)) {
      signal.throwIfAborted();
      // A copy: the buffer is shared, and could be changed before the message is sent.
      yield create(ReadOutputResponseSchema, { part: { case: "chunk", value: new Uint8Array(bytes) } });
    }
  };
}
