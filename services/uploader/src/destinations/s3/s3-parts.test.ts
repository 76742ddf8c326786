import { randomBytes } from "node:crypto";
import { PolyreelError } from "@polyreel/platform";
import { type Fault, NEEDS_SEAWEED, refusal, useSeaweed } from "@polyreel/platform/testing";
import { describe, expect, it } from "vitest";
import { pieceSource } from "../source.js";
import { chunksOf, never, outputOf, PART_BYTES, place, useBucket } from "./testing/use-bucket.js";

const seaweed = useSeaweed();

describe("an output of several parts on S3", NEEDS_SEAWEED, () => {
  const ads = useBucket(seaweed);
  /** Methods of the requests sent by `work`. */
  const requestsOf = async (work: () => Promise<unknown>) => {
    const before = seaweed.proxy.requests.length;
    await work();
    return seaweed.proxy.requests.slice(before).map(({ method }) => method);
  };

  const bytes = randomBytes(PART_BYTES * 2 + 100_000);

  it("is written once, and leaves no upload", async () => {
    const destination = ads.open();
    await destination.put(outputOf(bytes), place(), never);
    expect((await ads.bucket.read("sale/a.mp4")).equals(bytes)).toBe(true);
    await destination.put(outputOf(bytes), place({ attempt: 2 }), never);
    expect((await ads.bucket.versions()).written.filter((key) => !key.includes(".polyreel"))).toEqual(["sale/a.mp4"]);
    expect([await ads.bucket.keys(), await ads.bucket.uploads()]).toEqual([["sale/a.mp4"], []]);
  });

  it("is written even if its content is known only after reading it", async () => {
    const destination = ads.open();
    const source = pieceSource(() => chunksOf(bytes));
    await destination.put(source, place(), never);
    expect((await ads.bucket.read("sale/a.mp4")).equals(bytes)).toBe(true);
    expect(await requestsOf(() => destination.put(source, place(), never))).toEqual(["HEAD", "HEAD"]);
  });

  it("is not written over a foreign object that appears meanwhile", async () => {
    const destination = ads.open();
    seaweed.proxy.faultOf = ({ method, path }) => {
      if (method === "PUT" && path.includes("partNumber=1")) void ads.bucket.write("sale/a.mp4", "precious");
      return undefined;
    };
    await expect(destination.put(outputOf(bytes), place(), never)).rejects.toMatchObject({ code: "conflict" });
    expect((await ads.bucket.read("sale/a.mp4")).toString()).toBe("precious");
    expect([await ads.bucket.keys(), await ads.bucket.uploads()]).toEqual([["sale/a.mp4"], []]);
  });

  it("has at most two parts in memory", async () => {
    let readBytes = 0;
    const large = Buffer.alloc(PART_BYTES * 6);
    async function* counted() {
      for (const chunk of chunksOf(large)) {
        readBytes += chunk.length;
        yield chunk;
      }
    }
    const source = { ...outputOf(large), read: counted };
    const cancel = new AbortController();
    let hanging = 0;
    seaweed.proxy.faultOf = ({ path }) => {
      if (!path.includes("partNumber=")) return undefined;
      hanging++;
      return "hang";
    };
    const putting = ads.open().put(source, place(), { signal: cancel.signal });
    await expect.poll(() => hanging).toBe(2);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(readBytes).toBeLessThanOrEqual(PART_BYTES * 2 + (1 << 20));
    cancel.abort();
    await expect(putting).rejects.toMatchObject({ name: "AbortError" });
  });

  it("replaces its owner's earlier object", async () => {
    const destination = ads.open();
    await destination.put(outputOf(Buffer.from("old")), place({ batchId: "b0" }), never);
    await destination.put(outputOf(bytes), place(), never);
    expect((await ads.bucket.read("sale/a.mp4")).equals(bytes)).toBe(true);
  });

  it.each<[string, Fault]>([
    ["lost", "lost"],
    ["an error by 200", refusal("200 OK", "InternalError")],
  ])("is written once if the response to the last request is %s", async (_, fault) => {
    seaweed.failFirst("POST", fault, "uploadId=");
    await ads.open().put(outputOf(bytes), place(), never);
    expect((await ads.bucket.read("sale/a.mp4")).equals(bytes)).toBe(true);
    expect((await ads.bucket.versions()).written.filter((key) => !key.includes(".polyreel"))).toEqual(["sale/a.mp4"]);
    expect(await ads.bucket.uploads()).toEqual([]);
  });

  it("leaves an upload whose beginning was repeated to the end of its batch", async () => {
    const destination = ads.open();
    seaweed.failFirst("POST", "lost", "uploads=");
    await destination.put(outputOf(bytes), place(), never);
    expect(await ads.bucket.uploads()).toEqual(["sale/a.mp4"]);
    await destination.removeLeftovers({ batchId: "b1", folder: "sale" });
    expect([await ads.bucket.keys(), await ads.bucket.uploads()]).toEqual([["sale/a.mp4"], []]);
  });

  it("leaves nothing behind when it is cancelled or its batch deleted before the end", async () => {
    const destination = ads.open();
    const cancel = new AbortController();
    seaweed.proxy.faultOf = ({ path }) => {
      if (path.includes("partNumber=2")) setTimeout(() => cancel.abort(), 20);
      return path.includes("partNumber=2") ? "hang" : undefined;
    };
    const putting = destination.put(outputOf(bytes), place({ fileName: "de/a.mp4" }), { signal: cancel.signal });
    await expect(putting).rejects.toMatchObject({ name: "AbortError" });
    seaweed.proxy.faultOf = () => undefined;
    let passes = 0;
    const fence = async () => {
      if (++passes > 1) throw new PolyreelError("not_found", "deleted");
    };
    await expect(destination.put(outputOf(bytes), place(), { ...never, fence })).rejects.toThrow("deleted");
    await destination.removeEmptySubfolders("sale");
    expect([await ads.bucket.keys(), await ads.bucket.uploads()]).toEqual([[], []]);
  });

  it("is cleaned up after its process died, when its batch has ended, and uploads of others are not", async () => {
    const destination = ads.open();
    const dying = ads.open();
    seaweed.proxy.faultOf = ({ path }) => (path.includes("partNumber=") ? "hang" : undefined);
    void dying.put(outputOf(bytes), place({ fileName: "de/a.mp4" }), never).catch(() => {});
    void dying.put(outputOf(bytes), place({ batchId: "b2", fileName: "b.mp4" }), never).catch(() => {});
    await expect.poll(() => ads.bucket.uploads()).toHaveLength(2);
    await destination.removeLeftovers({ batchId: "b1", folder: "sale" });
    expect(await ads.bucket.uploads()).toEqual(["sale/b.mp4"]);
    await destination.removeLeftovers({ batchId: "b2", folder: "sale" });
    expect(await ads.bucket.uploads()).toEqual([]);
  });
});
