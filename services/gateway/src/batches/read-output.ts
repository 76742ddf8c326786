import { create } from "@bufbuild/protobuf";
import { type ReadOutputRequest, type ReadOutputResponse, ReadOutputResponseSchema } from "@polyreel/contract";
import type { Call } from "../call/call.js";
import type { Outputs } from "../outputs/outputs.js";

/** Reads an output's bytes from its parts: the same as were delivered, wherever that is, and as fast as they are read. */
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
      // A copy: whatever is called before it is sent could write into what others read too.
      yield create(ReadOutputResponseSchema, { part: { case: "chunk", value: new Uint8Array(bytes) } });
    }
  };
}
