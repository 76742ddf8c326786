import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { BatchService, LinkService, OutputsFormat } from "@polyreel/contract";
import { PartStore } from "@polyreel/parts";
import { PolyreelError } from "@polyreel/platform";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { Outputs } from "../outputs/outputs.js";
import { type ServedOutput, serveOutput } from "../outputs/testing/served-output.js";
import { type RunningGateway, runGateway } from "../testing/running-gateway.js";

const run = promisify(execFile);

let gateway: RunningGateway;
let folder: string;
let one: ServedOutput;
let two: ServedOutput;
let url: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-downloads-"));
  gateway = await runGateway();
  one = await serveOutput(gateway, "one", { lengths: [9, 1], delivered: true });
  two = await serveOutput(gateway, "two", { lengths: [5], ordinal: 1, delivered: true });
  await serveOutput(gateway, "three", { lengths: [3], ordinal: 2 }); // Not delivered.
  url = `${gateway.url}/batches/${one.batchId}`;
}, 60_000);
afterAll(async () => {
  await gateway.close();
  await rm(folder, { recursive: true });
});
afterEach(() => vi.restoreAllMocks());

/** Names, sizes and checksums by Python, whose module compares each file with its CRC-32. */
async function listed(archive: Uint8Array): Promise<unknown> {
  const path = join(folder, "a.zip");
  await writeFile(path, archive);
  const script = `
import hashlib, json, sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None
print(json.dumps({i.filename: hashlib.sha256(z.read(i)).hexdigest() for i in z.infolist()}))
`;
  return JSON.parse((await run("python3", ["-c", script, path])).stdout);
}

const bytesOf = async (answer: Response) => new Uint8Array(await answer.arrayBuffer());

const sha256 = async (bytes: Uint8Array) =>
  Buffer.from(await crypto.subtle.digest("SHA-256", new Uint8Array(bytes))).toString("hex");

const publishEnd = () =>
  gateway.platform.publisher.publish("batch.finished", { batchId: one.batchId, delivered: 2n }, { id: "end" });

describe("outputs.zip", () => {
  it("has the delivered outputs, byte for byte, under their names", async () => {
    const answer = await fetch(`${url}/outputs.zip`);
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "content-type": "application/zip",
      "content-disposition": 'attachment; filename="bserved.zip"',
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
    });
    expect(answer.headers.get("content-length")).toBeNull(); // More may be delivered.
    expect(await listed(await bytesOf(answer))).toEqual({
      [one.fileName]: await sha256(one.file),
      [two.fileName]: await sha256(two.file),
    });
  });

  it.each([
    ["state=failed", 400, "Outputs in this state have no files."],
    ["state=awaiting", 404, "No outputs of the batch match."],
    ["output=poster", 400, 'The batch has no output "poster".'],
    ["choice=hook", 400, "It does not name a block and a label."],
    ["links=true", 400, "An archive has files, and no links."],
    ["x=1", 400, "There is no such parameter."],
  ])("refuses ?%s", async (query, status, reason) => {
    const answer = await fetch(`${url}/outputs.zip?${query}`);
    expect(answer.headers.get("content-type")).toContain("application/problem+json");
    expect(await answer.json()).toMatchObject({ status, failure: { reason } });
  });

  it("is refused for a batch that does not exist, or belongs to another tenant", async () => {
    expect((await fetch(`${gateway.url}/batches/b0/outputs.zip`)).status).toBe(404);
    expect((await fetch(`${url}/outputs.zip`, { headers: { "polyreel-tenant": "globex" } })).status).toBe(404);
  });

  it("is reached by a link that permits only its selection", async () => {
    const links = createClient(LinkService, createGrpcTransport({ baseUrl: gateway.url }));
    const choices = [{ block: "hook", choice: "friday" }];
    const value = { batchId: one.batchId, choices, outputs: ["video"] };
    const made = await links.createLink({ target: { case: "outputs", value } });
    expect(made.url).toContain("/outputs.zip?choice=hook%3Dfriday&output=video&key=");
    expect(Object.keys((await listed(await bytesOf(await fetch(made.url)))) as object)).toHaveLength(2);
    expect((await fetch(made.url.replace("choice=hook%3Dfriday&", ""))).status).toBe(403);
  });

  it("is not begun if its first output is missing, and cut if another one is", async () => {
    const find = Outputs.prototype.find;
    const without = (id: string) =>
      vi.spyOn(Outputs.prototype, "find").mockImplementation(function (this: Outputs, batchId, combinationId, ...rest) {
        if (combinationId !== id) return find.call(this, batchId, combinationId, ...rest);
        return Promise.reject(new PolyreelError("unavailable", "A part is gone."));
      });
    without("one");
    const refused = await fetch(`${url}/outputs.zip`);
    expect([refused.status, await refused.json()]).toMatchObject([503, { detail: "A part is gone." }]);
    vi.restoreAllMocks();
    without("two");
    const answer = await fetch(`${url}/outputs.zip`);
    expect(answer.status).toBe(200);
    await expect(answer.arrayBuffer()).rejects.toThrow();
  });

  it("is not read further after its client has left", async () => {
    const reads = vi.spyOn(PartStore.prototype, "read");
    const request = http.get(`${url}/outputs.zip`, { agent: false });
    const [response] = (await once(request, "response")) as [http.IncomingMessage];
    response.destroy();
    await new Promise((resolve) => setTimeout(resolve, 300));
    const count = reads.mock.calls.length;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(reads.mock.calls.length).toBe(count);
  });

  it("has a length once the batch has ended, for HEAD too", async () => {
    await publishEnd();
    const client = createClient(BatchService, createGrpcTransport({ baseUrl: gateway.url }));
    await expect.poll(async () => (await client.getBatch({ batchId: one.batchId })).batch?.finishedAt).toBeDefined();
    const answer = await fetch(`${url}/outputs.zip`);
    const bytes = await bytesOf(answer);
    expect(answer.headers.get("content-length")).toBe(String(bytes.length));
    const head = await fetch(`${url}/outputs.zip`, { method: "HEAD" });
    expect([head.status, head.headers.get("content-length")]).toEqual([200, String(bytes.length)]);
  });
});

describe("a manifest", () => {
  it("has a row for each output, and links on request, which end with the link to it", async () => {
    const links = createClient(LinkService, createGrpcTransport({ baseUrl: gateway.url }));
    const value = { batchId: one.batchId, format: OutputsFormat.MANIFEST_JSONL };
    const made = await links.createLink({ target: { case: "outputs", value }, lifetime: { seconds: 60n } });
    const answer = await fetch(made.url);
    expect(answer.headers.get("content-type")).toBe("application/x-ndjson");
    const rows = (await answer.text())
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(rows).toMatchObject([
      { id: "one", status: "delivered", choices: { hook: "friday" }, file: one.fileName, output: "video" },
      { id: "two", status: "delivered", file: two.fileName },
      { id: "three", status: "rendered" },
    ]);
    expect((await bytesOf(await fetch(rows[0].link))).length).toBe(one.file.length);
    const expiry = (link: string) => Number(new URL(link).searchParams.get("expires"));
    expect(expiry(rows[0].link)).toBeLessThanOrEqual(expiry(made.url));
    // Links are not added by whoever has a link without them.
    expect((await fetch(made.url.replace("jsonl?links=true&", "jsonl?"))).status).toBe(403);
  });

  it("is a table, too", async () => {
    const bytes = await bytesOf(await fetch(`${url}/manifest.csv?state=delivered&links=true`));
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
    const [header, ...lines] = text.trimEnd().split("\r\n");
    expect(header).toMatch(/^\uFEFFhook,file,poster,seconds,loudness,status,reason,changed,output,id,link$/);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(
      /^friday,.*,delivered,.*,one,http:\/\/127\.0\.0\.1:\d+\/outputs\/bserved\/one\/.*&signature=[\w-]{43}$/,
    );
    expect(await (await fetch(`${url}/manifest.csv`)).text()).not.toContain("signature");
  });
});
