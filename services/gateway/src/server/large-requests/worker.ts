import { parentPort, workerData } from "node:worker_threads";
import { type DescMessage, fromBinary, fromJsonString, type JsonValue, type MessageShape } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { errorToJson } from "@connectrpc/connect/protocol-connect";
import { EstimateBatchRequestSchema, SubmitBatchRequestSchema } from "@polyreel/contract";
import "../keep-proto-keys.js";
import { COMPRESSIONS } from "../compressions.js";
import { invalidArgument } from "../errors.js";
import { createRequestCheck } from "../validate.js";
import type { RawRequest, Verdict } from "./check-messages.js";
import { parsedPresets } from "./presets-for-thread.js";

const SCHEMAS = { SubmitBatch: SubmitBatchRequestSchema, EstimateBatch: EstimateBatchRequestSchema };

/** As the thread that starts this one has read it. */
const presets = parsedPresets(workerData);
const check = createRequestCheck(presets);

parentPort?.on("message", async (request: RawRequest) => {
  parentPort?.postMessage({ error: await errorOf(request) } satisfies Verdict);
});

async function errorOf(request: RawRequest): Promise<JsonValue | undefined> {
  try {
    const schema: DescMessage = SCHEMAS[request.method];
    const { failures, violations } = check(schema, decode(schema, request.isJson, await uncompressed(request)));
    return failures.length > 0 ? errorToJson(invalidArgument(failures, violations), undefined) : undefined;
  } catch (error) {
    return errorToJson(ConnectError.from(error, Code.Internal), undefined);
  }
}

async function uncompressed({ bytes, encoding, maxBytes }: RawRequest): Promise<Uint8Array> {
  const compression = COMPRESSIONS.find(({ name }) => name === encoding);
  return compression ? compression.decompress(bytes, maxBytes) : bytes;
}

/** With the options of the API's adapter. */
function decode<D extends DescMessage>(schema: D, isJson: boolean, bytes: Uint8Array): MessageShape<D> {
  try {
    if (!isJson) return fromBinary(schema, bytes);
    return fromJsonString(schema, new TextDecoder().decode(bytes), { ignoreUnknownFields: false });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConnectError(reason, Code.InvalidArgument);
  }
}
