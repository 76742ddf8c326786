import { createHash } from "node:crypto";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { FailureSchema, type PutSourceRequestSchema, SourceService } from "@polyreel/contract";
import { readBytes, scopedStore, sourceKey } from "@polyreel/platform/blobs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RunningGateway, runGateway } from "../testing/running-gateway.js";

/** Allows for a busy machine. */
const PATIENT = { timeout: 20_000 };

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await runGateway({ maxSourceBytes: 3_000_000 });
});
afterAll(() => gateway.close());

type Message = MessageInitShape<typeof PutSourceRequestSchema>;

const bytes = Buffer.from("footage");
const sha256 = createHash("sha256").update(bytes).digest("hex");
const EMPTY = createHash("sha256").digest("hex");
const description = (fields: object = {}): Message => ({ part: { case: "description", value: { sha256, ...fields } } });
const chunk = (value: Uint8Array = bytes): Message => ({ part: { case: "chunk", value } });

async function* messages(list: Message[]): AsyncGenerator<Message> {
  yield* list;
}
const put = (list: Message[] | AsyncIterable<Message>, options?: { signal: AbortSignal }) =>
  createClient(SourceService, createGrpcTransport({ baseUrl: gateway.url })).putSource(
    Array.isArray(list) ? messages(list) : list,
    options,
  );

/** Files in the store, temporary ones included, without what every gateway keeps: format, key of links, audit log. */
async function stored(): Promise<string[]> {
  const entries = await readdir(gateway.config.store.address, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name !== ".format" && !/\/(link-keys|audit-log)$/.test(entry.parentPath))
    .map((entry) => join(entry.parentPath, entry.name));
}

it.each<[string, Message[], Code, { field?: string; reason: RegExp }]>([
  ["bytes of another hash", [description(), chunk(Buffer.from("x"))], Code.InvalidArgument, { reason: /SHA-256/ }],
  ["no bytes at all", [description()], Code.InvalidArgument, { reason: /empty/ }],
  ["an empty file, announced as such", [description({ sha256: EMPTY })], Code.InvalidArgument, { reason: /empty/ }],
  [
    "no bytes of some announced",
    [description({ sizeBytes: 7n })],
    Code.InvalidArgument,
    { reason: /0 of the 7 bytes/ },
  ],
  [
    "more bytes than announced",
    [description({ sizeBytes: 3n }), chunk()],
    Code.InvalidArgument,
    { field: "description.size_bytes", reason: /More bytes were sent than the 3 / },
  ],
  [
    "fewer bytes than announced",
    [description({ sizeBytes: 9n }), chunk()],
    Code.InvalidArgument,
    { field: "description.size_bytes", reason: /ended after 7 of the 9 bytes/ },
  ],
  [
    "more bytes than allowed",
    [description(), ...Array.from({ length: 4 }, () => chunk(Buffer.alloc(1_000_000)))],
    Code.ResourceExhausted,
    { reason: /limit is 3,000,000/ },
  ],
  [
    "a description of more than allowed",
    [description({ sizeBytes: 3_000_001n })],
    Code.ResourceExhausted,
    { field: "description.size_bytes", reason: /3,000,001 bytes or more; the limit is 3,000,000/ },
  ],
  ["a chunk first", [chunk()], Code.InvalidArgument, { field: "part", reason: /first message/ }],
  ["two descriptions", [description(), description()], Code.InvalidArgument, { field: "part", reason: /second/ }],
  ["an empty message", [{}], Code.InvalidArgument, { field: "part", reason: /empty/ }],
  ["a hash that is none", [description({ sha256: "../../x" })], Code.InvalidArgument, { reason: /no SHA-256/ }],
  ["a tenant that is none", [description({ tenant: "../x" })], Code.InvalidArgument, { reason: /tenant/ }],
  ["too long a chunk", [description(), chunk(Buffer.alloc(1_048_577))], Code.InvalidArgument, { reason: /1048576/ }],
])("refuses %s, and keeps nothing", async (_, list, code, { field, reason }) => {
  const error = await put(list).then(
    () => expect.fail("it was taken"),
    (thrown: unknown) => ConnectError.from(thrown),
  );
  expect(Code[error.code]).toBe(Code[code]);
  const [failure] = error.findDetails(FailureSchema);
  expect(failure?.reason).toMatch(reason);
  if (field) expect(failure?.field).toBe(field);
  expect(await stored()).toEqual([]);
});

it("keeps nothing of a client that disconnects", async () => {
  const controller = new AbortController();
  const breaking = async function* () {
    yield description();
    yield chunk(Buffer.alloc(100_000));
    await expect.poll(async () => (await stored()).length, PATIENT).toBe(1);
    controller.abort();
    await new Promise(() => {});
  };
  await expect(put(breaking(), { signal: controller.signal })).rejects.toMatchObject({ code: Code.Canceled });
  await expect.poll(stored, PATIENT).toEqual([]);
});

it("separates tenants, and answers a known file to its description alone", async () => {
  expect(await put([description({ tenant: "acme" }), chunk()])).toMatchObject({ known: false, sha256 });
  const waiting = async function* () {
    yield description({ tenant: "acme" });
    await new Promise(() => {}); // Sends nothing more, and does not end.
  };
  expect(await put(waiting())).toMatchObject({ known: true, sha256 });
  expect(await put([description(), chunk()])).toMatchObject({ known: false });
  const acme = scopedStore(gateway.platform.store, "acme");
  expect(await readBytes(acme, sourceKey(sha256))).toEqual(bytes);
});

it("does not treat a file as known if its stored bytes are damaged, and accepts it again", async () => {
  const rotten = scopedStore(gateway.platform.store, "rotten");
  await rotten.put(sourceKey(sha256), Buffer.from("rotten!"));
  const about = description({ tenant: "rotten" });
  expect(await put([about, chunk()])).toMatchObject({ known: false });
  expect(await readBytes(rotten, sourceKey(sha256))).toEqual(bytes);
  expect(await put([about])).toMatchObject({ known: true });
  await writeFile((await rotten.files.open(sourceKey(sha256))).path, "rotten!");
  expect(await put([about, chunk()])).toMatchObject({ known: false });
  expect(await readBytes(rotten, sourceKey(sha256))).toEqual(bytes);
  const wrong = put([description({ tenant: "rotten", sizeBytes: 8n })]);
  await expect(wrong).rejects.toThrow(/7 bytes, not the 8 announced/);
});

it("lets the gateway close at once when a client was answered and sends nothing more", async () => {
  // Longer than this test may take.
  const other = await runGateway({ graceSeconds: 600 });
  try {
    const to = createClient(SourceService, createGrpcTransport({ baseUrl: other.url }));
    expect(await to.putSource(messages([description(), chunk()]))).toMatchObject({ known: false });
    const waiting = async function* () {
      yield description();
      await new Promise(() => {});
    };
    expect(await to.putSource(waiting())).toMatchObject({ known: true, sha256 });
    await other.closeGateway();
  } finally {
    await other.close();
  }
});
