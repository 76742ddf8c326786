import { execFile } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { fromBinary, toJson } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { createClient, type Transport } from "@connectrpc/connect";
import * as node from "@connectrpc/connect-node";
import * as web from "@connectrpc/connect-web";
import * as grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { BatchSchema, BatchService, BatchState, SourceService } from "@polyreel/contract";
import { Health, HealthCheckResponse_ServingStatus as Status } from "@polyreel/contract/grpc/health/v1/health_pb.js";
import { ServerReflection } from "@polyreel/contract/grpc/reflection/v1/reflection_pb.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningGateway, runGateway } from "../testing/running-gateway.js";
import { sampleBatch } from "../testing/sample-batch.js";

const PROTO = fileURLToPath(new URL("../../../../proto", import.meta.url));

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await runGateway();
});
afterAll(() => gateway.close());

/** Ends a batch as the other services would, once it is planned. */
async function endBatch(batchId: string): Promise<void> {
  const { publisher } = gateway.platform;
  await publisher.publish("batch.planned", { batchId, combinations: 1n }, { id: "plan" });
  publisher.progress({ batchId, id: "clip", fraction: 0.5 });
  await publisher.publish("combination.delivered", { batchId, combinationId: "c", path: "c.mp4" }, { id: "c" });
}

describe.each<[string, (url: string) => Transport]>([
  ["gRPC", (baseUrl) => node.createGrpcTransport({ baseUrl })],
  ["Connect over HTTP/1.1", (baseUrl) => node.createConnectTransport({ baseUrl, httpVersion: "1.1" })],
  ["Connect over HTTP/2", (baseUrl) => node.createConnectTransport({ baseUrl, httpVersion: "2" })],
  [
    "Connect with JSON",
    (baseUrl) => node.createConnectTransport({ baseUrl, httpVersion: "1.1", useBinaryFormat: false }),
  ],
  ["gRPC-Web over HTTP/1.1", (baseUrl) => node.createGrpcWebTransport({ baseUrl, httpVersion: "1.1" })],
  ["gRPC-Web over HTTP/2", (baseUrl) => node.createGrpcWebTransport({ baseUrl, httpVersion: "2" })],
  ["gRPC-Web of browsers", (baseUrl) => web.createGrpcWebTransport({ baseUrl })],
  ["Connect of browsers", (baseUrl) => web.createConnectTransport({ baseUrl })],
])("%s", (_, createTransport) => {
  it("submits, watches to the end, and lists", async () => {
    const client = createClient(BatchService, createTransport(gateway.url));
    const { batch } = await client.submitBatch({ batch: sampleBatch(), requestId: randomUUID() });
    const batchId = batch?.batchId ?? "";
    expect(batch).toMatchObject({ state: BatchState.PLANNING, combinations: { total: 4n }, name: "sample" });

    const seen: (string | undefined)[] = [];
    for await (const { update } of client.watchBatch({ batchId })) {
      if (seen.length === 0) await endBatch(batchId);
      seen.push(update.case);
    }
    expect(seen.filter((update) => update !== "progress")).toEqual([
      "batchSubmitted",
      "batchPlanned",
      "combinationDelivered",
      "batchFinished",
    ]);
    const { combinations } = await client.listCombinations({ batchId });
    expect(combinations).toMatchObject([{ id: "c", path: "c.mp4" }]);
    expect((await client.getBatch({ batchId })).batch).toMatchObject({ state: BatchState.FINISHED });
  });

  it("checks health", async () => {
    const client = createClient(Health, createTransport(gateway.url));
    expect((await client.check({})).status).toBe(Status.SERVING);
    expect((await client.check({ service: "polyreel.v1.BatchService" })).status).toBe(Status.SERVING);
  });
});

describe.each<[string, (url: string) => Transport]>([
  ["gRPC", (baseUrl) => node.createGrpcTransport({ baseUrl })],
  ["Connect over HTTP/1.1", (baseUrl) => node.createConnectTransport({ baseUrl, httpVersion: "1.1" })],
  ["Connect over HTTP/2", (baseUrl) => node.createConnectTransport({ baseUrl, httpVersion: "2" })],
])("PutSource with %s", (name, createTransport) => {
  it("stores a file of many chunks once", async () => {
    const client = createClient(SourceService, createTransport(gateway.url));
    const bytes = Buffer.alloc(5 * 1024 ** 2, name);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const put = () =>
      client.putSource(
        (async function* () {
          yield { part: { case: "description" as const, value: { sha256, sizeBytes: BigInt(bytes.length) } } };
          for (let at = 0; at < bytes.length; at += 1024 ** 2) {
            yield { part: { case: "chunk" as const, value: bytes.subarray(at, at + 1024 ** 2) } };
          }
        })(),
      );
    expect(await put()).toMatchObject({ sha256, known: false });
    expect(await put()).toMatchObject({ sha256, known: true });
  });
});

type Answered<T> = (error: grpc.ServiceError | null, response: T) => void;
type Submitted = { batch: { batchId: string; combinations: { total: string } } };

/** The client generated by proto-loader at run time, as far as it is used here. */
interface NativeBatches extends Pick<grpc.Client, "close"> {
  submitBatch(request: object, answered: Answered<Submitted>): void;
  getBatch(request: object, answered: Answered<object>): void;
  watchBatch(request: object): AsyncIterable<{ update: string }>;
}
interface NativeSources extends Pick<grpc.Client, "close"> {
  putSource(answered: Answered<object>): grpc.ClientWritableStream<object>;
}

describe("a native gRPC client", () => {
  const loaded = grpc.loadPackageDefinition(
    loadSync(["polyreel/v1/batch_service.proto", "polyreel/v1/source_service.proto"], {
      includeDirs: [PROTO],
      oneofs: true,
      defaults: true,
      longs: String,
    }),
  );
  const connect = <C>(service: string): C => {
    const { v1 } = loaded.polyreel as grpc.GrpcObject as Record<"v1", Record<string, grpc.ServiceClientConstructor>>;
    const Client = v1[service] as grpc.ServiceClientConstructor;
    return new Client(`127.0.0.1:${gateway.port}`, grpc.credentials.createInsecure()) as unknown as C;
  };

  it("submits, watches, and puts a source", async () => {
    const batches = connect<NativeBatches>("BatchService");
    const sources = connect<NativeSources>("SourceService");
    const request = { batch: toJson(BatchSchema, sampleBatch()), requestId: randomUUID() };
    const { batch } = await promisify<object, Submitted>(batches.submitBatch.bind(batches))(request);
    expect(batch.combinations.total).toBe("4");

    const seen: string[] = [];
    for await (const { update } of batches.watchBatch({ batchId: batch.batchId })) {
      if (seen.length === 0) await endBatch(batch.batchId);
      seen.push(update);
    }
    expect(seen.at(-1)).toBe("batchFinished");

    const bytes = Buffer.from("native");
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const put = () =>
      new Promise((resolve, reject) => {
        const call = sources.putSource((error, response) => (error ? reject(error) : resolve(response)));
        call.write({ description: { sha256 } });
        call.write({ chunk: bytes });
        call.end();
      });
    expect(await put()).toMatchObject({ known: false });
    expect(await put()).toMatchObject({ known: true });
    batches.close();
    sources.close();
  });

  it("receives the status and the message of a refusal", async () => {
    const batches = connect<NativeBatches>("BatchService");
    const call = promisify<object, object>(batches.getBatch.bind(batches))({ batchId: "bnope" });
    await expect(call).rejects.toMatchObject({
      code: grpc.status.NOT_FOUND,
      details: expect.stringContaining('There is no batch "bnope".'),
    });
    batches.close();
  });
});

describe("reflection", () => {
  it("describes services, methods, messages and fields with their comments", async () => {
    const { serverReflectionInfo } = createClient(
      ServerReflection,
      node.createGrpcTransport({ baseUrl: gateway.url, readMaxBytes: 4 * 1024 ** 2 }), // The default limit of gRPC clients.
    );
    const question = (async function* () {
      yield { messageRequest: { case: "fileContainingSymbol" as const, value: "polyreel.v1.BatchService" } };
    })();
    const comments = new Map<string, string>();
    for await (const { messageResponse } of serverReflectionInfo(question)) {
      if (messageResponse.case !== "fileDescriptorResponse") expect.fail(`${messageResponse.case}`);
      const files = messageResponse.value.fileDescriptorProto.map((bytes) =>
        fromBinary(FileDescriptorProtoSchema, bytes),
      );
      for (const { name, sourceCodeInfo } of files)
        for (const { path, leadingComments } of sourceCodeInfo?.location ?? [])
          comments.set(`${name}:${path.join(".")}`, leadingComments.trim());
    }
    const service = "polyreel/v1/batch_service.proto:6.0";
    expect(comments.get(service)).toMatch(/^Batches: every combination/);
    expect(comments.get(`${service}.2.0`)).toMatch(/^Accepts a batch\./);
    expect(comments.get("polyreel/v1/batch.proto:4.0")).toMatch(/^A batch has either blocks with choices/);
    expect(comments.get("polyreel/v1/batch.proto:4.0.2.0")).toMatch(/^Tenant that owns the batch/);
  });

  const buf = (...args: string[]) =>
    promisify(execFile)("npx", ["--no-install", "buf", "curl", "--http2-prior-knowledge", ...args]);

  it("lets buf curl list and call without .proto files, with v1 and v1alpha", async () => {
    const { stdout } = await buf("--list-methods", gateway.url);
    expect(stdout).toContain("polyreel.v1.BatchService/SubmitBatch");
    expect(stdout).toContain("grpc.health.v1.Health/Check");

    for (const version of ["grpc-v1", "grpc-v1alpha"]) {
      const called = await buf(
        ...["--reflect-protocol", version, "--protocol", "grpc", "-d", '{"service":"polyreel.v1.BatchService"}'],
        `${gateway.url}/grpc.health.v1.Health/Check`,
      );
      expect(JSON.parse(called.stdout)).toEqual({ status: "SERVING" });
    }

    const data = JSON.stringify({ batch: toJson(BatchSchema, sampleBatch()) });
    const submitted = await buf(
      "--protocol",
      "grpc",
      "-d",
      data,
      `${gateway.url}/polyreel.v1.BatchService/SubmitBatch`,
    );
    expect(JSON.parse(submitted.stdout)).toMatchObject({ batch: { combinations: { total: "4" } } });
  });
});
